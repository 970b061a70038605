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
  private static final long SIOCBRDELBR = 0x89a1L;
  private static final short IFF_UP = 1;
  private static final short IFF_DOWN = 0;
  private static final int IFREQ_BYTES = 40;
  private static final int IFREQ_FLAGS = 16;
  private static final int IFREQ_NAME = 16;

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

  /// Makes a namespace with its loopback device up, and no listener.
  static void make(Kernel kernel, Path handle) {
    try {
      Files.createFile(handle);
    } catch (IOException failed) {
      throw failure(handle, failed);
    }
    try {
      PlatformThreads.callAlone(
          "network",
          () -> {
            enterNew(handle);
            return handle;
          });
    } catch (BuildFailure failure) {
      remove(kernel, handle);
      throw failure;
    }
  }

  private static void enterNew(Path handle) {
    try (var frame = new CallFrame()) {
      check(Libc.unshare(frame, CLONE_NEWNET), "unshare", handle);
      setFlags(frame, "lo", IFF_UP);
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
  }

  private static ServerSocketChannel enter(Path handle) {
    enterNew(handle);
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

  /// Takes a bridge of this thread's network away, with whatever is still in it.
  static void removeBridge(String name) {
    try (var frame = new CallFrame()) {
      setFlags(frame, name, IFF_DOWN);
      int socket = Libc.socket(frame, AF_INET, SOCK_DGRAM_CLOEXEC);
      check(socket, "socket", name);
      try {
        MemorySegment text = frame.space(IFREQ_NAME);
        text.fill((byte) 0);
        text.setString(0, name);
        check(Libc.ioctl(frame, socket, SIOCBRDELBR, text.address()), "ioctl", name);
      } finally {
        Libc.close(frame, socket);
      }
    }
  }

  /// netdevice(7).
  private static void setFlags(CallFrame frame, String device, short flags) {
    int socket = Libc.socket(frame, AF_INET, SOCK_DGRAM_CLOEXEC);
    check(socket, "socket", device);
    try {
      MemorySegment request = frame.space(IFREQ_BYTES);
      request.fill((byte) 0);
      request.setString(0, device);
      request.set(ValueLayout.JAVA_SHORT, IFREQ_FLAGS, flags);
      check(Libc.ioctl(frame, socket, SIOCSIFFLAGS, request.address()), "ioctl", device);
    } finally {
      Libc.close(frame, socket);
    }
  }

  private static void check(int result, String call, Path handle) {
    check(result, call, handle.toString());
  }

  private static void check(int result, String call, String thing) {
    if (result < 0) {
      throw new Errno(-result).failure(call, thing);
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
