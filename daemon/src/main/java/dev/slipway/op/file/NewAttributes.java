package dev.slipway.op.file;

import dev.slipway.kernel.FileAttributes;
import dev.slipway.kernel.Kernel;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;

/// What an action wants its entries' attributes to be, where it wants anything.
///
/// @param owner absent: entries that are made belong to root, entries that are copied keep theirs
/// @param mode absent: what is made has its action's mode, what is copied keeps its own
/// @param time modification time in nanoseconds since the epoch; absent: now for what is made, its
///   own for what is copied
record NewAttributes(Optional<Owner> owner, Optional<ModeChange> mode, OptionalLong time) {
  record Owner(int uid, int gid) {}

  /// Sets owner and time of an entry that was made.
  void applyToMade(Kernel kernel, Path path) {
    owner.ifPresent(who -> kernel.setOwner(path, who.uid(), who.gid()));
    time.ifPresent(nanos -> kernel.setModifiedTime(path, nanos));
  }

  /// Sets owner, mode and time of an entry that was copied.
  void applyToCopied(Kernel kernel, FileAttributes source, Path path) {
    Owner who = owner.orElseGet(() -> new Owner(source.uid(), source.gid()));
    kernel.setOwner(path, who.uid(), who.gid());
    if (!source.isSymlink()) {
      int bits =
          mode.map(change -> change.apply(source.mode(), source.isDirectory()))
              .orElse(source.mode());
      kernel.setMode(path, bits);
    }
    applyTime(kernel, source, path);
  }

  void applyTime(Kernel kernel, FileAttributes source, Path path) {
    kernel.setModifiedTime(path, time.orElse(source.modifiedNanos()));
  }
}
