package dev.slipway.contenthash;

import java.security.MessageDigest;
import java.util.List;

/// Reads a file tree that nobody changes. Used by several threads at once.
interface TreeView {
  /// The entries of a directory, in any order.
  List<Entry> list(Node directory);

  /// @param name as on disk
  /// @param link target of a symbolic link, else empty
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Entry(byte[] name, Node.Kind kind, byte[] link) {}

  /// The finished hash of an entry: attributes, and the bytes of a file.
  MessageDigest hash(Node entry);
}
