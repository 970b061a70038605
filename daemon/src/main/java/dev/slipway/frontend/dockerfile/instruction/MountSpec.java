package dev.slipway.frontend.dockerfile.instruction;

import java.util.Optional;

/// One `--mount` of a RUN, read after substitution. Empty texts mean "not given".
///
/// @param from stage, image or named context
/// @param source path in what is mounted, or the id of a secret
/// @param target path in the container, absolute or relative to the working directory
/// @param size of a tmpfs in bytes, 0 for no limit
/// @param id of a cache, secret or agent
/// @param env variable a secret is given in
/// @param mode, uid, gid of a secret, agent socket or cache directory
public record MountSpec(
    Kind kind,
    String from,
    String source,
    String target,
    boolean readOnly,
    long size,
    String id,
    Optional<Sharing> sharing,
    boolean required,
    Optional<String> env,
    Optional<Integer> mode,
    Optional<Long> uid,
    Optional<Long> gid) {

  public enum Kind {
    BIND,
    CACHE,
    TMPFS,
    SECRET,
    SSH
  }

  public enum Sharing {
    SHARED,
    PRIVATE,
    LOCKED
  }

  /// Whether owner or mode were given.
  public boolean hasOwnership() {
    return mode.isPresent() || uid.isPresent() || gid.isPresent();
  }
}
