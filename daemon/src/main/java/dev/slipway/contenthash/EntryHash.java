package dev.slipway.contenthash;

import dev.slipway.kernel.FileAttributes;
import dev.slipway.oci.Digest;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Map;
import java.util.TreeMap;

/// Starts the hash of one entry: its attributes as "tarsum version 1" text (BuildKit
/// `cache/contenthash/tarsum.go`, v0.32.2), after which a file's bytes follow. The name is not part
/// of it; the directory above adds it. Modification times are never part of it.
///
/// Pure functions.
public final class EntryHash {
  private static final int PERMISSIONS = 07777;

  private EntryHash() {}

  /// What is hashed of an entry besides its bytes.
  ///
  /// @param type tar's type flag: `0` file (and socket), `2` link, `3` character device, `4` block
  ///   device, `5` directory, `6` named pipe
  /// @param mode permission bits with setuid, setgid, sticky; a link's count as 0777
  /// @param bytes length of a file, 0 for all else
  /// @param link a symbolic link's target, else empty
  /// @param xattrs by full name
  @SuppressWarnings("ArrayRecordComponent") // never compared
  public record Header(
      char type,
      int mode,
      long uid,
      long gid,
      long bytes,
      byte[] link,
      long deviceMajor,
      long deviceMinor,
      Map<String, byte[]> xattrs) {}

  /// The header of an entry on disk. Device numbers are left out, as BuildKit leaves them out (its
  /// test for device nodes never holds).
  public static Header header(FileAttributes attributes, byte[] link, Map<String, byte[]> xattrs) {
    char type =
        switch (attributes.type()) {
          case FILE, SOCKET -> '0';
          case SYMLINK -> '2';
          case CHARACTER_DEVICE -> '3';
          case BLOCK_DEVICE -> '4';
          case DIRECTORY -> '5';
          case NAMED_PIPE -> '6';
        };
    int mode = attributes.isSymlink() ? attributes.mode() | 0777 : attributes.mode();
    long bytes = attributes.isFile() ? attributes.bytes() : 0;
    return new Header(
        type, mode & PERMISSIONS, attributes.uid(), attributes.gid(), bytes, link, 0, 0, xattrs);
  }

  /// A hash that awaits the file's bytes; for all other entries it is complete.
  public static MessageDigest start(Header header) {
    MessageDigest hash = Digest.newSha256();
    text(hash, "name");
    text(hash, "mode" + header.mode());
    text(hash, "uid" + Integer.toUnsignedString((int) header.uid()));
    text(hash, "gid" + Integer.toUnsignedString((int) header.gid()));
    text(hash, "size" + header.bytes());
    text(hash, "typeflag" + header.type());
    text(hash, "linkname");
    hash.update(header.link());
    text(hash, "uname");
    text(hash, "gname");
    text(hash, "devmajor" + header.deviceMajor());
    text(hash, "devminor" + header.deviceMinor());
    new TreeMap<>(header.xattrs())
        .forEach(
            (name, value) -> {
              if (counts(name)) {
                text(hash, name);
                hash.update(value);
              }
            });
    return hash;
  }

  /// Security labels and ACLs of the machine do not count, capabilities do; overlayfs's own marks
  /// are no part of the tree.
  private static boolean counts(String xattr) {
    return xattr.equals("security.capability")
        || !(xattr.startsWith("security.")
            || xattr.startsWith("system.")
            || xattr.startsWith("trusted.overlay."));
  }

  private static void text(MessageDigest hash, String text) {
    hash.update(text.getBytes(StandardCharsets.UTF_8));
  }
}
