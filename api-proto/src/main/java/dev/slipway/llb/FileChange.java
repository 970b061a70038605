package dev.slipway.llb;

import com.google.protobuf.ByteString;
import dev.slipway.llb.FileAction.Chown;
import dev.slipway.llb.FileAction.CopyOptions;
import dev.slipway.llb.FileAction.Owner;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/// One change for [State#file(List, Constraints)]; each works on the result of the one before.
/// Paths are made absolute.
///
/// Names of owners are looked up in the state that is changed.
public sealed interface FileChange {
  record Copy(
      State from,
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
      implements FileChange {
    public Copy {
      includePatterns = List.copyOf(includePatterns);
      excludePatterns = List.copyOf(excludePatterns);
      requiredPaths = List.copyOf(requiredPaths);
    }

    public static Copy of(State from, String source, String destination, CopyOptions options) {
      return new Copy(
          from,
          source,
          destination,
          Optional.empty(),
          OptionalInt.empty(),
          "",
          options,
          OptionalLong.empty(),
          List.of(),
          List.of(),
          List.of());
    }
  }

  record Mkfile(
      String path, int mode, ByteString data, Optional<Chown> owner, OptionalLong timestamp)
      implements FileChange {}

  record Mkdir(
      String path, int mode, boolean makeParents, Optional<Chown> owner, OptionalLong timestamp)
      implements FileChange {}

  record Rm(String path, boolean allowNotFound, boolean allowWildcard) implements FileChange {}

  record Symlink(String target, String path, Optional<Chown> owner, OptionalLong timestamp)
      implements FileChange {}

  /// Reads `user`, `user:group`, each a number, a name or `root`.
  static Chown parseOwner(String text) {
    int colon = text.indexOf(':');
    String user = colon < 0 ? text : text.substring(0, colon);
    return new Chown(
        Optional.of(owner(user)),
        colon < 0 ? Optional.empty() : Optional.of(owner(text.substring(colon + 1))));
  }

  private static Owner owner(String text) {
    if (text.equals("root")) {
      return new Owner.ById(0);
    }
    try {
      return new Owner.ById(Integer.toUnsignedLong(Integer.parseInt(text)));
    } catch (NumberFormatException _) {
      return text.isEmpty() ? new Owner.ById(0) : new Owner.ByName(text, OptionalInt.empty());
    }
  }
}
