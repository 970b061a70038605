package dev.slipway.frontend.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.slipway.api.gateway.ExecMessage;
import dev.slipway.api.gateway.ExecMessage.InputCase;
import dev.slipway.api.gateway.FdMessage;
import dev.slipway.api.gateway.InitMessage;
import dev.slipway.api.gateway.LLBBridgeGrpc;
import dev.slipway.api.gateway.ResizeMessage;
import dev.slipway.api.gateway.SignalMessage;
import dev.slipway.api.ops.Meta;
import dev.slipway.executor.Executor.ExitStatus;
import dev.slipway.executor.ProcessIo;
import dev.slipway.failure.Denied;
import dev.slipway.rpc.testing.LoopbackServer;
import dev.slipway.task.Interruption;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.ServerInterceptors;
import io.grpc.Status;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@SuppressWarnings("NullAway.Init")
@Timeout(60)
class ProcessCallIT {
  @TempDir Path folder;
  private LoopbackServer server;
  private ManagedChannel channel;
  private volatile Program program = (_, _) -> 0;
  private final Answers answers = new Answers();

  @BeforeEach
  void start() {
    FakeBuild build =
        new FakeBuild(new ScriptedContainer((process, io) -> program.run(process, io)));
    server =
        LoopbackServer.start(
            folder,
            _ ->
                List.of(
                    ServerInterceptors.intercept(
                        LlbBridgeService.byBuildId(_ -> build), new BuildIdInterceptor())));
    channel = server.connect();
  }

  @AfterEach
  void stop() {
    channel.shutdownNow();
    server.close();
  }

  private StreamObserver<ExecMessage> call() {
    Metadata headers = new Metadata();
    headers.put(
        Metadata.Key.of("buildkit-controlapi-buildid", Metadata.ASCII_STRING_MARSHALLER), "b");
    return LLBBridgeGrpc.newStub(
            ClientInterceptors.intercept(
                channel, MetadataUtils.newAttachHeadersInterceptor(headers)))
        .execProcess(answers);
  }

  private static ExecMessage init(String process, Integer... fds) {
    return ExecMessage.newBuilder()
        .setProcessID(process)
        .setInit(
            InitMessage.newBuilder()
                .setContainerID(ScriptedContainer.ID)
                .setMeta(Meta.newBuilder().addArgs("program").addArgs(process))
                .addAllFds(List.of(fds)))
        .build();
  }

  private static ExecMessage input(String process, String text, boolean last) {
    return ExecMessage.newBuilder()
        .setProcessID(process)
        .setFile(FdMessage.newBuilder().setData(ByteString.copyFromUtf8(text)).setEOF(last))
        .build();
  }

  @Test
  void tellsOfTheStartThenTheOutputThenTheExitAndIsDoneLast() throws Exception {
    program =
        (_, io) -> {
          io.stdout().write("out".getBytes(StandardCharsets.UTF_8));
          return 3;
        };

    StreamObserver<ExecMessage> call = call();
    call.onNext(init("p", 1, 2));
    call.onCompleted();

    List<ExecMessage> told = answers.all();
    assertThat(told)
        .extracting(ExecMessage::getInputCase)
        .containsExactly(
            InputCase.STARTED,
            InputCase.FILE,
            InputCase.EXIT,
            InputCase.FILE,
            InputCase.FILE,
            InputCase.DONE);
    assertThat(told.get(1).getFile().getData().toStringUtf8()).isEqualTo("out");
    assertThat(told.get(2).getExit().getCode()).isEqualTo(3);
    assertThat(told.get(2).getExit().getError().getMessage()).isEqualTo("exit code: 3");
    assertThat(told.subList(3, 5)).allMatch(message -> message.getFile().getEOF());
  }

  @Test
  void handsOnInputUntilItsEnd() throws Exception {
    program =
        (_, io) -> {
          io.stdout().write(io.stdin().orElseThrow().readAllBytes());
          return 0;
        };

    StreamObserver<ExecMessage> call = call();
    call.onNext(init("p", 0, 1));
    call.onNext(input("p", "one ", false));
    call.onNext(input("p", "two", true));

    assertThat(answers.output("p")).isEqualTo("one two");
  }

  @Test
  void keepsProcessesOfOneCallApart() throws Exception {
    program =
        (process, io) -> {
          byte[] in = io.stdin().orElseThrow().readAllBytes();
          io.stdout()
              .write((process.meta().args().getLast() + ":").getBytes(StandardCharsets.UTF_8));
          io.stdout().write(in);
          return 0;
        };

    StreamObserver<ExecMessage> call = call();
    call.onNext(init("a", 0, 1));
    call.onNext(init("b", 0, 1));
    call.onNext(input("b", "for b", true));
    String b = answers.output("b");
    call.onNext(input("a", "for a", true));

    assertThat(b).isEqualTo("b:for b");
    assertThat(answers.output("a")).isEqualTo("a:for a");
  }

