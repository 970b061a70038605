package dev.slipway.llb;

import dev.slipway.api.ops.CacheOpt;
import dev.slipway.api.ops.CacheSharingOpt;
import dev.slipway.api.ops.MountContentCache;
import dev.slipway.api.ops.MountType;
import dev.slipway.api.ops.SSHOpt;
import dev.slipway.api.ops.SecretOpt;
import dev.slipway.api.ops.TmpfsOpt;

/// Encodes mounts; the inverse of [MountDecoder].
final class MountEncoder {
  private MountEncoder() {}

  static dev.slipway.api.ops.Mount encode(Mount mount) {
    Mount.Place at = mount.at();
    var message =
        dev.slipway.api.ops.Mount.newBuilder()
            .setInput(OpEncoder.index(at.input()))
            .setSelector(at.selector())
            .setDest(at.destination())
            .setOutput(OpEncoder.index(at.output()))
            .setReadonly(at.readonly())
            .setContentCache(
                switch (at.contentCache()) {
                  case DEFAULT -> MountContentCache.DEFAULT;
                  case ON -> MountContentCache.ON;
                  case OFF -> MountContentCache.OFF;
                })
            .setResultID(at.resultId());
    switch (mount) {
      case Mount.Bind _ -> message.setMountType(MountType.BIND);
      case Mount.Cache cache -> {
        message.setMountType(MountType.CACHE);
        cache.options().ifPresent(options -> message.setCacheOpt(cache(options)));
      }
      case Mount.Secret secret -> {
        message.setMountType(MountType.SECRET);
        secret.options().ifPresent(options -> message.setSecretOpt(secret(options)));
      }
      case Mount.Ssh ssh -> {
        message.setMountType(MountType.SSH);
        ssh.options().ifPresent(options -> message.setSSHOpt(ssh(options)));
      }
      case Mount.Tmpfs tmpfs -> {
        message.setMountType(MountType.TMPFS);
        tmpfs
            .options()
            .ifPresent(
                options -> message.setTmpfsOpt(TmpfsOpt.newBuilder().setSize(options.size())));
      }
    }
    return message.build();
  }

  private static CacheOpt cache(Mount.CacheOptions options) {
    return CacheOpt.newBuilder()
        .setID(options.id())
        .setSharing(
            switch (options.sharing()) {
              case SHARED -> CacheSharingOpt.SHARED;
              case PRIVATE -> CacheSharingOpt.PRIVATE;
              case LOCKED -> CacheSharingOpt.LOCKED;
            })
        .build();
  }

  private static SecretOpt secret(Mount.FileOptions options) {
    return SecretOpt.newBuilder()
        .setID(options.id())
        .setUid((int) options.uid())
        .setGid((int) options.gid())
        .setMode(options.mode())
        .setOptional(options.optional())
        .build();
  }

  private static SSHOpt ssh(Mount.FileOptions options) {
    return SSHOpt.newBuilder()
        .setID(options.id())
        .setUid((int) options.uid())
        .setGid((int) options.gid())
        .setMode(options.mode())
        .setOptional(options.optional())
        .build();
  }
}
