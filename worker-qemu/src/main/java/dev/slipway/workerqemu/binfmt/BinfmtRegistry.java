package dev.slipway.workerqemu.binfmt;

import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.Denied;
import dev.slipway.failure.WrongState;
import dev.slipway.task.Interruption;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What the kernel runs by an interpreter. The truth is in the kernel and shared by the whole
/// machine, so nothing is kept here. Thread-safe.
public final class BinfmtRegistry {
  private static final Logger log = LoggerFactory.getLogger(BinfmtRegistry.class);

  private final Path directory;

  /// @param directory where binfmt_misc is mounted, `/proc/sys/fs/binfmt_misc`
  public BinfmtRegistry(Path directory) {
    this.directory = directory;
  }

  /// True when rules can be read and written.
  public boolean available() {
    return Files.exists(directory.resolve("register"));
  }

  /// Mounts binfmt_misc where it is missing; it then stays, as it does when the system mounts it at
  /// boot.
  public void mountIfMissing() {
    if (available() || !Files.isDirectory(directory)) {
      return;
    }
    try {
      Process mount =
          new ProcessBuilder("mount", "-t", "binfmt_misc", "binfmt_misc", directory.toString())
              .redirectErrorStream(true)
              .start();
      String said =
          new String(mount.getInputStream().readNBytes(4096), StandardCharsets.UTF_8).strip();
      if (mount.waitFor() != 0) {
        log.debug("cannot mount binfmt_misc: {}", said);
      }
    } catch (IOException failed) {
      log.debug("cannot mount binfmt_misc", failed);
    } catch (InterruptedException interrupted) {
      throw Interruption.cancelled(interrupted);
    }
  }

  /// The rules in force; none when the kernel has them all switched off.
  public List<BinfmtEntry> entries() {
    List<BinfmtEntry> entries = new ArrayList<>();
    if (!read(directory.resolve("status")).startsWith("enabled")) {
      return entries;
    }
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
      for (Path file : files) {
        String name = file.getFileName().toString();
        if (!name.equals("register") && !name.equals("status")) {
          BinfmtEntry.parse(name, read(file)).ifPresent(entries::add);
        }
      }
    } catch (IOException unreadable) {
      log.debug("cannot read {}", directory, unreadable);
    }
    return entries;
  }

  /// The rule that runs programs of the architecture; one that works in every root if there is a
  /// choice.
  public static Optional<BinfmtEntry> find(
      List<BinfmtEntry> entries, ForeignArchitecture architecture) {
    List<BinfmtEntry> fitting = entries.stream().filter(entry -> entry.runs(architecture)).toList();
    return fitting.stream()
        .filter(BinfmtEntry::persistent)
        .findFirst()
        .or(() -> fitting.stream().findFirst());
  }

  /// Registers a static emulator so that it works in every root.
  ///
  /// @throws BuildFailure when the kernel refuses
  public void register(ForeignArchitecture architecture, Path emulator, String flags) {
    String line =
        architecture.registration("qemu-" + architecture.qemuName(), emulator.toString(), flags);
    try {
      Files.writeString(
          directory.resolve("register"), line, StandardCharsets.US_ASCII, StandardOpenOption.WRITE);
      log.info(
          "registered {} with the kernel for programs of {}",
          emulator,
          architecture.platforms().getFirst());
    } catch (AccessDeniedException denied) {
      throw new Denied("the kernel does not let this process register emulators", denied);
    } catch (IOException failed) {
      throw new WrongState("cannot register " + emulator + ": " + failed.getMessage(), failed);
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException absent) {
      return "";
    }
  }
}
