package dev.slipway.llbsolver;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.llb.Definition;
import dev.slipway.llb.Input;
import dev.slipway.llb.OpMetadata;
import dev.slipway.oci.Digest;
import dev.slipway.provenance.Capture;
import dev.slipway.provenance.FrontendCall;
import dev.slipway.provenance.Material;
import dev.slipway.provenance.Producer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class ProducersTest {
  private static final FrontendCall BASE =
      new FrontendCall("dockerfile.v0", Map.of("target", "base"));
  private static final FrontendCall OTHER =
      new FrontendCall("dockerfile.v0", Map.of("target", "other"));

  private final Producers producers = new Producers();

  @Test
  void tellsWhoMadeADefinitionToOtherBuildsToo() {
    try (Producers.Book one = producers.open();
        Producers.Book other = producers.open()) {
      one.made("1", definition("made"), BASE, Optional::empty);

      Map<String, Producer> found =
          other.of(Map.of("a", definition("made"), "b", definition("plain")));

      assertThat(found).containsOnly(Map.entry("a", new Producer(BASE, Map.of())));
    }
  }

  @Test
  void tellsNobodyForADefinitionThatDifferentRequestsMade() {
    try (Producers.Book book = producers.open()) {
      book.made("2", definition("made"), BASE, Optional::empty);
      book.made("3", definition("made"), OTHER, Optional::empty);

      assertThat(book.of(Map.of("a", definition("made")))).isEmpty();
    }
  }

  @Test
  void tellsWhoMadeADefinitionTwice() {
    try (Producers.Book book = producers.open()) {
      book.made("4", definition("made"), BASE, Optional::empty);
      book.made("5", definition("made"), BASE, Optional::empty);

      assertThat(book.of(Map.of("a", definition("made")))).containsOnlyKeys("a");
    }
  }

  @Test
  void tellsWhoMadeAResultAndNotWhoGaveItOn() {
    try (Producers.Book book = producers.open()) {
      book.made("result", definition("made"), BASE, Optional::empty);
      book.made("result", definition("made"), OTHER, Optional::empty);

      assertThat(book.of(Map.of("a", definition("made"))))
          .containsOnly(Map.entry("a", new Producer(BASE, Map.of())));
    }
  }

  @Test
  void forgetsWhatABuildMadeAtItsEndAndNothingElse() {
    Producers.Book ended = producers.open();
    try (Producers.Book book = producers.open()) {
      ended.made("6", definition("made"), BASE, Optional::empty);
      ended.made("7", definition("both"), BASE, Optional::empty);
      book.made("8", definition("both"), OTHER, Optional::empty);

      ended.close();
      ended.made("9", definition("late"), BASE, Optional::empty);

      assertThat(
              book.of(
                  Map.of(
                      "a", definition("made"), "b", definition("both"), "c", definition("late"))))
          .containsOnly(Map.entry("b", new Producer(OTHER, Map.of())));
    }
  }

  @Test
  void knowsNobodyForScratch() {
    try (Producers.Book book = producers.open()) {
      book.made("0", Definition.SCRATCH, BASE, Optional::empty);

      assertThat(book.of(Map.of("a", Definition.SCRATCH))).isEmpty();
    }
  }

  @Test
  void tellsWhatTheBuildContextWasFoundToBeOnceThatIsKnown() {
    String url = "https://example.com/a.git#main";
    Capture sources = new Capture();
    sources.material(new Material.Git(url, "f".repeat(40), Optional.empty()));
    FrontendCall call = new FrontendCall("dockerfile.v0", Map.of("context", url));
    try (Producers.Book book = producers.open()) {
      book.made("10", definition("made"), call, () -> Optional.of(sources));

      assertThat(book.of(Map.of("a", definition("made"))))
          .containsOnly(Map.entry("a", new Producer(call, Map.of("sha1", "f".repeat(40)))));
    }
  }

  private static Definition definition(String head) {
    return new Definition(
        new LinkedHashMap<>(),
        Optional.of(new Input(Digest.ofBytes(head.getBytes(StandardCharsets.UTF_8)), 0)),
        OpMetadata.NONE,
        Optional.empty());
  }
}
