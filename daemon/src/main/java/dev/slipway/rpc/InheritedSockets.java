package dev.slipway.rpc;

import dev.slipway.failure.NotFound;
import dev.slipway.failure.WrongState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import jnr.enxio.channels.NativeServerSocketChannel;

/// Listening sockets that the service manager opened for this process (sd_listen_fds(3)).
/// Immutable.
///
/// @param sockets in the service manager's order
public record InheritedSockets(List<Socket> sockets) {
  private static final int FIRST = 3;
  public static final InheritedSockets NONE = new InheritedSockets(List.of());

  public InheritedSockets {
    sockets = List.copyOf(sockets);
  }

  /// @param name given by the socket unit; `unknown` when it gives none
  /// @param descriptor number of the open file
  public record Socket(String name, int descriptor) {}

  /// Reads what the environment says; sockets meant for another process are not ours.
  ///
  /// @param pid of this process
  /// @param forPid `LISTEN_PID`
  /// @param count `LISTEN_FDS`
  /// @param names `LISTEN_FDNAMES`
  public static InheritedSockets of(
      long pid, Optional<String> forPid, Optional<String> count, Optional<String> names) {
    boolean ours = forPid.map(text -> text.equals(Long.toString(pid))).orElse(false);
    if (!ours || count.isEmpty() || !count.get().matches("[0-9]{1,4}")) {
      return NONE;
    }
    String[] given = names.map(text -> text.split(":", -1)).orElse(new String[0]);
    List<Socket> sockets = new ArrayList<>();
    for (int i = 0; i < Integer.parseInt(count.get()); i++) {
      sockets.add(new Socket(i < given.length ? given[i] : "unknown", FIRST + i));
    }
    return new InheritedSockets(sockets);
  }

  /// @throws NotFound no such socket was handed over
  Socket require(ListenAddress.Inherited address) {
    Stream<Socket> matching =
        sockets.stream()
            .filter(socket -> address.name().isEmpty() || address.name().equals(socket.name()));
    return matching
        .findFirst()
        .orElseThrow(
            () ->
                new NotFound(
                    "cannot listen on "
                        + address
                        + ": the service manager handed over no such socket (LISTEN_FDS)"));
  }

  /// Makes accepting from it return at once when nobody waits; service managers hand sockets over
  /// in blocking mode. Neither the JDK nor netty can do this to a descriptor they did not open.
  static void unblock(int descriptor) {
    try {
      new NativeServerSocketChannel(descriptor).configureBlocking(false);
    } catch (IOException failed) {
      throw new WrongState("cannot use inherited descriptor " + descriptor, failed);
    }
  }

  /// Whether the descriptor is a unix socket (else it is taken for TCP).
  static boolean isUnix(int descriptor) {
    try {
      String target = Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor)).toString();
      if (!target.matches("socket:\\[[0-9]+]")) {
        throw new WrongState("inherited descriptor " + descriptor + " is no socket but " + target);
      }
      String inode = target.substring("socket:[".length(), target.length() - 1);
      try (Stream<String> lines = Files.lines(Path.of("/proc/net/unix"))) {
        return lines.anyMatch(
            line ->
                line.strip().split(" +").length > 6 && line.strip().split(" +")[6].equals(inode));
      }
    } catch (IOException failed) {
      throw new WrongState("cannot inspect inherited descriptor " + descriptor, failed);
    }
  }
}
