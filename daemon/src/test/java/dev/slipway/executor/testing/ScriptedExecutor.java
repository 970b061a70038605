package dev.slipway.executor.testing;

import dev.slipway.executor.ContainerSpec;
import dev.slipway.executor.Executor;
import dev.slipway.executor.ProcessIo;
import dev.slipway.executor.ProcessSpec;
import dev.slipway.failure.WrongState;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/// Runs nothing: every process is answered by a script in Java, and remembered. Thread-safe.
public final class ScriptedExecutor implements Executor {
  private final Script script;
  private final List<Run> runs = new ArrayList<>();

  /// What a process does.
  @FunctionalInterface
  public interface Script {
    /// @return its exit code
    int run(Run run, ProcessIo io) throws IOException;
  }

  public record Run(ContainerSpec container, ProcessSpec process) {}

  public ScriptedExecutor(Script script) {
    this.script = script;
  }

  /// Every process says this and ends well.
  public static ScriptedExecutor saying(String text) {
    return new ScriptedExecutor(
        (_, io) -> {
          io.stdout().write(text.getBytes(StandardCharsets.UTF_8));
          return 0;
        });
  }

  /// What ran so far, in the order of starting.
  public synchronized List<Run> runs() {
    return List.copyOf(runs);
  }

  @Override
  public ExitStatus run(ContainerSpec container, ProcessSpec process, ProcessIo io) {
    var run = new Run(container, process);
    synchronized (this) {
      runs.add(run);
    }
    io.started().run();
    try {
      return new ExitStatus(script.run(run, io), false);
    } catch (IOException failed) {
      throw new WrongState("the script failed: " + failed.getMessage(), failed);
    }
  }

  @Override
  public Container open(ContainerSpec container) {
    var open = new AtomicBoolean(true);
    return new Container() {
      @Override
      public String id() {
        return container.id();
      }

      @Override
      public ExitStatus exec(ProcessSpec process, ProcessIo io) {
        if (!open.get()) {
          throw new WrongState("container " + container.id() + " is closed");
        }
        return run(container, process, io);
      }

      @Override
      public void close() {
        open.set(false);
      }
    };
  }
}
