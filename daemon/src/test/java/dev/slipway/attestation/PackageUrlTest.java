package dev.slipway.attestation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.oci.ImageReference;
import dev.slipway.oci.Platform;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.SequencedMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PackageUrlTest {
  @ParameterizedTest
  @CsvSource({
    "busybox, pkg:docker/busybox@latest?platform=linux%2Famd64",
    "docker.io/library/busybox:1.36, pkg:docker/busybox@1.36?platform=linux%2Famd64",
    "docker/dockerfile:1, pkg:docker/docker/dockerfile@1?platform=linux%2Famd64",
    "localhost:5000/a/b:c, pkg:docker/localhost%3A5000/a/b@c?platform=linux%2Famd64",
  })
  void namesAnImage(String reference, String url) {
    assertThat(
            PackageUrl.of(
                "docker", ImageReference.parse(reference), Optional.of(Platform.LINUX_AMD64)))
        .isEqualTo(url);
  }

  @Test
  void escapesQualifiersAsPartsOfAPath() {
    SequencedMap<String, String> more = new LinkedHashMap<>();
    more.put("vcs_url", "git@host:a/b.git?x=1&y#main");

    assertThat(PackageUrl.of("oci", ImageReference.parse("a/b"), more))
        .isEqualTo("pkg:oci/a/b@latest?vcs_url=git@host:a%2Fb.git%3Fx=1&y%23main");
  }

  @ParameterizedTest
  @CsvSource({
    "a/b@sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a,"
        + " pkg:oci/a/b?digest=sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
  })
  void namesADigest(String reference, String url) {
    assertThat(PackageUrl.of("oci", ImageReference.parse(reference), Optional.empty()))
        .isEqualTo(url);
  }
}
