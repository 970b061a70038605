package dev.slipway.source.local;

import dev.slipway.contenthash.SyncedDigests;
import dev.slipway.contenthash.TreeHasher;
import dev.slipway.fsutil.Stat;
import dev.slipway.oci.Digest;
import dev.slipway.ref.RefId;
import java.security.MessageDigest;
import java.util.Optional;

/// Hands the digests of a synchronisation to the content hasher.
public record HashedDigests(TreeHasher hasher) implements ReceivedDigests {
  @Override
  public MessageDigest begin(Stat file) {
    return SyncedDigests.begin(file);
  }

  @Override
  public Telling tell(RefId tree) {
    SyncedDigests told = hasher.synced(tree);
    return new Telling() {
      @Override
      public void entry(Stat stat, Optional<Digest> digest) {
        told.entry(stat, digest);
      }

      @Override
      public void finish() {
        told.finish();
      }
    };
  }
}
