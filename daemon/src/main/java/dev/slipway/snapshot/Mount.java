package dev.slipway.snapshot;

import java.nio.file.Path;
import java.util.List;

/// How to mount something, as plain values.
public sealed interface Mount {
  /// A directory or file of the host, seen elsewhere.
  record Bind(Path source, boolean readOnly) implements Mount {}

  /// An overlay of layer directories.
  ///
  /// @param lower base layer *last*, as overlayfs wants; at least one
  /// @param upper where changes go, with its work directory on the same file system; absent for
  ///   read-only
  record Overlay(List<Path> lower, java.util.Optional<Upper> upper) implements Mount {
    public Overlay {
      lower = List.copyOf(lower);
    }
  }

  record Upper(Path directory, Path work) {}

  /// Memory-backed.
  ///
  /// @param bytes limit, 0 for the kernel's default
  /// @param mode permission bits of its root
  record Tmpfs(long bytes, int mode, boolean readOnly) implements Mount {}

  default boolean readOnly() {
    return switch (this) {
      case Bind bind -> bind.readOnly();
      case Overlay overlay -> overlay.upper().isEmpty();
      case Tmpfs tmpfs -> tmpfs.readOnly();
    };
  }
}
