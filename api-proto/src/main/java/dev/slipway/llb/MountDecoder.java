package dev.slipway.llb;

import dev.slipway.llb.Mount.Bind;
import dev.slipway.llb.Mount.Cache;
import dev.slipway.llb.Mount.CacheOptions;
import dev.slipway.llb.Mount.ContentCache;
import dev.slipway.llb.Mount.FileOptions;
import dev.slipway.llb.Mount.Place;
import dev.slipway.llb.Mount.Secret;
import dev.slipway.llb.Mount.Sharing;
import dev.slipway.llb.Mount.Ssh;
import dev.slipway.llb.Mount.Tmpfs;
import dev.slipway.llb.Mount.TmpfsOptions;
import java.util.Optional;
import java.util.OptionalInt;

/// Decodes one mount of an exec op.
final class MountDecoder {
  private static final int MAX_OUTPUTS = 10_000;

  private final dev.slipway.api.ops.Mount mount;
  private final int inputCount;
  private final InvalidOp invalid;

  MountDecoder(dev.slipway.api.ops.Mount mount, int inputCount, InvalidOp invalid) {
    this.mount = mount;
    this.inputCount = inputCount;
    this.invalid = invalid;
  }

  Mount decode() {
    Place at =
        new Place(
            input(),
            mount.getSelector(),
            mount.getDest(),
            output(),
            mount.getReadonly(),
            contentCache(),
            mount.getResultID());
    return switch (mount.getMountType()) {
      case BIND -> new Bind(at);
      case CACHE -> new Cache(at, cacheOptions());
      case SECRET -> new Secret(at, secretOptions());
      case SSH -> new Ssh(at, sshOptions());
      case TMPFS ->
          new Tmpfs(
              at,
              mount.hasTmpfsOpt()
                  ? Optional.of(new TmpfsOptions(mount.getTmpfsOpt().getSize()))
                  : Optional.empty());
      case UNRECOGNIZED ->
          throw invalid.because("mount type " + mount.getMountTypeValue() + " not implemented");
    };
  }

  private OptionalInt input() {
    long input = mount.getInput();
    if (input != -1 && (input < 0 || input >= inputCount)) {
      throw invalid.because(
          "invalid mountinput input:" + input + " dest:\"" + InvalidOp.clip(mount.getDest()) + '"');
    }
    return OpDecoder.index(input, inputCount, invalid);
  }

  private OptionalInt output() {
    long output = mount.getOutput();
    if (output < -1 || output > MAX_OUTPUTS) {
      throw invalid.because("invalid mount output " + output);
    }
    return output == -1 ? OptionalInt.empty() : OptionalInt.of((int) output);
  }

  private ContentCache contentCache() {
    return switch (mount.getContentCache()) {
      case DEFAULT -> ContentCache.DEFAULT;
      case ON -> ContentCache.ON;
      case OFF -> ContentCache.OFF;
      case UNRECOGNIZED ->
          throw invalid.because("unknown content cache mode " + mount.getContentCacheValue());
    };
  }

  private Optional<CacheOptions> cacheOptions() {
    if (!mount.hasCacheOpt()) {
      return Optional.empty();
    }
    Sharing sharing =
        switch (mount.getCacheOpt().getSharing()) {
          case SHARED -> Sharing.SHARED;
          case PRIVATE -> Sharing.PRIVATE;
          case LOCKED -> Sharing.LOCKED;
          case UNRECOGNIZED ->
              throw invalid.because(
                  "unknown cache sharing " + mount.getCacheOpt().getSharingValue());
        };
    return Optional.of(new CacheOptions(mount.getCacheOpt().getID(), sharing));
  }

  private Optional<FileOptions> secretOptions() {
    if (!mount.hasSecretOpt()) {
      return Optional.empty();
    }
    var secret = mount.getSecretOpt();
    return Optional.of(
        new FileOptions(
            secret.getID(),
            Integer.toUnsignedLong(secret.getUid()),
            Integer.toUnsignedLong(secret.getGid()),
            secret.getMode(),
            secret.getOptional()));
  }

  private Optional<FileOptions> sshOptions() {
    if (!mount.hasSSHOpt()) {
      return Optional.empty();
    }
    var ssh = mount.getSSHOpt();
    return Optional.of(
        new FileOptions(
            ssh.getID(),
            Integer.toUnsignedLong(ssh.getUid()),
            Integer.toUnsignedLong(ssh.getGid()),
            ssh.getMode(),
            ssh.getOptional()));
  }
}
