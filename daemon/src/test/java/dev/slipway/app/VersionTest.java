package dev.slipway.app;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class VersionTest {
  @Test
  void serversThatKnowBuildKitKnowThisProgram() {
    assertThat(Version.userAgent()).startsWith("buildkit/v").contains(" slipway/");
  }
}
