package dev.slipway.source.git;

import java.util.Optional;

/// What a ref of a remote points at.
///
/// @param ref full name; the commit itself where the build named a commit
/// @param object commit, or the tag object of an annotated tag
/// @param commit that an annotated tag points at
record ResolvedCommit(String ref, String object, Optional<String> commit) {
  ResolvedCommit withoutCommit() {
    return new ResolvedCommit(ref, object, Optional.empty());
  }

  /// Whether it is what that checksum, or its beginning, means.
  boolean fits(String checksum) {
    return object.startsWith(checksum)
        || commit.filter(each -> each.startsWith(checksum)).isPresent();
  }

  /// What the key is made of: the commit where the tag object is not kept anyway, for more matches.
  String forKey() {
    return commit.orElse(object);
  }
}
