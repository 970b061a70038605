package dev.slipway.app;

import java.lang.reflect.Proxy;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/// SIGTERM and SIGINT as they come, so that a first one can drain and a second one cancel.
/// Thread-safe.
///
/// The JDK's supported answer, a shutdown hook, neither sees a second signal nor lets the process
/// exit with 0. `sun.misc.Signal` (module jdk.unsupported) does; it is reached by reflection
/// because the compiler's warning about it cannot be silenced.
final class StopSignals {
  private final BlockingQueue<String> arrived = new LinkedBlockingQueue<>();

  private StopSignals() {}

  static StopSignals listen() {
    StopSignals signals = new StopSignals();
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      Object receiver =
          Proxy.newProxyInstance(
              StopSignals.class.getClassLoader(),
              new Class<?>[] {handler},
              (proxy, method, arguments) ->
                  switch (method.getName()) {
                    case "handle" -> signals.arrived.add(String.valueOf(arguments[0]));
                    case "equals" -> proxy == arguments[0];
                    case "hashCode" -> System.identityHashCode(proxy);
                    default -> "StopSignals";
                  });
      for (String name : List.of("TERM", "INT")) {
        signal
            .getMethod("handle", signal, handler)
            .invoke(null, signal.getConstructor(String.class).newInstance(name), receiver);
      }
      return signals;
    } catch (ReflectiveOperationException missing) {
      throw new IllegalStateException(
          "this Java runtime lacks the module jdk.unsupported", missing);
    }
  }

  /// Waits for the next one.
  ///
  /// @return its name, such as `SIGTERM`
  String await() throws InterruptedException {
    return arrived.take();
  }
}
