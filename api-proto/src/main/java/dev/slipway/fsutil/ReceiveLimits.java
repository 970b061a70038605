package dev.slipway.fsutil;

/// How much a sender may ask of us.
///
/// @param entries in the whole tree
/// @param pathBytes UTF-8 bytes of one path, or of one link's text
/// @param attributeBytes names and values of one entry's extended attributes
/// @param contentBytes of all files together
/// @param requestedAtOnce files whose content may be under way
public record ReceiveLimits(
    int entries, int pathBytes, int attributeBytes, long contentBytes, int requestedAtOnce) {
  public static final ReceiveLimits DEFAULT =
      new ReceiveLimits(5_000_000, 4096, 128 * 1024, 1L << 44, 256);
}
