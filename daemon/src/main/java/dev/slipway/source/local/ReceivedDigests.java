package dev.slipway.source.local;

import dev.slipway.fsutil.Stat;
import dev.slipway.oci.Digest;
import dev.slipway.ref.RefId;
import java.security.MessageDigest;
import java.util.Optional;

/// Takes over content digests that a synchronisation computed while the bytes passed through, so that no file is read again to be hashed.
/// Thread-safe.
public interface ReceivedDigests {
  /// A SHA-256 that has already taken in the header of such a regular file (surface reference 5.6) and waits for its bytes.
  MessageDigest begin(Stat file);

  /// Starts telling what a synchronised tree holds. Nothing is remembered unless the telling is finished.
  Telling tell(RefId tree);

  /// The entries of one tree, in the protocol's order. Confined to one thread.
  interface Telling {
    /// @param digest of header and bytes of a regular file; empty where it is not known, and for everything that is no regular file
    void entry(Stat stat, Optional<Digest> digest);

    void finish();
  }

  /// Remembers nothing; the hasher then reads the files itself.
  static ReceivedDigests none() {
    return new ReceivedDigests() {
      @Override
      public MessageDigest begin(Stat file) {
        return Digest.newSha256();
      }

      @Override
      public Telling tell(RefId tree) {
        return new Telling() {
          @Override
          public void entry(Stat stat, Optional<Digest> digest) {
            // Nobody wants to know.
          }

          @Override
          public void finish() {
            // Nobody wants to know.
          }
        };
      }
    };
  }
}
