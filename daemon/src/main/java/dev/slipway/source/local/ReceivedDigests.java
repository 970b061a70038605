package dev.slipway.source.local;

import dev.slipway.fsutil.Stat;
import dev.slipway.oci.Digest;
import dev.slipway.ref.MutableRef;
import java.security.MessageDigest;
import java.util.Optional;

/// Takes over digests that a synchronisation computes while the bytes pass through, so that no file
/// is read again to be hashed. Thread-safe.
@FunctionalInterface
public interface ReceivedDigests {
  /// Starts telling about a kept tree; what was told of it in earlier synchronisations still
  /// stands.
  Receiving begin(MutableRef tree);

  /// One synchronisation's telling. Entries are told by several threads at once; all else by one.
  interface Receiving {
    /// A SHA-256 that has taken in the entry's header (surface reference 5.6) and waits for a
    /// regular file's bytes; for every other entry it is complete.
    MessageDigest start(Stat entry);

    /// The digest last told of the path.
    Optional<Digest> known(String path);

    /// Something other than a directory's attributes is about to change at the path: whatever was
    /// told of it, and of all below, is void from now on, even after a crash.
    void changing(String path);

    /// An entry is on disk as its digest says.
    void entry(Stat entry, Digest digest);

    /// The tree is as it was told. Without this, what was told still stands, but may be forgotten.
    void finish();
  }

  /// Nobody wants to know.
  static ReceivedDigests none() {
    return _ ->
        new Receiving() {
          @Override
          public MessageDigest start(Stat entry) {
            return Digest.newSha256();
          }

          @Override
          public Optional<Digest> known(String path) {
            return Optional.of(Digest.EMPTY);
          }

          @Override
          public void changing(String path) {
            // Nothing was remembered.
          }

          @Override
          public void entry(Stat entry, Digest digest) {
            // Nothing is remembered.
          }

          @Override
          public void finish() {
            // Nothing is remembered.
          }
        };
  }
}
