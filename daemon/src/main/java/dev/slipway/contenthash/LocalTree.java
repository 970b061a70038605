package dev.slipway.contenthash;

import dev.slipway.oci.Digest;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Optional;

/// What a sync tells of the directory it writes: for each entry that changed its digest, made on
/// the way with [EntryHash]. Entries that did not change need not be told again. Paths are relative
/// to the directory, with slashes.
///
/// Use: `hash = EntryHash.start(header)`, update it with the file's bytes as they are written, then
/// [#file] with `Digest.ofSha256(hash)`; [#delete] what went; [#save] before the ref is committed.
/// A hard link has the digest of the file it links to.
///
/// Thread-safe.
public final class LocalTree {
  private final TreeHasher hasher;
  private final String key;
  private final HashedTree tree;

  LocalTree(TreeHasher hasher, String key, HashedTree tree) {
    this.hasher = hasher;
    this.key = key;
    this.tree = tree;
  }

  /// A file, device or pipe. A directory that was at the path is gone with all below.
  public void file(String path, Digest digest) {
    tree.put(path, Node.Kind.FILE, Node.UNKNOWN, raw(digest));
  }

  /// A directory's own attributes; what is known below stays.
  public void directory(String path, Digest digest) {
    tree.put(path, Node.Kind.DIRECTORY, Node.UNKNOWN, raw(digest));
  }

  public void link(String path, String target, Digest digest) {
    tree.put(path, Node.Kind.LINK, target.getBytes(StandardCharsets.UTF_8), raw(digest));
  }

  /// Forgets the path and all below.
  public void delete(String path) {
    tree.remove(path);
  }

  /// The digest last told of an entry itself.
  public Optional<Digest> known(String path) {
    return tree.known(path);
  }

  /// Takes back what was written down earlier, durably: to be called before the first change on
  /// disk, so that a crash in the middle of a sync leaves no digest of what is not there any more.
  /// What is known in memory stays.
  public void unsave() {
    hasher.unsave(key);
  }

  /// Writes it down, if anything changed.
  public void save() {
    hasher.save(key, tree);
  }

  private static byte[] raw(Digest digest) {
    return HexFormat.of().parseHex(digest.hex());
  }
}
