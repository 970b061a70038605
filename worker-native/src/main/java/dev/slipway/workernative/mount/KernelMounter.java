package dev.slipway.workernative.mount;

import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.failure.WrongState;
import dev.slipway.kernel.FileAttributes;
import dev.slipway.kernel.Kernel;
import dev.slipway.snapshot.Mount;
import dev.slipway.snapshot.Mounter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/// Mounts trees under numbered directories of one place. Thread-safe.
public final class KernelMounter implements Mounter {
  private final Kernel kernel;
  private final Path place;
  private final AtomicLong next = new AtomicLong();

  private KernelMounter(Kernel kernel, Path place) {
    this.kernel = kernel;
    this.place = place;
  }

  /// Prepares the place: unmounts and removes whatever an earlier daemon left there.
  ///
  /// @param place made when absent
  public static KernelMounter open(Kernel kernel, Path place) {
    try {
      Files.createDirectories(place);
      unmountAll(kernel, place);
      try (Stream<Path> left = Files.list(place)) {
        for (Path stray : left.toList()) {
          Files.deleteIfExists(stray);
        }
      }
    } catch (IOException failed) {
      throw new WrongState("cannot prepare " + place + ": " + failed.getMessage(), failed);
    }
    return new KernelMounter(kernel, place);
  }

  /// Unmounts everything at and below the directory, last mounted first.
  public static void unmountAll(Kernel kernel, Path directory) {
    try {
      Path real = directory.toRealPath();
      MountTable.below(real).reversed().forEach(kernel::unmount);
    } catch (IOException failed) {
      throw new WrongState("cannot resolve " + directory + ": " + failed.getMessage(), failed);
    }
  }

  @Override
  public MountedTree mount(List<Mount> mounts) {
    if (mounts.size() == 1 && mounts.getFirst() instanceof Mount.Bind bind) {
      return new PlainDirectory(bind.source());
    }
    return mountSeparately(mounts);
  }

  /// As [#mount], but never answered by the source itself: read-only is enforced by the kernel, and
  /// what is mounted below the root later vanishes with it.
  public MountedTree mountSeparately(List<Mount> mounts) {
    if (mounts.isEmpty()) {
      throw new InvalidRequest("nothing to mount");
    }
    boolean file =
        mounts.getFirst() instanceof Mount.Bind bind
            && !kernel.attributes(bind.source()).isDirectory();
    MountPoint point = point(file);
    try {
      for (Mount mount : mounts) {
        kernel.mount(mount, point.root());
        point.layers++;
      }
    } catch (BuildFailure failure) {
      point.close();
      throw failure;
    }
    return point;
  }

  /// Mounts what a path names inside a tree; the path is resolved in the tree without a way out,
  /// even while others change it.
  public MountedTree mountInside(Path tree, String path, Access access) {
    FileAttributes found =
        kernel.attributes(kernel.resolveInRoot(tree, path, Kernel.LastLink.FOLLOW));
    MountPoint point = point(!found.isDirectory());
    try {
      kernel.mountInside(tree, path, access == Access.READ_ONLY, point.root());
      point.layers++;
    } catch (BuildFailure failure) {
      point.close();
      throw failure;
    }
    return point;
  }

  public enum Access {
    READ_ONLY,
    READ_WRITE
  }

  private MountPoint point(boolean file) {
    Path path = place.resolve(Long.toString(next.getAndIncrement()));
    try {
      return new MountPoint(file ? Files.createFile(path) : Files.createDirectory(path));
    } catch (IOException failed) {
      throw new WrongState("cannot make mount point " + path + ": " + failed.getMessage(), failed);
    }
  }

  /// A directory that needed no mounting.
  private record PlainDirectory(Path root) implements MountedTree {
    @Override
    public void close() {}
  }

  private final class MountPoint implements MountedTree {
    private final Path path;
    private final AtomicBoolean open = new AtomicBoolean(true);
    private int layers;

    MountPoint(Path path) {
      this.path = path;
    }

    @Override
    public Path root() {
      return path;
    }

    @Override
    public void close() {
      if (!open.getAndSet(false)) {
        return;
      }
      for (; layers > 0; layers--) {
        kernel.unmount(path);
      }
      try {
        Files.deleteIfExists(path);
      } catch (IOException failed) {
        throw new WrongState(
            "cannot remove mount point " + path + ": " + failed.getMessage(), failed);
      }
    }
  }
}
