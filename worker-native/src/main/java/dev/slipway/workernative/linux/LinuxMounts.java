package dev.slipway.workernative.linux;

import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.Unsupported;
import dev.slipway.failure.WrongState;
import dev.slipway.snapshot.Mount;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Mounting by the mount API of Linux 5.2 and later (fsopen(2), fsconfig(2), fsmount(2),
/// move_mount(2), open_tree(2), mount_setattr(2)), whose overlay layers are given one by one
/// (`lowerdir+`, Linux 6.5) so that their number is not limited by a page of options; by mount(2)
/// where the kernel is older. All need CAP_SYS_ADMIN. The JDK cannot mount. Thread-safe.
final class LinuxMounts {
  private static final long SYS_OPEN_TREE = 428;
  private static final long SYS_MOVE_MOUNT = 429;
  private static final long SYS_FSOPEN = 430;
  private static final long SYS_FSCONFIG = 431;
  private static final long SYS_FSMOUNT = 432;
  private static final long SYS_MOUNT_SETATTR = 442;

  private static final int FSCONFIG_SET_FLAG = 0;
  private static final int FSCONFIG_SET_STRING = 1;
  private static final int FSCONFIG_CMD_CREATE = 6;
  private static final int OPEN_TREE_CLONE = 1;
  private static final int MOVE_MOUNT_F_EMPTY_PATH = 4;
  private static final int MOUNT_ATTR_RDONLY = 1;
  private static final int MOUNT_ATTR_NOSUID = 2;
  private static final int MOUNT_ATTR_NODEV = 4;
  private static final int CLOSE_ON_EXEC = 1;

  private static final long MS_RDONLY = 1;
  private static final long MS_NOSUID = 2;
  private static final long MS_NODEV = 4;
  private static final long MS_REMOUNT = 32;
  private static final long MS_BIND = 4096;
  private static final long MS_REC = 16384;
  private static final long MS_PRIVATE = 1 << 18;
  private static final int MNT_DETACH = 2;
  private static final int UMOUNT_NOFOLLOW = 8;

  /// fsconfig(2) takes at most 255 bytes of text; mount(2) a page of options.
  private static final int LONGEST_TEXT = 255;

  private static final int PAGE = 4095;

  /// Turned on for good when the kernel answers that it does not know the new way.
  private volatile boolean oldCallsOnly;

  private volatile boolean oldOverlayOptions;

  void mount(Mount mount, Path target) {
    switch (mount) {
      case Mount.Bind bind -> bind(bind.source(), bind.readOnly(), target);
      case Mount.Overlay overlay -> overlay(overlay, target);
      case Mount.Tmpfs tmpfs -> tmpfs(tmpfs, target);
    }
  }

  void unmount(Path target) {
    try (var frame = new CallFrame()) {
      int result = Libc.umount2(frame, frame.text(target), MNT_DETACH | UMOUNT_NOFOLLOW);
      if (result < 0 && result != -Errno.EINVAL && result != -Errno.ENOENT) {
        throw new Errno(-result).failure("unmount", target);
      }
    }
  }

  /// Mounts what a descriptor opened with O_PATH refers to, so that nobody can exchange it between
  /// look-up and mount.
  void bindDescriptor(int descriptor, boolean readOnly, Path target) {
    bind(Path.of("/proc/self/fd/" + descriptor), readOnly, target);
  }

  private void bind(Path source, boolean readOnly, Path target) {
    if (!oldCallsOnly) {
      try (var frame = new CallFrame()) {
        long flags = OPEN_TREE_CLONE | Libc.O_CLOEXEC | Libc.AT_RECURSIVE;
        long tree =
            Libc.syscall(
                frame, SYS_OPEN_TREE, Libc.AT_FDCWD, frame.text(source).address(), flags, 0, 0);
        if (tree != -Errno.ENOSYS) {
          check(tree, "open_tree", source.toString());
          try {
            if (setAttributes(frame, (int) tree, readOnly)) {
              move(frame, (int) tree, target);
              return;
            }
          } finally {
            Libc.close(frame, (int) tree);
          }
        }
      }
      oldCallsOnly = true;
    }
    bindByMount(source, readOnly, target);
  }

  /// Makes the detached tree private and read-only as wanted.
  ///
  /// @return false when the kernel has no mount_setattr(2)
  private static boolean setAttributes(CallFrame frame, int tree, boolean readOnly) {
    MemorySegment attributes = frame.space(32);
    attributes.set(ValueLayout.JAVA_LONG, 0, readOnly ? MOUNT_ATTR_RDONLY : 0);
    attributes.set(ValueLayout.JAVA_LONG, 16, MS_PRIVATE);
    long flags = Libc.AT_EMPTY_PATH | Libc.AT_RECURSIVE;
    long result =
        Libc.syscall(
            frame,
            SYS_MOUNT_SETATTR,
            tree,
            frame.text("").address(),
            flags,
            attributes.address(),
            32);
    if (result == -Errno.ENOSYS) {
      return false;
    }
    check(result, "mount_setattr", "of a bind mount");
    return true;
  }

  private static void bindByMount(Path source, boolean readOnly, Path target) {
    try (var frame = new CallFrame()) {
      MemorySegment at = frame.text(target);
      String what = source + " on " + target;
      check(
          Libc.mount(
              frame,
              frame.text(source),
              at,
              MemorySegment.NULL,
              MS_BIND | MS_REC,
              MemorySegment.NULL),
          "bind",
          what);
      try {
        check(
            Libc.mount(
                frame,
                MemorySegment.NULL,
                at,
                MemorySegment.NULL,
                MS_REC | MS_PRIVATE,
                MemorySegment.NULL),
            "make private",
            what);
        if (readOnly) {
          long flags = MS_REMOUNT | MS_BIND | MS_RDONLY;
          check(
              Libc.mount(
                  frame, MemorySegment.NULL, at, MemorySegment.NULL, flags, MemorySegment.NULL),
              "make read-only",
              what);
        }
      } catch (BuildFailure failure) {
        Libc.umount2(frame, at, MNT_DETACH | UMOUNT_NOFOLLOW);
        throw failure;
      }
    }
  }

  private void overlay(Mount.Overlay overlay, Path target) {
    if (overlay.lower().isEmpty()) {
      throw new Unsupported("an overlay needs at least one lower layer");
    }
    if (overlay.upper().isEmpty() && overlay.lower().size() == 1) {
      // overlayfs refuses a single layer without upper; a read-only bind is the same tree.
      bind(overlay.lower().getFirst(), true, target);
      return;
    }
    overlay.upper().ifPresent(upper -> forgetEarlierMount(upper.work()));
    List<Integer> opened = new ArrayList<>();
    try (var frame = new CallFrame()) {
      try {
        if (oldCallsOnly || oldOverlayOptions || !overlayByLayers(frame, overlay, target, opened)) {
          overlayByOptions(frame, overlay, target, opened);
        }
      } finally {
        opened.forEach(descriptor -> Libc.close(frame, descriptor));
      }
    }
  }

  /// A `volatile` overlay leaves a mark that forbids mounting it again, in case the machine went
  /// down meanwhile. Whether a tree can still be trusted is for the snapshotter to know, so the
  /// mark goes.
  private static void forgetEarlierMount(Path work) {
    Path mark = work.resolve("work").resolve("incompat");
    try {
      Files.deleteIfExists(mark.resolve("volatile").resolve("dirty"));
      Files.deleteIfExists(mark.resolve("volatile"));
      Files.deleteIfExists(mark);
    } catch (IOException failed) {
      throw new WrongState(
          "cannot reuse work directory " + work + ": " + failed.getMessage(), failed);
    }
  }

  /// @return false when the kernel does not know this way
  private boolean overlayByLayers(
      CallFrame frame, Mount.Overlay overlay, Path target, List<Integer> opened) {
    long context =
        Libc.syscall(frame, SYS_FSOPEN, frame.text("overlay").address(), CLOSE_ON_EXEC, 0, 0, 0);
    if (context == -Errno.ENOSYS) {
      oldCallsOnly = true;
      return false;
    }
    check(context, "fsopen", "overlay");
    opened.add((int) context);
    var configuration = new Configuration(frame, (int) context, target);
    configuration.set("source", "overlay");
    for (Path layer : overlay.lower()) {
      long result = configuration.trySet("lowerdir+", layerText(frame, layer, opened));
      if (result == -Errno.EINVAL && layer.equals(overlay.lower().getFirst())) {
        oldOverlayOptions = true;
        return false;
      }
      configuration.check(result, "lowerdir+ " + layer);
    }
    overlay
        .upper()
        .ifPresent(
            upper -> {
              configuration.set("upperdir", layerText(frame, upper.directory(), opened));
              configuration.set("workdir", layerText(frame, upper.work(), opened));
            });
    for (String[] option : OVERLAY_OPTIONS) {
      configuration.set(option[0], option[1]);
    }
    if (overlay.upper().isPresent()) {
      // Without it every unmount flushes the whole file system below. Who needs the layer on disk
      // flushes it.
      configuration.setFlag("volatile");
    }
    configuration.create();
    attach(frame, (int) context, overlay.upper().isEmpty() ? MOUNT_ATTR_RDONLY : 0, target);
    return true;
  }

  /// What makes layers plain: no origin index, no metadata-only copies, no renamed directories by
  /// reference. Distributions differ in the kernel's defaults, so all are said.
  private static final String[][] OVERLAY_OPTIONS = {
    {"index", "off"}, {"metacopy", "off"}, {"redirect_dir", "off"}, {"xino", "off"}
  };

  private static void overlayByOptions(
      CallFrame frame, Mount.Overlay overlay, Path target, List<Integer> opened) {
    // Descriptors keep the paths short and free of characters that have a meaning in options.
    StringBuilder options = new StringBuilder("lowerdir=");
    for (int i = 0; i < overlay.lower().size(); i++) {
      options.append(i == 0 ? "" : ":").append(byDescriptor(frame, overlay.lower().get(i), opened));
    }
    overlay
        .upper()
        .ifPresent(
            upper ->
                options
                    .append(",upperdir=")
                    .append(byDescriptor(frame, upper.directory(), opened))
                    .append(",workdir=")
                    .append(byDescriptor(frame, upper.work(), opened)));
    for (String[] option : OVERLAY_OPTIONS) {
      options.append(',').append(option[0]).append('=').append(option[1]);
    }
    if (options.length() > PAGE) {
      throw new Unsupported(
          "mount of "
              + overlay.lower().size()
              + " layers: this kernel takes them in one page of options; Linux 6.5 has no such limit");
    }
    long flags = overlay.upper().isEmpty() ? MS_RDONLY : 0;
    MemorySegment type = frame.text("overlay");
    check(
        Libc.mount(frame, type, frame.text(target), type, flags, frame.text(options.toString())),
        "mount overlay",
        "of " + overlay.lower().size() + " layers on " + target);
  }

  private static String layerText(CallFrame frame, Path layer, List<Integer> opened) {
    String text = layer.toString();
    boolean plain =
        text.indexOf('\\') < 0 && text.getBytes(StandardCharsets.UTF_8).length <= LONGEST_TEXT;
    return plain ? text : byDescriptor(frame, layer, opened);
  }

  private static String byDescriptor(CallFrame frame, Path directory, List<Integer> opened) {
    int flags = Libc.O_PATH | Libc.O_DIRECTORY | Libc.O_CLOEXEC;
    int descriptor =
        (int)
            check(
                Libc.open(frame, frame.text(directory), flags, 0),
                "open layer",
                directory.toString());
    opened.add(descriptor);
    return "/proc/self/fd/" + descriptor;
  }

  private void tmpfs(Mount.Tmpfs tmpfs, Path target) {
    String mode = "0" + Integer.toOctalString(tmpfs.mode());
    try (var frame = new CallFrame()) {
      long context =
          oldCallsOnly
              ? -Errno.ENOSYS
              : Libc.syscall(
                  frame, SYS_FSOPEN, frame.text("tmpfs").address(), CLOSE_ON_EXEC, 0, 0, 0);
      if (context == -Errno.ENOSYS) {
        oldCallsOnly = true;
        String options = "mode=" + mode + (tmpfs.bytes() > 0 ? ",size=" + tmpfs.bytes() : "");
        long flags = MS_NOSUID | MS_NODEV | (tmpfs.readOnly() ? MS_RDONLY : 0);
        MemorySegment type = frame.text("tmpfs");
        check(
            Libc.mount(frame, type, frame.text(target), type, flags, frame.text(options)),
            "mount tmpfs",
            target.toString());
        return;
      }
      check(context, "fsopen", "tmpfs");
      try {
        var configuration = new Configuration(frame, (int) context, target);
        configuration.set("source", "tmpfs");
        configuration.set("mode", mode);
        if (tmpfs.bytes() > 0) {
          configuration.set("size", Long.toString(tmpfs.bytes()));
        }
        configuration.create();
        int attributes =
            MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | (tmpfs.readOnly() ? MOUNT_ATTR_RDONLY : 0);
        attach(frame, (int) context, attributes, target);
      } finally {
        Libc.close(frame, (int) context);
      }
    }
  }

  private static void attach(CallFrame frame, int context, int attributes, Path target) {
    long mounted =
        check(
            Libc.syscall(frame, SYS_FSMOUNT, context, CLOSE_ON_EXEC, attributes, 0, 0),
            "fsmount",
            target.toString());
    try {
      move(frame, (int) mounted, target);
    } finally {
      Libc.close(frame, (int) mounted);
    }
  }

  private static void move(CallFrame frame, int tree, Path target) {
    long moved =
        Libc.syscall(
            frame,
            SYS_MOVE_MOUNT,
            tree,
            frame.text("").address(),
            Libc.AT_FDCWD,
            frame.text(target).address(),
            MOVE_MOUNT_F_EMPTY_PATH);
    check(moved, "move_mount", target.toString());
  }

  private static long check(long result, String call, String what) {
    if (result < 0) {
      throw new Errno((int) -result).failure(call, what);
    }
    return result;
  }

  /// A file system context being filled (fsconfig(2)); the kernel's own words about what went wrong
  /// are read from it.
  private record Configuration(CallFrame frame, int context, Path target) {
    long trySet(String key, String value) {
      return Libc.syscall(
          frame,
          SYS_FSCONFIG,
          context,
          FSCONFIG_SET_STRING,
          frame.text(key).address(),
          frame.text(value).address(),
          0);
    }

    void set(String key, String value) {
      check(trySet(key, value), key + "=" + value);
    }

    void setFlag(String key) {
      check(
          Libc.syscall(
              frame, SYS_FSCONFIG, context, FSCONFIG_SET_FLAG, frame.text(key).address(), 0, 0),
          key);
    }

    void create() {
      check(Libc.syscall(frame, SYS_FSCONFIG, context, FSCONFIG_CMD_CREATE, 0, 0, 0), "create");
    }

    void check(long result, String step) {
      if (result < 0) {
        throw new Errno((int) -result).failure("mount on " + target + ", " + step, kernelWords());
      }
    }

    private String kernelWords() {
      MemorySegment buffer = frame.space(512);
      long bytes = Libc.read(frame, context, buffer, 512);
      return bytes <= 0
          ? ""
          : new String(
                  buffer.asSlice(0, bytes).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8)
              .strip();
    }
  }
}
