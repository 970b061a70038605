package dev.slipway.layer;

import com.github.luben.zstd.Zstd;
import dev.slipway.failure.BuildFailure;
import dev.slipway.hostile.Fence;
import dev.slipway.layer.testing.UnprivilegedKernel;
import dev.slipway.oci.MediaType;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;

/// A layer as a registry may send it: the first byte says how the rest is packed, so that a fuzzer
/// gets behind the checksums.
public final class LayerFuzz {
  private static final Fence FENCE = Fence.put("layer");

  private LayerFuzz() {}

  public static void fuzzerTestOneInput(byte[] input) {
    if (input.length == 0) {
      return;
    }
    byte[] rest = Arrays.copyOfRange(input, 1, input.length);
    byte[] blob =
        switch (input[0]) {
          case 'g' -> gzip(rest);
          case 'z' -> Zstd.compress(rest);
          default -> rest;
        };
    LayerApplier applier = new LayerApplier(new UnprivilegedKernel());
    try {
      Applier.Unpacked unpacked =
          applier.apply(new ByteArrayInputStream(blob), MediaType.OCI_LAYER_GZIP, FENCE.inside());
      applier.inherit(FENCE.inside(), unpacked.implied(), List.of());
    } catch (BuildFailure refused) {
      // The answer to most of them.
    } finally {
      FENCE.check();
    }
  }

  private static byte[] gzip(byte[] plain) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream packed = new GZIPOutputStream(bytes)) {
      packed.write(plain);
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
    return bytes.toByteArray();
  }
}
