package dev.slipway.remotecache.gha;

import dev.slipway.oci.Digest;
import dev.slipway.remotecache.object.Parts;
import java.io.InputStream;
import java.net.URI;
import java.util.Optional;

/// The cache service of GitHub Actions. Entries never change. Thread-safe.
sealed interface CacheService permits CacheServiceV1, CacheServiceV2 {
  /// Tells our entries from those of other users of the service, in place of the paths that
  /// `actions/cache` puts there; the same text as BuildKit's.
  String VERSION = Digest.ofText("|go-actionscache-1.0").hex();

  /// An entry that can be read.
  ///
  /// @param url where its bytes are, for a while
  record Entry(String key, URI url) {}

  /// An entry to be written.
  ///
  /// @param id by which it is finished
  /// @param place where its bytes go
  record Reservation(String id, String place) {}

  /// The newest entry whose key starts with that, in any of the token's scopes.
  Optional<Entry> find(String key);

  /// @throws dev.slipway.failure.AlreadyExists the key is taken
  Reservation reserve(String key);

  void upload(Reservation reservation, Parts parts);

  /// Makes the entry visible.
  void commit(Reservation reservation, long bytes);

  /// The entry's bytes from there on. Caller closes.
  InputStream open(Entry entry, long offset);
}