  @Test
  void steersARunningProcess() throws Exception {
    BlockingQueue<String> steered = new LinkedBlockingQueue<>();
    CountDownLatch ended = new CountDownLatch(2);
    program =
        (_, io) -> {
          io.control()
              .orElseThrow()
              .attach(
                  new ProcessIo.Steering() {
                    @Override
                    public void resize(int rows, int columns) {
                      steered.add(rows + "x" + columns);
                      ended.countDown();
                    }

                    @Override
                    public void signal(String signal) {
                      steered.add(signal);
                      ended.countDown();
                    }
                  });
          await(ended);
          return 0;
        };

    StreamObserver<ExecMessage> call = call();
    call.onNext(init("p"));
    call.onNext(
        ExecMessage.newBuilder()
            .setProcessID("p")
            .setResize(ResizeMessage.newBuilder().setRows(24).setCols(80))
            .build());
    call.onNext(
        ExecMessage.newBuilder()
            .setProcessID("p")
            .setSignal(SignalMessage.newBuilder().setName("TERM"))
            .build());
    call.onCompleted();

    answers.all();
    assertThat(steered).containsExactly("24x80", "TERM");
  }

  @Test
  void aRefusedProcessStartsForItsCallerAndEndsWithoutAnExitCode() throws Exception {
    program =
        (_, _) -> {
          throw new Denied("security.insecure is not allowed");
        };

    StreamObserver<ExecMessage> call = call();
    call.onNext(init("p"));
    call.onCompleted();

    List<ExecMessage> told = answers.all();
    assertThat(told)
        .extracting(ExecMessage::getInputCase)
        .containsExactly(InputCase.STARTED, InputCase.EXIT, InputCase.DONE);
    assertThat(told.get(1).getExit().getCode()).isEqualTo(255);
    assertThat(told.get(1).getExit().getError().getMessage())
        .isEqualTo("security.insecure is not allowed");
  }

  @Test
  void inputForAnEndedProcessIsDropped() throws Exception {
    StreamObserver<ExecMessage> call = call();
    call.onNext(init("p", 0));
    answers.until(InputCase.DONE);
    call.onNext(input("p", "late", false));
    call.onCompleted();

    assertThat(answers.end().isOk()).isTrue();
  }

  @Test
  void inputForAProcessThatNeverWasEndsTheCall() throws Exception {
    StreamObserver<ExecMessage> call = call();
    call.onNext(input("p", "hello", false));

    assertThat(answers.end().getCode()).isEqualTo(Status.Code.NOT_FOUND);
  }

  @Test
  void anUnknownContainerEndsTheCall() throws Exception {
    StreamObserver<ExecMessage> call = call();
    call.onNext(
        ExecMessage.newBuilder()
            .setProcessID("p")
            .setInit(InitMessage.newBuilder().setContainerID("other"))
            .build());

    Status end = answers.end();
    assertThat(end.getCode()).isEqualTo(Status.Code.NOT_FOUND);
    assertThat(end.getDescription())
        .isEqualTo("container \"other\" previously released or not created");
  }

  @Test
  void processesOfACallerThatWentAwayAreKilled() throws Exception {
    CountDownLatch killed = new CountDownLatch(1);
    program =
        (_, _) -> {
          try {
            await(new CountDownLatch(1));
          } finally {
            killed.countDown();
          }
          return 0;
        };

    StreamObserver<ExecMessage> call = call();
    call.onNext(init("p"));
    answers.until(InputCase.STARTED);
    call.onError(Status.CANCELLED.asRuntimeException());

    assertThat(killed.await(50, TimeUnit.SECONDS)).isTrue();
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException interrupted) {
      throw Interruption.cancelled(interrupted);
    }
  }

  /// What a process does instead of running.
  private interface Program {
    int run(GatewayContainer.Process process, ProcessIo io) throws IOException;
  }

  private record ScriptedContainer(Program program) implements FakeBuild.RunningOnly {
    static final String ID = "container";

    @Override
    public ExitStatus run(Process process, ProcessIo io) {
      try {
        io.started().run();
        return new ExitStatus(program.run(process, io), false);
      } catch (IOException failed) {
        throw new IllegalStateException(failed);
      }
    }
  }

  /// What the caller is told. Thread-safe.
  private static final class Answers implements StreamObserver<ExecMessage> {
    private final BlockingQueue<Object> told = new LinkedBlockingQueue<>();
    private final List<ExecMessage> taken = new ArrayList<>();

    @Override
    public void onNext(ExecMessage message) {
      told.add(message);
    }

    @Override
    public void onError(Throwable failure) {
      told.add(Status.fromThrowable(failure));
    }

    @Override
    public void onCompleted() {
      told.add(Status.OK);
    }

    private Optional<Status> take() throws InterruptedException {
      return switch (told.take()) {
        case ExecMessage message -> {
          taken.add(message);
          yield Optional.empty();
        }
        case Object end -> Optional.of((Status) end);
      };
    }

    Status end() throws InterruptedException {
      Optional<Status> end = Optional.empty();
      while (end.isEmpty()) {
        end = take();
      }
      return end.get();
    }

    List<ExecMessage> all() throws InterruptedException {
      assertThat(end().isOk()).isTrue();
      return taken;
    }

    void until(InputCase wanted) throws InterruptedException {
      while (taken.stream().noneMatch(message -> message.getInputCase() == wanted)) {
        assertThat(take()).isEmpty();
      }
    }

    String output(String process) throws InterruptedException {
      while (taken.stream()
          .noneMatch(
              message ->
                  message.getProcessID().equals(process)
                      && message.getInputCase() == InputCase.DONE)) {
        assertThat(take()).isEmpty();
      }
      StringBuilder text = new StringBuilder();
      taken.stream()
          .filter(message -> message.getProcessID().equals(process))
          .forEach(message -> text.append(message.getFile().getData().toStringUtf8()));
      return text.toString();
    }
  }
}
