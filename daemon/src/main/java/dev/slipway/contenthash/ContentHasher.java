package dev.slipway.contenthash;

import dev.slipway.oci.Digest;
import dev.slipway.ref.FetchContext;
import dev.slipway.ref.ImmutableRef;
import java.util.List;

/// Computes content digests of parts of refs. What was hashed of a ref once is remembered with it.
/// Blocking; thread-safe.
public interface ContentHasher {
  /// The digest of several selected parts: of one, that part's own digest; of more, the textual
  /// digests joined by NUL and hashed; of none, the whole tree's.
  ///
  /// @throws dev.slipway.failure.NotFound a selected path without wildcard is not there
  Digest digest(ImmutableRef ref, List<Selection> selections, FetchContext context);

  /// @param path absolute in the tree
  /// @param followLinks resolve a link in the last component
  /// @param wildcard `*?[` in the path select
  /// @param include patterns, empty: all
  /// @param required patterns of which each must match something
  record Selection(
      String path,
      boolean followLinks,
      boolean wildcard,
      List<String> include,
      List<String> exclude,
      List<String> required) {
    public static Selection path(String path, boolean followLinks) {
      return new Selection(path, followLinks, false, List.of(), List.of(), List.of());
    }
  }
}
