package dev.slipway.frontend.gateway;

import dev.slipway.api.gateway.ExecMessage;
import dev.slipway.api.gateway.FdMessage;
import dev.slipway.api.gateway.InitMessage;
import dev.slipway.failure.AlreadyExists;
import dev.slipway.failure.Cancelled;
import dev.slipway.failure.Exhausted;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.failure.NotFound;
import dev.slipway.task.TaskScope;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.HashMap;
import java.util.Map;

/// One ExecProcess call: the caller starts processes and speaks to them by their ids.
///
/// Confined to the call's callbacks, which gRPC makes one after another; each process has a thread.
/// A caller that half-closes still hears of all its processes' ends. When it goes away, those it
/// started are killed: nobody else could speak to them.
final class ProcessCall implements StreamObserver<ExecMessage> {
  private static final int MOST = 1_000;

  private final GatewayContainers containers;
  private final ProcessAnswers answers;
  private final TaskScope scope = TaskScope.open("container-process");
  private final Map<String, GatewayProcess> processes = new HashMap<>();

  ProcessCall(GatewayContainers containers, ServerCallStreamObserver<ExecMessage> call) {
    this.containers = containers;
    this.answers = new ProcessAnswers(call);
  }

  @Override
  public void onNext(ExecMessage message) {
    try {
      handle(message);
    } catch (RuntimeException failure) {
      answers.fail(failure);
      scope.close();
    }
  }

  private void handle(ExecMessage message) {
    String id = message.getProcessID();
    if (id.isEmpty()) {
      throw new InvalidRequest("ProcessID required");
    }
    switch (message.getInputCase()) {
      case INIT -> start(id, message.getInit());
      case FILE -> feed(id, message.getFile());
      case RESIZE ->
          require(id).resize(message.getResize().getRows(), message.getResize().getCols());
      case SIGNAL -> require(id).signal(message.getSignal().getName());
      case STARTED, EXIT, DONE, INPUT_NOT_SET ->
          throw new InvalidRequest("unexpected message for process " + id);
    }
  }

  private void start(String id, InitMessage init) {
    if (processes.containsKey(id)) {
      throw new AlreadyExists("Process " + id + " already exists");
    }
    if (processes.size() >= MOST) {
      throw new Exhausted("more than " + MOST + " processes in one call");
    }
    GatewayContainer container =
        containers
            .find(init.getContainerID())
            .orElseThrow(
                () ->
                    new NotFound(
                        "container \""
                            + init.getContainerID()
                            + "\" previously released or not created"));
    GatewayProcess process = new GatewayProcess(id, container, init, answers);
    processes.put(id, process);
    scope.forkAction(() -> run(process));
  }

  private void run(GatewayProcess process) {
    try {
      process.run();
    } catch (Cancelled gone) {
      // Nobody is there to be told.
    } catch (RuntimeException bug) {
      answers.fail(bug);
    }
  }

  private void feed(String id, FdMessage data) {
    GatewayProcess process = require(id);
    if (data.getFd() != 0) {
      throw new InvalidRequest("fd " + data.getFd() + " unavailable to write");
    }
    process.feed(data);
  }

  private GatewayProcess require(String id) {
    GatewayProcess process = processes.get(id);
    if (process == null) {
      throw new NotFound("IO for process \"" + id + "\" not found");
    }
    return process;
  }

  /// The caller sends no more, but still listens.
  @Override
  public void onCompleted() {
    processes.values().forEach(GatewayProcess::endInput);
    try {
      scope.join();
      answers.end();
    } finally {
      scope.close();
    }
  }

  @Override
  public void onError(Throwable gone) {
    scope.close();
  }
}
