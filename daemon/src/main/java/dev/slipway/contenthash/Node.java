package dev.slipway.contenthash;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// One entry of a hashed tree. Guarded by the tree it belongs to.
///
/// Digests are the raw 32 bytes, empty while unknown: a tree of 20,000 entries is kept as many of
/// these.
final class Node {
  static final byte[] UNKNOWN = {};
  static final Comparator<Node> BY_NAME = (a, b) -> Arrays.compareUnsigned(a.name, b.name);

  enum Kind {
    FILE,
    LINK,
    DIRECTORY
  }

  final Optional<Node> parent;

  /// As on disk; the root has none.
  final byte[] name;

  final Kind kind;

  /// Target of a link.
  final byte[] link;

  /// Of the entry itself; of a directory its attributes only.
  byte[] digest = UNKNOWN;

  /// Of a directory with all below.
  byte[] contents = UNKNOWN;

  /// Whether the children are known.
  boolean listed;

  /// Sorted by name.
  List<Node> children = List.of();

  Node(Optional<Node> parent, byte[] name, Kind kind, byte[] link) {
    this.parent = parent;
    this.name = name;
    this.kind = kind;
    this.link = link;
  }

  static Node root() {
    return new Node(Optional.empty(), UNKNOWN, Kind.DIRECTORY, UNKNOWN);
  }

  boolean isDirectory() {
    return kind == Kind.DIRECTORY;
  }

  boolean isLink() {
    return kind == Kind.LINK;
  }

  boolean hashed() {
    return digest.length > 0;
  }

  String text() {
    return new String(name, StandardCharsets.UTF_8);
  }

  String linkText() {
    return new String(link, StandardCharsets.UTF_8);
  }

  Optional<Node> child(byte[] wanted) {
    int index = indexOf(wanted);
    return index >= 0 ? Optional.of(children.get(index)) : Optional.empty();
  }

  private int indexOf(byte[] wanted) {
    int low = 0;
    int high = children.size() - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      int order = Arrays.compareUnsigned(children.get(middle).name, wanted);
      if (order == 0) {
        return middle;
      }
      if (order < 0) {
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    return -(low + 1);
  }

  /// Puts a child in its place, instead of one of the same name.
  void put(Node child) {
    if (!(children instanceof ArrayList<Node>)) {
      children = new ArrayList<>(children);
    }
    int index = indexOf(child.name);
    if (index >= 0) {
      children.set(index, child);
    } else {
      children.add(-index - 1, child);
    }
  }

  void removeChild(byte[] wanted) {
    int index = indexOf(wanted);
    if (index >= 0) {
      children = new ArrayList<>(children);
      children.remove(index);
    }
  }

  /// Everything above holds other contents now.
  void forgetContents() {
    contents = UNKNOWN;
    parent.ifPresent(Node::forgetContents);
  }

  /// Entries of this subtree, itself included, as far as listed.
  int count() {
    int count = 1;
    for (Node child : children) {
      count += child.count();
    }
    return count;
  }
}
