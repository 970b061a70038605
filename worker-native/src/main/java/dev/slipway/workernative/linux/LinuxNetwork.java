package dev.slipway.workernative.linux;

import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.WrongState;
import dev.slipway.kernel.Kernel;
import dev.slipway.task.PlatformThreads;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;

/// A network namespace (network_namespaces(7)) that a bind mount of its handle keeps.
///
/// A thread that lives for nothing else enters the new namespace, opens the listener there, and
/// ends; a socket stays in the namespace in which it was opened, whoever uses it afterwards.
/// CAP_SYS_ADMIN, CAP_NET_ADMIN.
final class LinuxNetwork implements Kernel.IsolatedNetwork {
  private static final int CLONE_NEWNET = 0x40000000;
  private static final int MS_BIND = 0x1000;
  private static final int AF_INET = 2;
  private static final int SOCK_DGRAM_CLOEXEC = 2 | 0x80000;
  private static final long SIOCSIFFLAGS = 0x8914L;
  private static final short IFF_UP = 1;
  private static final int IFREQ_BYTES = 40;
  private static final int IFREQ_FLAGS = 16;

  private final Kernel kernel;
  private final Path handle;
  private final ServerSocketChannel listener;
  private final AtomicBoolean open = new AtomicBoolean(true);

  private LinuxNetwork(Kernel kernel, Path handle, ServerSocketChannel listener) {
    this.kernel = kernel;
    this.handle = handle;
    this.listener = listener;
  }

  static LinuxNetwork open(Kernel kernel, Path handle) {
    try {
      // What the JDK finds out when it opens its first socket holds for the whole process, so it
      // must not be found out in there.
      openSocket().close();
      Files.createFile(handle);
    } catch (IOException failed) {
      throw failure(handle, failed);
    }
    try {
      return new LinuxNetwork(
          kernel, handle, PlatformThreads.callAlone("network", () -> enter(handle)));
    } catch (BuildFailure failure) {
      remove(kernel, handle);
      throw failure;
    }
  }

  private static ServerSocketChannel openSocket() throws IOException {
    return ServerSocketChannel.open(StandardProtocolFamily.INET);
  }

  private static ServerSocketChannel enter(Path handle) {
    try (var frame = new CallFrame()) {
      check(Libc.unshare(frame, CLONE_NEWNET), "unshare", handle);
      startLoopback(frame, handle);
      check(
          Libc.mount(
              frame,
              frame.text("/proc/thread-self/ns/net"),
              frame.text(handle.toString()),
              frame.text("none"),
              MS_BIND,
              frame.text("")),
          "mount",
          handle);
    }
    try {
      ServerSocketChannel listener = openSocket();
      try {
        return listener.bind(new InetSocketAddress("127.0.0.1", 0));
      } catch (IOException failed) {
        listener.close();
        throw failed;
      }
    } catch (IOException failed) {
      throw failure(handle, failed);
    }
  }

  /// netdevice(7).
  private static void startLoopback(CallFrame frame, Path handle) {
    int socket = Libc.socket(frame, AF_INET, SOCK_DGRAM_CLOEXEC);
    check(socket, "socket", handle);
    try {
      MemorySegment request = frame.space(IFREQ_BYTES);
      request.fill((byte) 0);
      request.setString(0, "lo");
      request.set(ValueLayout.JAVA_SHORT, IFREQ_FLAGS, IFF_UP);
      check(Libc.ioctl(frame, socket, SIOCSIFFLAGS, request.address()), "ioctl", handle);
    } finally {
      Libc.close(frame, socket);
    }
  }

  private static void check(int result, String call, Path handle) {
    if (result < 0) {
      throw new Errno(-result).failure(call, handle.toString());
    }
  }

  private static WrongState failure(Path handle, IOException failed) {
    return new WrongState("cannot make the network " + handle + ": " + failed.getMessage(), failed);
  }

  @Override
  public Path handle() {
    return handle;
  }

  @Override
  public ServerSocketChannel listener() {
    return listener;
  }

  @Override
  public void close() {
    if (!open.getAndSet(false)) {
      return;
    }
    try {
      listener.close();
    } catch (IOException failed) {
      throw new WrongState("cannot close the listener in " + handle, failed);
    } finally {
      remove(kernel, handle);
    }
  }

  private static void remove(Kernel kernel, Path handle) {
    kernel.unmount(handle);
    try {
      Files.deleteIfExists(handle);
    } catch (IOException failed) {
      throw new WrongState("cannot remove " + handle + ": " + failed.getMessage(), failed);
    }
  }
}
