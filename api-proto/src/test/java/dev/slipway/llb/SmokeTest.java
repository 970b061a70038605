package dev.slipway.llb;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class SmokeTest {
    @Test
    void runsOnTheChosenJdk() {
        assertThat(Runtime.version().feature()).isEqualTo(25);
    }
}
