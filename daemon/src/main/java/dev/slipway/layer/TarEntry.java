package dev.slipway.layer;

import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/// One entry of a tar archive, without its content.
///
/// @param name as in the archive, a directory's ending in `/`
/// @param mode permission bits with setuid, setgid, sticky (07777)
/// @param bytes length of the file's content; 0 for all that is not a file
/// @param modified to the nanosecond where the archive says so
/// @param linkName target of a hard or symbolic link, else empty text
/// @param records extended records other than those told by the other components, such as
///   `SCHILY.xattr.security.capability`
/// @param holes for a sparse file the parts that are stored, in order; empty for a plain one
record TarEntry(
    String name,
    Type type,
    int mode,
    int uid,
    int gid,
    long bytes,
    Instant modified,
    String linkName,
    Device device,
    SortedMap<String, byte[]> records,
    List<Extent> holes) {
  static final String XATTR = "SCHILY.xattr.";

  TarEntry {
    records = Collections.unmodifiableSortedMap(new TreeMap<>(records));
    holes = List.copyOf(holes);
  }

  /// An entry with nothing but the essentials.
  static TarEntry of(String name, Type type, int mode, Instant modified) {
    return new TarEntry(
        name,
        type,
        mode,
        0,
        0,
        0,
        modified,
        "",
        Device.NONE,
        Collections.emptySortedMap(),
        List.of());
  }

  TarEntry withOwner(int newUid, int newGid) {
    return new TarEntry(
        name, type, mode, newUid, newGid, bytes, modified, linkName, device, records, holes);
  }

  TarEntry withBytes(long newBytes) {
    return new TarEntry(
        name, type, mode, uid, gid, newBytes, modified, linkName, device, records, holes);
  }

  TarEntry withLink(Type newType, String target) {
    return new TarEntry(name, newType, mode, uid, gid, 0, modified, target, device, records, holes);
  }

  TarEntry withDevice(int major, int minor) {
    return new TarEntry(
        name,
        type,
        mode,
        uid,
        gid,
        bytes,
        modified,
        linkName,
        new Device(major, minor),
        records,
        holes);
  }

  TarEntry withModified(Instant time) {
    return new TarEntry(name, type, mode, uid, gid, bytes, time, linkName, device, records, holes);
  }

  TarEntry withName(String newName) {
    return new TarEntry(
        newName, type, mode, uid, gid, bytes, modified, linkName, device, records, holes);
  }

  TarEntry withRecord(String key, byte[] value) {
    SortedMap<String, byte[]> more = new TreeMap<>(records);
    more.put(key, value.clone());
    return new TarEntry(name, type, mode, uid, gid, bytes, modified, linkName, device, more, holes);
  }

  boolean isSparse() {
    return !holes.isEmpty();
  }

  record Device(int major, int minor) {
    static final Device NONE = new Device(0, 0);
  }

  /// A stored part of a sparse file.
  record Extent(long offset, long length) {}

  enum Type {
    FILE('0'),
    HARD_LINK('1'),
    SYMLINK('2'),
    CHARACTER_DEVICE('3'),
    BLOCK_DEVICE('4'),
    DIRECTORY('5'),
    NAMED_PIPE('6');

    private final char flag;

    Type(char flag) {
      this.flag = flag;
    }

    byte flag() {
      return (byte) flag;
    }
  }
}
