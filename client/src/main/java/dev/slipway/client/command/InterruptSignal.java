package dev.slipway.client.command;

import java.lang.reflect.Proxy;

/// Ctrl-C as interruption: the command ends in order, its calls are cancelled, and so is the build
/// on the daemon. A second one ends the program at once.
///
/// The JDK's only way to handle a signal is `sun.misc.Signal` (module jdk.unsupported), reached by
/// reflection because compilers warn of it. Where it is missing, Ctrl-C ends the program as the JVM
/// does.
final class InterruptSignal {
  private static final int INTERRUPTED = 130;

  private InterruptSignal() {}

  /// Handles the signal even where it was ignored when the program started (a script's background
  /// job), as BuildKit's client does.
  static void interrupts(Thread thread) {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      Object interrupting =
          Proxy.newProxyInstance(
              InterruptSignal.class.getClassLoader(),
              new Class<?>[] {handler},
              (proxy, method, arguments) -> {
                return switch (method.getName()) {
                  case "handle" -> {
                    if (thread.isInterrupted()) {
                      Runtime.getRuntime().halt(INTERRUPTED);
                    }
                    thread.interrupt();
                    yield proxy;
                  }
                  case "hashCode" -> System.identityHashCode(proxy);
                  case "equals" -> arguments.length == 1 && arguments[0] == proxy;
                  default -> "InterruptSignal";
                };
              });
      signal
          .getMethod("handle", signal, handler)
          .invoke(null, signal.getConstructor(String.class).newInstance("INT"), interrupting);
    } catch (ReflectiveOperationException missing) {
      System.getLogger(InterruptSignal.class.getName())
          .log(System.Logger.Level.DEBUG, "no signal handling here", missing);
    }
  }
}
