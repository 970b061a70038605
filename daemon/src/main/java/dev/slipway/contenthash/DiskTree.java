package dev.slipway.contenthash;

import dev.slipway.failure.WrongState;
import dev.slipway.kernel.FileAttributes;
import dev.slipway.kernel.Kernel;
import dev.slipway.task.Interruption;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// A mounted tree. No symbolic link is followed: every name above an entry was seen to be a
/// directory.
final class DiskTree implements TreeView {
  private static final int BUFFER = 1 << 17;
  private static final char REPLACEMENT = '\ufffd';

  private final Kernel kernel;
  private final Path root;
  private final Map<Node, Path> directories = new ConcurrentHashMap<>();

  DiskTree(Kernel kernel, Path root) {
    this.kernel = kernel;
    this.root = root;
  }

  @Override
  public List<Entry> list(Node directory) {
    List<Entry> entries = new ArrayList<>();
    try (DirectoryStream<Path> listed = Files.newDirectoryStream(path(directory))) {
      for (Path path : listed) {
        entries.add(entry(path));
      }
      return entries;
    } catch (IOException failed) {
      throw new WrongState(
          "reading directory " + path(directory) + ": " + failed.getMessage(), failed);
    }
  }

  private Entry entry(Path path) throws IOException {
    byte[] name = bytes(path.getFileName(), path);
    FileAttributes attributes = kernel.attributes(path);
    return switch (attributes.type()) {
      case DIRECTORY -> new Entry(name, Node.Kind.DIRECTORY, Node.UNKNOWN);
      case SYMLINK ->
          new Entry(
              name,
              Node.Kind.LINK,
              Files.readSymbolicLink(path).toString().getBytes(StandardCharsets.UTF_8));
      case FILE, CHARACTER_DEVICE, BLOCK_DEVICE, NAMED_PIPE, SOCKET ->
          new Entry(name, Node.Kind.FILE, Node.UNKNOWN);
    };
  }

  @Override
  public MessageDigest hash(Node entry) {
    Path path = path(entry);
    FileAttributes attributes = kernel.attributes(path);
    MessageDigest hash =
        EntryHash.start(EntryHash.header(attributes, entry.link, kernel.extendedAttributes(path)));
    if (attributes.isFile() && attributes.bytes() > 0) {
      readInto(path, attributes.bytes(), hash);
    }
    return hash;
  }

  private static void readInto(Path path, long length, MessageDigest hash) {
    Set<java.nio.file.OpenOption> options =
        Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
    try (FileChannel channel = FileChannel.open(path, options)) {
      ByteBuffer buffer = ByteBuffer.allocateDirect((int) Math.min(BUFFER, length + 1));
      while (channel.read(buffer.clear()) >= 0) {
        hash.update(buffer.flip());
      }
    } catch (IOException failed) {
      Interruption.check();
      throw new WrongState("reading " + path + ": " + failed.getMessage(), failed);
    }
  }

  private Path path(Node node) {
    if (node.parent.isEmpty()) {
      return root;
    }
    if (!node.isDirectory()) {
      return resolve(path(node.parent.get()), node);
    }
    Path known = directories.get(node);
    if (known == null) {
      known = resolve(path(node.parent.get()), node);
      directories.put(node, known);
    }
    return known;
  }

  /// Names that are no UTF-8 cannot be written as text; such an entry is looked up among its
  /// siblings.
  private static Path resolve(Path directory, Node node) {
    String text = node.text();
    if (text.indexOf(REPLACEMENT) < 0) {
      return directory.resolve(text);
    }
    try (DirectoryStream<Path> listed = Files.newDirectoryStream(directory)) {
      for (Path path : listed) {
        if (Arrays.equals(bytes(path.getFileName(), path), node.name)) {
          return path;
        }
      }
    } catch (IOException failed) {
      throw new WrongState("reading directory " + directory + ": " + failed.getMessage(), failed);
    }
    throw new WrongState("entry " + text + " of " + directory + " is gone");
  }

  /// The bytes of a name as they are on disk. Only the URI form of a path shows them when they are
  /// no UTF-8.
  private static byte[] bytes(Path name, Path whole) {
    String text = name.toString();
    if (text.indexOf(REPLACEMENT) < 0) {
      return text.getBytes(StandardCharsets.UTF_8);
    }
    String raw = whole.toUri().getRawPath();
    raw = raw.endsWith("/") ? raw.substring(0, raw.length() - 1) : raw;
    raw = raw.substring(raw.lastIndexOf('/') + 1);
    java.io.ByteArrayOutputStream bytes = new java.io.ByteArrayOutputStream();
    for (int i = 0; i < raw.length(); i++) {
      if (raw.charAt(i) == '%') {
        bytes.write(Integer.parseInt(raw.substring(i + 1, i + 3), 16));
        i += 2;
      } else {
        bytes.write(raw.charAt(i));
      }
    }
    return bytes.toByteArray();
  }
}
