package dev.slipway.llbsolver;

import dev.slipway.failure.Exhausted;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.failure.NotFound;
import dev.slipway.failure.Unavailable;
import dev.slipway.failure.WrongState;
import dev.slipway.frontend.FrontendRef.ByteRange;
import dev.slipway.fsutil.Stat;
import dev.slipway.kernel.FileAttributes;
import dev.slipway.kernel.Kernel;
import dev.slipway.kernel.Kernel.LastLink;
import dev.slipway.ref.FetchContext;
import dev.slipway.ref.ImmutableRef;
import dev.slipway.snapshot.Mounter.MountedTree;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;

/// Reads files of results for frontends. Paths are resolved inside the tree; a link never leads
/// outside. Answers are bounded. Thread-safe.
final class TreeReader {
  /// What fits into one message to a client (16 MiB) with room for its envelope.
  private static final long LARGEST_READ = (16L << 20) - (64 << 10);

  private static final int MOST_ENTRIES = 200_000;

  private final Kernel kernel;
  private final FetchContext context;

  TreeReader(Kernel kernel, FetchContext context) {
    this.kernel = kernel;
    this.context = context;
  }

  /// How a result's tree is opened.
  Supplier<MountedTree> opening(Optional<ImmutableRef> tree) {
    return () -> tree.isPresent() ? tree.get().openTree(context) : EmptyTree.make();
  }

  /// Has all files of a result brought here.
  void bring(ImmutableRef tree) {
    tree.unlazy(context);
  }

  /// A directory for the time that an empty tree is looked at.
  private record EmptyTree(Path root) implements MountedTree {
    static EmptyTree make() {
      try {
        return new EmptyTree(Files.createTempDirectory("slipway-empty-"));
      } catch (IOException failure) {
        throw new Unavailable("cannot make an empty tree: " + failure.getMessage(), failure);
      }
    }

    @Override
    public void close() {
      try {
        Files.deleteIfExists(root);
      } catch (IOException failure) {
        throw new Unavailable("cannot remove " + root + ": " + failure.getMessage(), failure);
      }
    }
  }

  /// @param tree opens it; closed again after reading
  byte[] readFile(Supplier<MountedTree> tree, String path, Optional<ByteRange> range) {
    return inTree(
        tree,
        root -> {
          Path file = existing(root, path, "open");
          FileAttributes attributes = kernel.attributes(file);
          if (!attributes.isFile()) {
            throw new InvalidRequest("read " + path + ": not a regular file");
          }
          long offset = range.map(ByteRange::offset).orElse(0L);
          long wanted =
              range.map(ByteRange::length).filter(length -> length > 0).orElse(Long.MAX_VALUE);
          long available = Math.max(0, attributes.bytes() - offset);
          long length = Math.min(wanted, available);
          if (offset < 0) {
            throw new InvalidRequest("read " + path + ": negative offset " + offset);
          }
          if (length > LARGEST_READ) {
            throw new Exhausted(
                "read "
                    + path
                    + ": "
                    + length
                    + " bytes are more than one message holds; ask for ranges");
          }
          return read(file, offset, (int) length);
        });
  }

  List<Stat> readDirectory(Supplier<MountedTree> tree, String path, Optional<String> pattern) {
    return inTree(
        tree,
        root -> {
          Path directory = existing(root, path, "open");
          List<Path> children = new ArrayList<>();
          try (Stream<Path> listed = Files.list(directory)) {
            listed
                .filter(child -> pattern.isEmpty() || matches(pattern.get(), child))
                .limit(MOST_ENTRIES + 1L)
                .forEach(children::add);
          } catch (IOException failure) {
            throw new InvalidRequest(
                "read directory " + path + ": " + failure.getMessage(), failure);
          }
          if (children.size() > MOST_ENTRIES) {
            throw new Exhausted(
                "read directory " + path + ": more than " + MOST_ENTRIES + " entries");
          }
          children.sort(Comparator.comparing(child -> child.getFileName().toString()));
          return children.stream()
              .map(child -> describe(child, child.getFileName().toString()))
              .toList();
        });
  }

  Stat stat(Supplier<MountedTree> tree, String path) {
    return inTree(
        tree,
        root -> {
          Path entry = existing(root, path, "lstat");
          Path name = Path.of("/" + path).normalize().getFileName();
          return describe(entry, name == null ? "/" : name.toString());
        });
  }

  private static <T> T inTree(Supplier<MountedTree> tree, Function<Path, T> work) {
    try (MountedTree mounted = tree.get()) {
      return work.apply(mounted.root());
    }
  }

  private Path existing(Path root, String path, String call) {
    Path resolved = kernel.resolveInRoot(root, path, LastLink.FOLLOW);
    if (!Files.exists(resolved, LinkOption.NOFOLLOW_LINKS)) {
      throw new NotFound(call + " " + path + ": no such file or directory");
    }
    return resolved;
  }

  private Stat describe(Path entry, String name) {
    return StatOf.entry(kernel, entry, name);
  }

  private static boolean matches(String pattern, Path child) {
    return child.getFileSystem().getPathMatcher("glob:" + pattern).matches(child.getFileName());
  }

  private static byte[] read(Path file, long offset, int length) {
    try (SeekableByteChannel channel =
        Files.newByteChannel(file, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
      channel.position(offset);
      ByteBuffer buffer = ByteBuffer.allocate(length);
      while (buffer.hasRemaining() && channel.read(buffer) >= 0) {
        continue;
      }
      return Arrays.copyOf(buffer.array(), buffer.position());
    } catch (IOException failure) {
      throw new WrongState("read " + file.getFileName() + ": " + failure.getMessage(), failure);
    }
  }
}
