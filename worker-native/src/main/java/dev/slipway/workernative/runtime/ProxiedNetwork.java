package dev.slipway.workernative.runtime;

import dev.slipway.executor.NetworkProxy;
import dev.slipway.executor.ProcessSpec;
import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.WrongState;
import dev.slipway.kernel.Kernel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// A container's own network, in which there is a proxy and nothing else. Immutable but for
/// [#close()].
final class ProxiedNetwork implements AutoCloseable {
  private static final String LOCAL_NAMES = "127.0.0.1,localhost,::1";

  private final Kernel.IsolatedNetwork network;
  private final NetworkProxy.Service service;
  private final String address;

  private ProxiedNetwork(
      Kernel.IsolatedNetwork network, NetworkProxy.Service service, String address) {
    this.network = network;
    this.service = service;
    this.address = address;
  }

  /// Makes the network and has it served. Caller closes.
  static ProxiedNetwork open(Kernel kernel, NetworkProxy proxy, Path handle) {
    Kernel.IsolatedNetwork network = kernel.openNetwork(handle);
    try {
      return new ProxiedNetwork(network, proxy.serve(network.listener()), address(network));
    } catch (BuildFailure failure) {
      network.close();
      throw failure;
    }
  }

  private static String address(Kernel.IsolatedNetwork network) {
    try {
      if (network.listener().getLocalAddress() instanceof InetSocketAddress bound) {
        return "http://" + bound.getAddress().getHostAddress() + ":" + bound.getPort();
      }
      throw new WrongState("the listener in " + network.handle() + " has no address");
    } catch (IOException failed) {
      throw new WrongState("the listener in " + network.handle() + " has no address", failed);
    }
  }

  Path handle() {
    return network.handle();
  }

  /// The process with the variables that most programs look at; what it had of them itself counts
  /// no more, as it leads nowhere.
  ProcessSpec told(ProcessSpec process) {
    List<String> environment = new ArrayList<>(process.env());
    for (String name : List.of("HTTP_PROXY", "HTTPS_PROXY")) {
      put(environment, name, address);
      put(environment, name.toLowerCase(Locale.ROOT), address);
    }
    put(environment, "NO_PROXY", LOCAL_NAMES);
    put(environment, "no_proxy", LOCAL_NAMES);
    return process.withEnv(environment);
  }

  private static void put(List<String> environment, String name, String value) {
    environment.removeIf(variable -> variable.startsWith(name + "="));
    environment.add(name + "=" + value);
  }

  @Override
  public void close() {
    try {
      service.close();
    } finally {
      network.close();
    }
  }
}
