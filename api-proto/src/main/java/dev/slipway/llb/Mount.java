package dev.slipway.llb;

import java.util.Optional;
import java.util.OptionalInt;

/// What an [ExecOp] sees at one path.
public sealed interface Mount {
  String ROOT = "/";

  Place at();

  default String destination() {
    return at().destination();
  }

  /// Index into the vertex' inputs; empty means an empty tree.
  default OptionalInt input() {
    return at().input();
  }

  /// Number of the output that the mount's content becomes; empty means it is not kept.
  default OptionalInt output() {
    return at().output();
  }

  default boolean readonly() {
    return at().readonly();
  }

  default boolean isRoot() {
    return destination().equals(ROOT);
  }

  /// The same mount of another input.
  default Mount withInput(OptionalInt input) {
    Place moved =
        new Place(
            input,
            at().selector(),
            at().destination(),
            at().output(),
            at().readonly(),
            at().contentCache(),
            at().resultId());
    return switch (this) {
      case Bind _ -> new Bind(moved);
      case Cache cache -> new Cache(moved, cache.options());
      case Secret secret -> new Secret(moved, secret.options());
      case Ssh ssh -> new Ssh(moved, ssh.options());
      case Tmpfs tmpfs -> new Tmpfs(moved, tmpfs.options());
    };
  }

  /// What all mounts have.
  ///
  /// @param selector sub-path of the input; empty is all of it
  /// @param contentCache whether the content, not the origin, decides about hits
  /// @param resultId only in containers of the gateway: names an earlier result instead of an
  ///   input; empty otherwise
  record Place(
      OptionalInt input,
      String selector,
      String destination,
      OptionalInt output,
      boolean readonly,
      ContentCache contentCache,
      String resultId) {
    public static Place without(String destination) {
      return new Place(
          OptionalInt.empty(),
          "",
          destination,
          OptionalInt.empty(),
          false,
          ContentCache.DEFAULT,
          "");
    }
  }

  enum ContentCache {
    DEFAULT,
    ON,
    OFF
  }

  record Bind(Place at) implements Mount {}

  /// A directory that outlives the build.
  ///
  /// @param options missing only in malformed definitions; running such a mount fails
  record Cache(Place at, Optional<CacheOptions> options) implements Mount {}

  /// @param id empty: the destination is the id
  record CacheOptions(String id, Sharing sharing) {}

  /// What a second writer gets.
  enum Sharing {
    /// The same directory.
    SHARED,
    /// One of its own.
    PRIVATE,
    /// A wait.
    LOCKED
  }

  /// A secret of the client as a file.
  ///
  /// @param options missing only in malformed definitions; running such a mount fails
  record Secret(Place at, Optional<FileOptions> options) implements Mount {}

  /// The client's ssh agent as a socket.
  ///
  /// @param options missing only in malformed definitions; running such a mount fails
  record Ssh(Place at, Optional<FileOptions> options) implements Mount {}

  /// @param uid 0 to 4294967295, as is the gid
  /// @param mode permission bits
  record FileOptions(String id, long uid, long gid, int mode, boolean optional) {}

  /// @param options missing: no limit
  record Tmpfs(Place at, Optional<TmpfsOptions> options) implements Mount {}

  /// @param size bytes; 0 is no limit
  record TmpfsOptions(long size) {}
}
