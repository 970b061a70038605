package dev.slipway.client.layout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.failure.InvalidRequest;
import dev.slipway.oci.Digest;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LayoutReferenceTest {
  private static final Digest DIGEST = Digest.ofText("image");

  @Test
  void withoutTagOrDigestItIsLatest() {
    assertThat(LayoutReference.parse("oci-layout:///images/busybox"))
        .isEqualTo(reference("/images/busybox", Optional.of("latest"), Optional.empty()));
  }

  @Test
  void tagAndDigestEachStandBehindThePath() {
    assertThat(LayoutReference.parse("oci-layout://images:1.36"))
        .isEqualTo(reference("images", Optional.of("1.36"), Optional.empty()));
    assertThat(LayoutReference.parse("oci-layout://images@" + DIGEST))
        .isEqualTo(reference("images", Optional.empty(), Optional.of(DIGEST)));
    assertThat(LayoutReference.parse("oci-layout://images:1.36@" + DIGEST))
        .isEqualTo(reference("images", Optional.of("1.36"), Optional.of(DIGEST)));
  }

  @Test
  void colonsAndSignsInsideThePathBelongToIt() {
    assertThat(LayoutReference.parse("oci-layout:///a:b/c@d/layout"))
        .isEqualTo(reference("/a:b/c@d/layout", Optional.of("latest"), Optional.empty()));
  }

  @Test
  void theDaemonIsToldTheStoreInPlaceOfThePath() {
    assertThat(LayoutReference.parse("oci-layout:///images:1").in("store", DIGEST))
        .isEqualTo("oci-layout://store:1@" + DIGEST);
    assertThat(LayoutReference.parse("oci-layout:///images@" + DIGEST).in("store", DIGEST))
        .isEqualTo("oci-layout://store@" + DIGEST);
  }

  @Test
  void refusesWhatNamesNoDirectoryOrAnUnknownDigest() {
    assertThatThrownBy(() -> LayoutReference.parse("oci-layout://"))
        .isInstanceOf(InvalidRequest.class)
        .hasMessageContaining("names no directory");
    assertThatThrownBy(() -> LayoutReference.parse("oci-layout://a@md5:" + "0".repeat(32)))
        .isInstanceOf(InvalidRequest.class)
        .hasMessageContaining("md5");
  }

  private static LayoutReference reference(
      String directory, Optional<String> tag, Optional<Digest> digest) {
    return new LayoutReference(Path.of(directory), tag, digest);
  }
}
