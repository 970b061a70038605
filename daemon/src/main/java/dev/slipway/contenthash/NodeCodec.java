package dev.slipway.contenthash;

import dev.slipway.failure.CorruptData;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A tree's digests as bytes: depth first; of each entry a byte of flags, name, link target, the
/// digests that are known, and the number of children that follow.
final class NodeCodec {
  private static final int VERSION = 1;
  private static final int DIGEST_BYTES = 32;
  private static final int MAXIMUM_DEPTH = 4096;
  private static final int FILE = 0;
  private static final int LINK = 1;
  private static final int DIRECTORY = 2;
  private static final int HASHED = 4;
  private static final int SUMMED = 8;
  private static final int LISTED = 16;

  private NodeCodec() {}

  static byte[] encode(Node root) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeByte(VERSION);
      write(root, out);
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
    return bytes.toByteArray();
  }

  private static void write(Node node, DataOutputStream out) throws IOException {
    int flags =
        switch (node.kind) {
          case FILE -> FILE;
          case LINK -> LINK;
          case DIRECTORY -> DIRECTORY;
        };
    flags |= node.hashed() ? HASHED : 0;
    flags |= node.contents.length > 0 ? SUMMED : 0;
    flags |= node.listed ? LISTED : 0;
    out.writeByte(flags);
    out.writeShort(node.name.length);
    out.write(node.name);
    if (node.isLink()) {
      out.writeShort(node.link.length);
      out.write(node.link);
    }
    out.write(node.digest);
    out.write(node.contents);
    if (node.isDirectory()) {
      out.writeInt(node.children.size());
      for (Node child : node.children) {
        write(child, out);
      }
    }
  }

  /// @throws CorruptData these are no such bytes
  static Node decode(byte[] bytes) {
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
      if (in.readByte() != VERSION) {
        throw new CorruptData("digests of a tree are of another version");
      }
      return read(Optional.empty(), in, 0);
    } catch (IOException torn) {
      throw new CorruptData("digests of a tree are torn", torn);
    }
  }

  private static Node read(Optional<Node> parent, DataInputStream in, int depth)
      throws IOException {
    int flags = in.readByte();
    Node.Kind kindOf =
        switch (flags & 3) {
          case FILE -> Node.Kind.FILE;
          case LINK -> Node.Kind.LINK;
          case DIRECTORY -> Node.Kind.DIRECTORY;
          default -> throw new CorruptData("digests of a tree are torn");
        };
    if (depth > MAXIMUM_DEPTH) {
      throw new CorruptData("digests of a tree are torn");
    }
    byte[] name = bytes(in, in.readUnsignedShort());
    byte[] link = kindOf == Node.Kind.LINK ? bytes(in, in.readUnsignedShort()) : Node.UNKNOWN;
    Node node = new Node(parent, name, kindOf, link);
    node.digest = (flags & HASHED) != 0 ? bytes(in, DIGEST_BYTES) : Node.UNKNOWN;
    node.contents = (flags & SUMMED) != 0 ? bytes(in, DIGEST_BYTES) : Node.UNKNOWN;
    node.listed = (flags & LISTED) != 0;
    if (node.isDirectory()) {
      int count = in.readInt();
      if (count < 0 || count > in.available()) {
        throw new CorruptData("digests of a tree are torn");
      }
      List<Node> children = new ArrayList<>(count);
      for (int i = 0; i < count; i++) {
        children.add(read(Optional.of(node), in, depth + 1));
      }
      node.children = children;
    }
    return node;
  }

  private static byte[] bytes(DataInputStream in, int length) throws IOException {
    byte[] bytes = in.readNBytes(length);
    if (bytes.length < length) {
      throw new CorruptData("digests of a tree are torn");
    }
    return bytes;
  }
}
