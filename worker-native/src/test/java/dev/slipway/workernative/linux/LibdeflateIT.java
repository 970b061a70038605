package dev.slipway.workernative.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.failure.InvalidRequest;
import dev.slipway.kernel.Deflate;
import dev.slipway.layer.testing.DeflateContract;
import org.junit.jupiter.api.Test;

class LibdeflateIT extends DeflateContract {
  @Override
  protected Deflate open() {
    return Libdeflate.find()
        .orElseThrow(
            () -> new AssertionError("this test needs the Debian package libdeflate0 installed"));
  }

  @Test
  void theKernelOffersIt() {
    assertThat(new LinuxKernel().deflate())
        .hasValueSatisfying(found -> assertThat(found.name()).isEqualTo("libdeflate"));
  }

  @Test
  void levelsBeyondThoseOfGzipAreRefused() {
    assertThatThrownBy(() -> open().deflate(new byte[1], 1, 10)).isInstanceOf(InvalidRequest.class);
  }
}
