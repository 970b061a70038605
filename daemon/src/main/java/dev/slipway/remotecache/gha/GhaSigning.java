package dev.slipway.remotecache.gha;

import dev.slipway.failure.ProcessFailed;
import dev.slipway.failure.Unavailable;
import dev.slipway.failure.Unsupported;
import dev.slipway.oci.Digest;
import dev.slipway.progress.VertexProgress;
import dev.slipway.task.Interruption;
import dev.slipway.task.TaskScope;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/// What the operator wants to have signed (`[cache.gha]` of the configuration). Tables that are
/// signed are kept apart from others by their keys.
///
/// Signatures are made, by the operator's command; they cannot be verified here. So where
/// verification is required, nothing is imported.
///
/// @param command reads the table, writes its signature; empty: none is made
/// @param verification that tables are signed is required
public record GhaSigning(List<String> command, boolean verification) {
  /// Nothing is signed.
  public static final GhaSigning NONE = new GhaSigning(List.of(), false);

  private static final int MAX_SIGNATURE = 1 << 20;
  private static final int MAX_ERRORS = 4000;

  public GhaSigning {
    command = List.copyOf(command);
  }

  Ceremony during(VertexProgress progress) {
    return new Ceremony(progress);
  }

  /// Signing and verifying, as a build shows them.
  final class Ceremony {
    private final VertexProgress progress;

    private Ceremony(VertexProgress progress) {
      this.progress = progress;
    }

    boolean separates() {
      return !command.isEmpty() || verification;
    }

    /// @throws Unsupported verification is required
    void verify(byte[] table) {
      if (verification) {
        try (VertexProgress.Item _ =
            progress.start("verifying signature of cache index " + Digest.ofBytes(table))) {
          throw new Unsupported(
              "[cache.gha.verify] requires signatures, which this daemon cannot verify:"
                  + " the cache is not imported");
        }
      }
    }

    /// @return empty when none is wanted
    Optional<byte[]> sign(byte[] table) {
      if (command.isEmpty()) {
        return Optional.empty();
      }
      try (VertexProgress.Item _ = progress.start("signing cache index " + Digest.ofBytes(table))) {
        return Optional.of(run(table));
      }
    }
  }

  private byte[] run(byte[] table) {
    Process process = start();
    try (TaskScope scope = TaskScope.open("sign cache")) {
      TaskScope.Forked<byte[]> signature =
          scope.fork(() -> read(process.getInputStream(), MAX_SIGNATURE));
      TaskScope.Forked<byte[]> errors =
          scope.fork(() -> read(process.getErrorStream(), MAX_ERRORS));
      try (OutputStream in = process.getOutputStream()) {
        in.write(table);
      } catch (IOException closed) {
        // A command that does not read all of it says by its exit code whether that was right.
      }
      int exitCode = process.waitFor();
      if (exitCode != 0) {
        throw new ProcessFailed(
            "signing command failed: "
                + new String(errors.result(), StandardCharsets.UTF_8).strip(),
            exitCode);
      }
      return signature.result();
    } catch (InterruptedException interrupted) {
      throw Interruption.cancelled(interrupted);
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }

  private Process start() {
    try {
      return new ProcessBuilder(command).start();
    } catch (IOException missing) {
      throw new Unavailable("signing command failed: " + missing.getMessage(), missing);
    }
  }

  private static byte[] read(InputStream from, int most) throws IOException {
    byte[] kept = from.readNBytes(most);
    from.transferTo(OutputStream.nullOutputStream());
    return kept;
  }
}
