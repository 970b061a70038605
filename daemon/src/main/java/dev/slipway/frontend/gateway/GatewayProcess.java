package dev.slipway.frontend.gateway;

import dev.slipway.api.gateway.DoneMessage;
import dev.slipway.api.gateway.ExecMessage;
import dev.slipway.api.gateway.ExitMessage;
import dev.slipway.api.gateway.FdMessage;
import dev.slipway.api.gateway.InitMessage;
import dev.slipway.api.gateway.StartedMessage;
import dev.slipway.executor.Executor.ExitStatus;
import dev.slipway.executor.ProcessIo;
import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.ProcessFailed;
import dev.slipway.llb.ContainerDecoder;
import dev.slipway.llb.LlbDecoder;
import dev.slipway.task.Interruption;
import dev.slipway.wire.FailureCodec;
import java.io.OutputStream;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/// One process of an ExecProcess call, from its Init to its Done. Thread-safe: it runs on a thread
/// of its own, while the call hands it what the caller sends.
final class GatewayProcess {
  /// What clients take for "it never got an exit code" (BuildKit, `UnknownExitStatus`).
  private static final int NO_EXIT_CODE = 255;

  private final String id;
  private final GatewayContainer container;
  private final InitMessage init;
  private final ProcessAnswers answers;
  private final PipedInput stdin = new PipedInput();
  private final AtomicBoolean started = new AtomicBoolean();
  private Optional<ProcessIo.Steering> steering = Optional.empty();
  private boolean ended;

  GatewayProcess(String id, GatewayContainer container, InitMessage init, ProcessAnswers answers) {
    this.id = id;
    this.container = container;
    this.init = init;
    this.answers = answers;
  }

  /// Runs it and tells the caller of its start, its output and its end, in that order.
  ///
  /// @throws dev.slipway.failure.Cancelled the caller has gone
  void run() {
    ExitMessage exit = exit();
    tellStarted();
    answers.send(message().setExit(exit).build());
    for (int fd : init.getFdsList()) {
      if (fd != 0) {
        FdMessage end = FdMessage.newBuilder().setFd(fd).setEOF(true).build();
        answers.send(message().setFile(end).build());
      }
    }
    answers.send(message().setDone(DoneMessage.getDefaultInstance()).build());
  }

  private ExitMessage exit() {
    try {
      ExitStatus status = container.run(process(), io());
      int code = status.exitCode();
      ExitMessage.Builder exit = ExitMessage.newBuilder().setCode(code);
      if (code != 0) {
        exit.setError(FailureCodec.encode(new ProcessFailed("exit code: " + code, code)));
      }
      return exit.build();
    } catch (BuildFailure failure) {
      return ExitMessage.newBuilder()
          .setCode(NO_EXIT_CODE)
          .setError(FailureCodec.encode(failure))
          .build();
    } finally {
      end();
    }
  }

  private GatewayContainer.Process process() {
    return new GatewayContainer.Process(
        LlbDecoder.execMeta(init.getMeta()),
        ContainerDecoder.secretEnv(init.getSecretenvList()),
        init.getTty(),
        ContainerDecoder.security(init.getSecurity()));
  }

  private ProcessIo io() {
    return new ProcessIo(
        takesInput() ? Optional.of(stdin) : Optional.empty(),
        output(1),
        output(2),
        Optional.of(this::attach),
        this::tellStarted);
  }

  private boolean takesInput() {
    return init.getFdsList().contains(0);
  }

  private OutputStream output(int fd) {
    List<Integer> wanted = init.getFdsList();
    return wanted.contains(fd) ? answers.output(id, fd) : OutputStream.nullOutputStream();
  }

  private void tellStarted() {
    if (!started.getAndSet(true)) {
      answers.send(message().setStarted(StartedMessage.getDefaultInstance()).build());
    }
  }

  private ExecMessage.Builder message() {
    return ExecMessage.newBuilder().setProcessID(id);
  }

  private synchronized void attach(ProcessIo.Steering process) {
    steering = Optional.of(process);
    notifyAll();
  }

  private void end() {
    stdin.close();
    synchronized (this) {
      ended = true;
      steering = Optional.empty();
      notifyAll();
    }
  }

  /// Input for the process; waits while it has not taken what came before. Dropped when it has
  /// ended: it and its caller may cross.
  void feed(FdMessage message) {
    try {
      stdin.write(message.getData().toByteArray());
    } catch (InterruptedException interrupted) {
      throw Interruption.cancelled(interrupted);
    }
    if (message.getEOF()) {
      stdin.end();
    }
  }

  void endInput() {
    stdin.end();
  }

  void resize(int rows, int columns) {
    awaitSteering().ifPresent(process -> process.resize(rows, columns));
  }

  /// @throws dev.slipway.failure.InvalidRequest there is no such signal
  void signal(String name) {
    awaitSteering().ifPresent(process -> process.signal(name));
  }

  /// Its caller may steer as soon as it knows that it started.
  private synchronized Optional<ProcessIo.Steering> awaitSteering() {
    try {
      while (steering.isEmpty() && !ended) {
        wait();
      }
      return steering;
    } catch (InterruptedException interrupted) {
      throw Interruption.cancelled(interrupted);
    }
  }
}
