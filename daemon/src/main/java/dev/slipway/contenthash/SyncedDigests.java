package dev.slipway.contenthash;

import dev.slipway.contenthash.EntryHash.Header;
import dev.slipway.fsutil.FileMode;
import dev.slipway.fsutil.Stat;
import dev.slipway.oci.Digest;
import dev.slipway.ref.RefId;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// What a sync tells of the tree it brought up to date: every entry as it was announced, and of files the digest that was made while their bytes
/// passed through ([#begin]). So nothing of a synced tree is read again. Where a digest is not told, the one from before the sync holds,
/// if it is known; else the file is read when it is asked for.
///
/// Entries come with directories before what is in them, as the protocol has them. A tree that is not told to its [#finish] is
/// read from disk like any other. Confined to one thread.
public final class SyncedDigests {
  private final TreeHasher hasher;
  private final RefId ref;
  private final Optional<HashedTree> before;
  private final Node root = TreeHasher.syncedRoot();
  private final Map<String, Node> directories = new HashMap<>();
  private final Map<Node, String> hardLinks = new LinkedHashMap<>();

  SyncedDigests(TreeHasher hasher, RefId ref, Optional<HashedTree> before) {
    this.hasher = hasher;
    this.ref = ref;
    this.before = before;
    root.children = new ArrayList<>();
    root.listed = true;
    directories.put("", root);
  }

  /// A hash that has taken in a file's attributes and waits for its bytes.
  public static MessageDigest begin(Stat file) {
    return EntryHash.start(header(file));
  }

  /// The header of an entry as a client announced it (BuildKit's `NewFromStat`): what the client says counts, link modes and device numbers
  /// included.
  private static Header header(Stat stat) {
    int mode = stat.mode() & FileMode.PERMISSIONS;
    mode |= (stat.mode() & FileMode.SETUID) != 0 ? 04000 : 0;
    mode |= (stat.mode() & FileMode.SETGID) != 0 ? 02000 : 0;
    mode |= (stat.mode() & FileMode.STICKY) != 0 ? 01000 : 0;
    Map<String, byte[]> xattrs = new HashMap<>();
    stat.extendedAttributes().forEach((name, value) -> xattrs.put(name, value.toByteArray()));
    char type = type(stat);
    return new Header(
        type,
        mode,
        stat.uid(),
        stat.gid(),
        type == '0' ? stat.size() : 0,
        type == '2' ? bytes(stat.linkName()) : Node.UNKNOWN,
        stat.deviceMajor(),
        stat.deviceMinor(),
        xattrs);
  }

  private static char type(Stat stat) {
    if (stat.isDirectory()) {
      return '5';
    }
    if (stat.isSymlink()) {
      return '2';
    }
    if (stat.isDevice()) {
      return (stat.mode() & FileMode.CHARACTER_DEVICE) != 0 ? '3' : '4';
    }
    return stat.isNamedPipe() ? '6' : '0';
  }

  /// @param digest of attributes and bytes of a regular file, where it is known
  public void entry(Stat stat, Optional<Digest> digest) {
    String above = stat.path().contains("/") ? stat.path().substring(0, stat.path().lastIndexOf('/')) : "";
    Node parent = Optional.ofNullable(directories.get(above)).orElseThrow(() -> new IllegalStateException(above + " was not told before " + stat.path()));
    Node.Kind kind = stat.isDirectory() ? Node.Kind.DIRECTORY : stat.isSymlink() ? Node.Kind.LINK : Node.Kind.FILE;
    Node node = new Node(Optional.of(parent), bytes(stat.name()), kind, kind == Node.Kind.LINK ? bytes(stat.linkName()) : Node.UNKNOWN);
    node.listed = true;
    parent.children.add(node);
    if (kind == Node.Kind.DIRECTORY) {
      node.children = new ArrayList<>();
      directories.put(stat.path(), node);
    }
    if (stat.isHardLink()) {
      hardLinks.put(node, stat.linkName());
    } else if (!stat.isRegular()) {
      node.digest = begin(stat).digest();
    } else if (digest.isPresent()) {
      node.digest = HexFormat.of().parseHex(digest.get().hex());
    } else {
      before.flatMap(tree -> tree.known(stat.path())).ifPresent(known -> node.digest = known);
    }
  }

  /// From now on the tree is known as told.
  public void finish() {
    directories.values().forEach(directory -> directory.children.sort(Node.BY_NAME));
    HashedTree tree = new HashedTree(root);
    hardLinks.forEach((link, target) -> tree.known(target).ifPresent(digest -> link.digest = digest));
    hasher.take(ref, tree);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
