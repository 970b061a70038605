package dev.slipway.exporter;

import com.google.protobuf.ByteString;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.failure.NotFound;
import dev.slipway.fsutil.DirectoryTree;
import dev.slipway.fsutil.FileMode;
import dev.slipway.fsutil.FileTree;
import dev.slipway.fsutil.Stat;
import dev.slipway.fsutil.TreeView;
import dev.slipway.image.ImageInput;
import dev.slipway.kernel.Kernel;
import dev.slipway.ref.FetchContext;
import dev.slipway.ref.ImmutableRef;
import dev.slipway.snapshot.Mounter.MountedTree;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/// The files of one result, as exporters of files send them. Open as long as its tree is mounted;
/// owner closes.
///
/// @param platform of the result, such as `linux/amd64`
/// @param epochNanos every entry's time, when the build fixed one
public record ResultTree(
    String platform, FileTree files, OptionalLong epochNanos, Optional<MountedTree> mounted)
    implements AutoCloseable {
  /// The results of a build, in the order of its platforms.
  ///
  /// @param epoch what the exporter's attributes say of times
  /// @throws InvalidRequest the result does not say which platforms it has
  public static List<ResultTree> open(
      Exporter.Input input, Epoch epoch, Kernel kernel, FetchContext context) {
    List<ResultTree> trees = new ArrayList<>();
    try {
      if (input.refs().isEmpty()) {
        String platform = onlyPlatform(input.metadata());
        trees.add(
            open(
                platform,
                input.single(),
                epoch.of(input.metadata(), platform),
                new Reading(kernel, context)));
        return trees;
      }
      for (String platform : ImageInput.severalPlatformIds(input.metadata())) {
        if (!input.refs().containsKey(platform)) {
          throw new NotFound("failed to find ref for ID " + platform);
        }
        Optional<ImmutableRef> ref = input.refs().get(platform);
        trees.add(
            open(
                platform, ref, epoch.of(input.metadata(), platform), new Reading(kernel, context)));
      }
      return trees;
    } catch (RuntimeException failure) {
      trees.forEach(ResultTree::close);
      throw failure;
    }
  }

  private static String onlyPlatform(Map<String, byte[]> metadata) {
    List<String> platforms = ImageInput.platformIds(metadata);
    if (platforms.size() > 1) {
      throw new InvalidRequest("unable to export multiple platforms without map");
    }
    return platforms.getFirst();
  }

  /// The same with other files.
  ResultTree with(FileTree other) {
    return new ResultTree(platform, other, epochNanos, mounted);
  }

  private record Reading(Kernel kernel, FetchContext context) {}

  private static ResultTree open(
      String platform, Optional<ImmutableRef> ref, OptionalLong epochNanos, Reading reading) {
    if (ref.isEmpty()) {
      return new ResultTree(platform, new NoFiles(), epochNanos, Optional.empty());
    }
    MountedTree mounted = ref.get().openTree(reading.context());
    try {
      TreeView view =
          new TreeView(
              List.of(),
              List.of(),
              List.of(),
              stat ->
                  epochNanos.isPresent() ? stat.withModifiedNanos(epochNanos.getAsLong()) : stat);
      FileTree files =
          DirectoryTree.open(mounted.root(), view, path -> attributes(reading.kernel(), path));
      return new ResultTree(platform, files, epochNanos, Optional.of(mounted));
    } catch (RuntimeException failure) {
      mounted.close();
      throw failure;
    }
  }

  /// Overlayfs's own marks are no part of the tree.
  private static Map<String, ByteString> attributes(Kernel kernel, Path path) {
    Map<String, byte[]> all = kernel.extendedAttributes(path);
    if (all.isEmpty()) {
      return Map.of();
    }
    Map<String, ByteString> shown = new HashMap<>();
    all.forEach(
        (name, value) -> {
          if (!name.startsWith("trusted.overlay.") && !name.startsWith("user.overlay.")) {
            shown.put(name, ByteString.copyFrom(value));
          }
        });
    return shown;
  }

  /// The directory that stands for this platform where results of several are put side by side.
  public Stat platformDirectory() {
    return new Stat(
        platform.replace('/', '_'),
        FileMode.DIRECTORY | 0755,
        0,
        0,
        0,
        epochNanos.orElse(0),
        "",
        0,
        0,
        Map.of());
  }

  @Override
  public void close() {
    mounted.ifPresent(MountedTree::close);
  }

  /// Scratch.
  private static final class NoFiles implements FileTree {
    @Override
    public void walk(Visitor visitor) {
      // Nothing to show.
    }

    @Override
    public InputStream open(String path) throws IOException {
      throw new IOException("no such file: " + path);
    }
  }
}
