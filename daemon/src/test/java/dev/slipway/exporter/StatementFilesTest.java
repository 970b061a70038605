package dev.slipway.exporter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.attestation.Attestation;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.fsutil.FileTree;
import dev.slipway.fsutil.Stat;
import dev.slipway.oci.Digest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

final class StatementFilesTest {
  private static final String PLATFORM = "linux/arm/v7";

  @Test
  void aStatementIsAboutEveryRegularFile() throws IOException {
    ResultTree tree = beside(new StatementFiles("", false, Instant.EPOCH), attestation(false));

    assertThat(paths(tree)).containsExactly("a", "claim.json", "z");
    try (InputStream in = tree.files().open("claim.json")) {
      assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8))
          .contains("\"name\": \"a\"")
          .contains("\"sha256\": \"" + Digest.ofText("content of a").hex() + "\"")
          .contains("\"name\": \"z\"");
    }
  }

  @Test
  void namesTellThePlatformWhereTheyMust() {
    ResultTree tree = beside(new StatementFiles("x-", true, Instant.EPOCH), attestation(false));

    assertThat(paths(tree)).contains("x-claim.linux_arm_v7.json");
  }

  @Test
  void whatIsForStoredImagesOnlyIsNoFile() {
    ResultTree tree = beside(new StatementFiles("", false, Instant.EPOCH), attestation(true));

    assertThat(paths(tree)).containsExactly("a", "z");
  }

  @Test
  void twoOfTheSameNameAreRefused() {
    StatementFiles files = new StatementFiles("", false, Instant.EPOCH);

    assertThatThrownBy(() -> beside(files, attestation(false), attestation(false)))
        .isInstanceOf(InvalidRequest.class)
        .hasMessage("duplicate attestation path name claim.json");
  }

  private static ResultTree beside(StatementFiles files, Attestation... attestations) {
    ResultTree tree =
        new ResultTree(PLATFORM, new TwoFiles(), OptionalLong.empty(), Optional.empty());
    return files.beside(List.of(tree), Map.of(PLATFORM, List.of(attestations))).getFirst();
  }

  private static List<String> paths(ResultTree tree) {
    List<String> paths = new ArrayList<>();
    tree.files().walk(stat -> paths.add(stat.path()));
    return paths;
  }

  private static Attestation attestation(boolean inlineOnly) {
    return new Attestation(
        "in/claim.json",
        "https://example.com",
        inlineOnly,
        () -> "{}".getBytes(StandardCharsets.UTF_8),
        List.of());
  }

  /// `a` and `z`.
  private static final class TwoFiles implements FileTree {
    @Override
    public void walk(Visitor visitor) {
      for (String name : List.of("a", "z")) {
        visitor.visit(new Stat(name, 0644, 0, 0, 12, 0, "", 0, 0, Map.of()));
      }
    }

    @Override
    public InputStream open(String path) {
      return new ByteArrayInputStream(("content of " + path).getBytes(StandardCharsets.UTF_8));
    }
  }
}
