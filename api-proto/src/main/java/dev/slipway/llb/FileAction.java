package dev.slipway.llb;

import com.google.protobuf.ByteString;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/// One change of a [FileOp]. Paths are absolute in the tree that is changed, unless the definition
/// was made by hand.
///
/// Timestamps are nanoseconds since the epoch; empty keeps (copy) or takes the time of the build.
public sealed interface FileAction {
  Place at();

  /// Which trees an action works on: an index below the number of the vertex' inputs is that input,
  /// one above is the result of an earlier action. Empty is an empty tree.
  ///
  /// @param output number of the vertex' output that the result becomes; empty if it is only for
  ///   later actions
  record Place(OptionalInt input, OptionalInt secondaryInput, OptionalInt output) {}

  /// Copies from the secondary input on top of the input.
  ///
  /// @param destination a trailing slash or `/.` counts
  /// @param mode permission bits; empty keeps them
  record Copy(
      Place at,
      String source,
      String destination,
      Optional<Chown> owner,
      OptionalInt mode,
      String modeText,
      CopyOptions options,
      OptionalLong timestamp,
      List<String> includePatterns,
      List<String> excludePatterns,
      List<String> requiredPaths)
      implements FileAction {
    public Copy {
      includePatterns = List.copyOf(includePatterns);
      excludePatterns = List.copyOf(excludePatterns);
      requiredPaths = List.copyOf(requiredPaths);
    }
  }

  /// @param attemptUnpack unpack the source when it is an archive
  record CopyOptions(
      boolean followSymlink,
      boolean dirCopyContents,
      boolean attemptUnpack,
      boolean createDestPath,
      boolean allowWildcard,
      boolean allowEmptyWildcard,
      boolean alwaysReplaceExistingDestPaths) {
    public static final CopyOptions NONE =
        new CopyOptions(false, false, false, false, false, false, false);
  }

  record Mkfile(
      Place at,
      String path,
      int mode,
      ByteString data,
      Optional<Chown> owner,
      OptionalLong timestamp)
      implements FileAction {}

  record Mkdir(
      Place at,
      String path,
      int mode,
      boolean makeParents,
      Optional<Chown> owner,
      OptionalLong timestamp)
      implements FileAction {}

  record Rm(Place at, String path, boolean allowNotFound, boolean allowWildcard)
      implements FileAction {}

  /// @param target what the link says
  /// @param path where it is made
  record Symlink(
      Place at, String target, String path, Optional<Chown> owner, OptionalLong timestamp)
      implements FileAction {}

  /// A part that is missing is left as it is.
  record Chown(Optional<Owner> user, Optional<Owner> group) {}

  sealed interface Owner {
    /// @param input tree whose passwd or group file knows the name
    record ByName(String name, OptionalInt input) implements Owner {}

    /// @param id 0 to 4294967295
    record ById(long id) implements Owner {}
  }
}
