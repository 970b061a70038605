package dev.slipway.fsutil;

/// [Stat] from and to the wire.
public final class StatMessages {
  private StatMessages() {}

  public static Stat decode(dev.slipway.api.fsutil.Stat message) {
    return new Stat(
        message.getPath(),
        message.getMode(),
        Integer.toUnsignedLong(message.getUid()),
        Integer.toUnsignedLong(message.getGid()),
        message.getSize(),
        message.getModTime(),
        message.getLinkname(),
        message.getDevmajor(),
        message.getDevminor(),
        message.getXattrsMap());
  }

  public static dev.slipway.api.fsutil.Stat encode(Stat stat) {
    return dev.slipway.api.fsutil.Stat.newBuilder()
        .setPath(stat.path())
        .setMode(stat.mode())
        .setUid((int) stat.uid())
        .setGid((int) stat.gid())
        .setSize(stat.size())
        .setModTime(stat.modifiedNanos())
        .setLinkname(stat.linkName())
        .setDevmajor(stat.deviceMajor())
        .setDevminor(stat.deviceMinor())
        .putAllXattrs(stat.extendedAttributes())
        .build();
  }

  /// The message's bytes.
  public static byte[] bytes(Stat stat) {
    return encode(stat).toByteArray();
  }
}
