package dev.slipway.deploy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// What a running daemon holds.
///
/// @param heapBytes of all objects that can be reached
/// @param mounts in the daemon's mount namespace
/// @param processes below the daemon's
/// @param files below its root
/// @param diskBytes that they take
record Holdings(
    long heapBytes,
    int threads,
    int descriptors,
    int mounts,
    long processes,
    int files,
    long diskBytes) {
  private static final Pattern TOTAL = Pattern.compile("(?m)^Total +[0-9]+ +([0-9]+)");

  static Holdings of(DaemonProcess daemon) {
    // First what asking for the heap adds to.
    long heap = liveHeap(daemon.pid());
    Path process = Path.of("/proc/" + daemon.pid());
    List<Long> sizes = sizesBelow(daemon.root());
    return new Holdings(
        heap,
        countIn(process.resolve("task")),
        countIn(process.resolve("fd")),
        lines(process.resolve("mountinfo")),
        ProcessHandle.of(daemon.pid()).orElseThrow().descendants().count(),
        sizes.size(),
        sizes.stream().mapToLong(Long::longValue).sum());
  }

  /// What of it is more than chance explains, in words. A thing that stays behind with every build
  /// shows hundreds of times.
  List<String> excessOver(Holdings before) {
    List<String> excess = new ArrayList<>();
    note(excess, "heap", heapBytes - before.heapBytes, 1_000_000);
    note(excess, "threads", threads - before.threads, 12);
    note(excess, "descriptors", descriptors - before.descriptors, 12);
    note(excess, "mounts", mounts - before.mounts, 0);
    note(excess, "processes", processes - before.processes, 0);
    note(excess, "files", files - before.files, 12);
    note(excess, "disk", diskBytes - before.diskBytes, 3_000_000);
    return excess;
  }

  private static void note(List<String> excess, String what, long more, long allowed) {
    if (more > allowed) {
      excess.add(what + ": " + more + " more");
    }
  }

  /// Of the objects that a collection leaves; it collects first.
  private static long liveHeap(long pid) {
    String histogram = jcmd(pid, "GC.class_histogram");
    Matcher total = TOTAL.matcher(histogram);
    if (!total.find()) {
      throw new AssertionError("no total in " + histogram);
    }
    return Long.parseLong(total.group(1));
  }

  private static String jcmd(long pid, String command) {
    Path program = Path.of(System.getProperty("java.home"), "bin/jcmd");
    try {
      Process process =
          new ProcessBuilder(program.toString(), Long.toString(pid), command)
              .redirectErrorStream(true)
              .start();
      String answer = new String(process.getInputStream().readAllBytes());
      int exit = process.waitFor();
      if (exit != 0) {
        throw new AssertionError(program + " ended with " + exit + ": " + answer);
      }
      return answer;
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(interrupted);
    }
  }

  private static int countIn(Path folder) {
    try (Stream<Path> entries = Files.list(folder)) {
      return (int) entries.count();
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  private static int lines(Path file) {
    try {
      return Files.readAllLines(file).size();
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  /// In bytes. Again from the start when a file goes while it is looked at.
  private static List<Long> sizesBelow(Path root) {
    while (true) {
      try (Stream<Path> files = Files.walk(root)) {
        List<Long> sizes = new ArrayList<>();
        for (Path file : files.toList()) {
          sizes.add((Long) Files.getAttribute(file, "size", LinkOption.NOFOLLOW_LINKS));
        }
        return sizes;
      } catch (java.nio.file.NoSuchFileException | UncheckedIOException gone) {
        continue;
      } catch (IOException failed) {
        throw new UncheckedIOException(failed);
      }
    }
  }
}
