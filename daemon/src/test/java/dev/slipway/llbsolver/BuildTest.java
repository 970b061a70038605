package dev.slipway.llbsolver;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.llb.Definition;
import dev.slipway.llb.Input;
import dev.slipway.llb.OpMetadata;
import dev.slipway.llbsolver.BuildRequest.Policies;
import dev.slipway.oci.Digest;
import dev.slipway.provenance.FrontendCall;
import dev.slipway.provenance.Producer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class BuildTest {
  private static final Map<String, String> OPTIONS = Map.of("asked", "1");
  private static final FrontendCall SEED = new FrontendCall("dockerfile.v0", Map.of());
  private static final Definition MADE =
      new Definition(
          new LinkedHashMap<>(),
          Optional.of(new Input(Digest.ofBytes(new byte[1]), 0)),
          OpMetadata.NONE,
          Optional.empty());

  @Test
  void knowsWhatAClientAskedThatDrivesItselfAndWhoMadeWhatItGave() {
    try (Producers.Book book = new Producers().open()) {
      book.made("1", MADE, SEED, Optional::empty);

      assertThat(Build.drivenFor(request(Optional.empty(), OPTIONS, Map.of("in", MADE)), book))
          .contains(new FrontendCall("", OPTIONS, Map.of("in", new Producer(SEED, Map.of()))));
    }
  }

  @Test
  void takesNoRequestForOneThatSaysNothingOrNamesAFrontend() {
    try (Producers.Book book = new Producers().open()) {
      assertThat(Build.drivenFor(request(Optional.empty(), Map.of(), Map.of()), book)).isEmpty();
      assertThat(Build.drivenFor(request(Optional.of("f"), OPTIONS, Map.of()), book)).isEmpty();
    }
  }

  private static BuildRequest request(
      Optional<String> frontend, Map<String, String> options, Map<String, Definition> inputs) {
    return new BuildRequest(
        "ref",
        "",
        Optional.empty(),
        frontend,
        options,
        inputs,
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        false,
        Policies.NONE,
        0,
        false,
        false);
  }
}
