package dev.slipway.deploy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// A daemon on a private root and socket, as a process of its own. Confined to the test's thread.
final class DaemonProcess implements AutoCloseable {
  private static final Duration READY_WITHIN = Duration.ofMinutes(3);
  private static final Duration STOPPED_WITHIN = Duration.ofMinutes(2);

  private final Distribution distribution;
  private final Path folder;
  private final List<String> within;
  private final List<String> flags;
  private final Rehearsing rehearsing;
  private Process process;
  private Duration readyAfter;

  /// Whether it builds something of its own while the tests do not: that would take the processor
  /// from whatever the tests do beside.
  private enum Rehearsing {
    YES,
    NO
  }

  private DaemonProcess(
      Distribution distribution,
      Path folder,
      List<String> within,
      List<String> flags,
      Rehearsing rehearsing) {
    this.distribution = distribution;
    this.folder = folder;
    this.within = within;
    this.flags = flags;
    this.rehearsing = rehearsing;
    this.process = launch();
    this.readyAfter = awaitReady();
  }

  /// Starts a daemon that keeps everything below `folder`, and waits until it takes connections.
  /// The caller closes it.
  static DaemonProcess start(
      Distribution distribution, Path folder, Path config, String... moreFlags) {
    return startWithin(List.of(), distribution, folder, config, moreFlags);
  }

  /// The same, by a command that takes a program with its arguments and becomes it.
  static DaemonProcess startWithin(
      List<String> command,
      Distribution distribution,
      Path folder,
      Path config,
      String... moreFlags) {
    return new DaemonProcess(
        distribution, folder, command, flags(folder, config, moreFlags), Rehearsing.NO);
  }

  /// The same, and the daemon rehearses.
  static DaemonProcess startRehearsing(Distribution distribution, Path folder, Path config) {
    return new DaemonProcess(
        distribution, folder, List.of(), flags(folder, config), Rehearsing.YES);
  }

  private static List<String> flags(Path folder, Path config, String... moreFlags) {
    List<String> flags = new ArrayList<>();
    flags.addAll(List.of("--root", folder.resolve("root").toString()));
    flags.addAll(List.of("--addr", "unix://" + folder.resolve("socket")));
    flags.addAll(List.of("--config", config.toString()));
    flags.addAll(List.of(moreFlags));
    return List.copyOf(flags);
  }

  private Process launch() {
    List<String> command = new ArrayList<>(within);
    command.add(distribution.daemon().toString());
    command.addAll(flags);
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()));
    builder.environment().put("PATH", distribution.searchPath());
    builder.environment().put("SLIPWAY_REHEARSAL", String.valueOf(rehearsing == Rehearsing.YES));
    if (!distribution.isOurs()) {
      // BuildKit clips a step's output unless told not to; ours never does.
      builder.environment().put("BUILDKIT_STEP_LOG_MAX_SIZE", "-1");
      builder.environment().put("BUILDKIT_STEP_LOG_MAX_SPEED", "-1");
    }
    try {
      return builder.start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Duration awaitReady() {
    try {
      return Await.until(
          "the daemon takes connections",
          READY_WITHIN,
          () -> {
            if (!process.isAlive()) {
              throw new AssertionError(
                  "the daemon ended with " + process.exitValue() + "\n" + logTail());
            }
            return connects();
          });
    } catch (AssertionError e) {
      process.destroyForcibly();
      throw new AssertionError(e.getMessage() + "\n" + logTail(), e);
    }
  }

  private boolean connects() {
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      return channel.connect(UnixDomainSocketAddress.of(folder.resolve("socket")));
    } catch (IOException e) {
      return false;
    }
  }

  String address() {
    return "unix://" + folder.resolve("socket");
  }

  Path root() {
    return folder.resolve("root");
  }

  Path log() {
    return folder.resolve("daemon.log");
  }

  long pid() {
    return process.pid();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /// From exec until it took connections, at the last start.
  Duration readyAfter() {
    return readyAfter;
  }

  /// Ends it as a power cut would, and waits until it is gone.
  void kill() {
    process.destroyForcibly();
    awaitEnd();
  }

  /// Starts it again on what the last one left.
  void startAgain() {
    process = launch();
    readyAfter = awaitReady();
  }

  /// Asks it to stop, as a service manager does, and returns its exit code.
  int stop() {
    process.destroy();
    return awaitEnd();
  }

  private int awaitEnd() {
    try {
      if (!process.waitFor(STOPPED_WITHIN.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly().waitFor();
        throw new AssertionError(
            "the daemon did not stop within " + STOPPED_WITHIN + "\n" + logTail());
      }
      return process.exitValue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  String logTail() {
    try {
      String text = Files.exists(log()) ? Files.readString(log()) : "";
      return text.substring(Math.max(0, text.length() - 20_000));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    if (process.isAlive()) {
      stop();
    }
  }
}
