package dev.slipway.client.build;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.api.control.BytesMessage;
import dev.slipway.api.control.ControlGrpc;
import dev.slipway.api.control.SolveRequest;
import dev.slipway.api.control.SolveResponse;
import dev.slipway.api.control.StatusRequest;
import dev.slipway.api.control.StatusResponse;
import dev.slipway.api.control.Vertex;
import dev.slipway.client.connect.DaemonAddress;
import dev.slipway.client.connect.DaemonConnection;
import dev.slipway.client.progress.ProgressDisplay;
import dev.slipway.failure.ProcessFailed;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ClientBuildTest {
  private static final BuildSpec SPEC =
      new BuildSpec(
          "dockerfile.v0",
          new byte[0],
          Map.of(),
          new BuildSpec.Offered(Map.of(), Map.of(), Map.of()),
          List.of(),
          List.of(),
          new BuildSpec.CacheOptions(List.of(), List.of()));

  private final List<String> shown = new ArrayList<>();
  private Server server;
  private DaemonConnection connection;

  @BeforeEach
  void start() throws IOException {
    server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .addService(new FailingDaemon())
            .build()
            .start();
    connection =
        DaemonConnection.open(
            DaemonAddress.parse("tcp://127.0.0.1:" + server.getPort()), Optional.empty());
  }

  @AfterEach
  void stop() throws InterruptedException {
    connection.close();
    server.shutdownNow().awaitTermination();
  }

  @Test
  void whatIsToldAfterTheFailureIsShownToo() {
    ClientBuild build = new ClientBuild(connection, Path.of("/nonexistent"));

    assertThatThrownBy(() -> build.run(SPEC, "key", new Names()))
        .isInstanceOf(ProcessFailed.class)
        .hasMessage("the step failed");

    assertThat(shown).containsExactly("last words");
  }

  private final class Names implements ProgressDisplay {
    @Override
    public void show(StatusResponse update) {
      update.getVertexesList().forEach(vertex -> shown.add(vertex.getName()));
    }

    @Override
    public void close() {
      // nothing to put in order
    }
  }

  /// Every build fails, and what there is to tell of it comes after that.
  private static final class FailingDaemon extends ControlGrpc.ControlImplBase {
    private final CountDownLatch failed = new CountDownLatch(1);

    @Override
    public void solve(SolveRequest request, StreamObserver<SolveResponse> answers) {
      answers.onError(Status.UNKNOWN.withDescription("the step failed").asRuntimeException());
      failed.countDown();
    }

    @Override
    public void status(StatusRequest request, StreamObserver<StatusResponse> answers) {
      try {
        failed.await();
      } catch (InterruptedException interrupted) {
        answers.onError(Status.CANCELLED.asRuntimeException());
        return;
      }
      answers.onNext(
          StatusResponse.newBuilder()
              .addVertexes(Vertex.newBuilder().setName("last words"))
              .build());
      answers.onCompleted();
    }

    @Override
    public StreamObserver<BytesMessage> session(StreamObserver<BytesMessage> answers) {
      return new StreamObserver<>() {
        @Override
        public void onNext(BytesMessage message) {
          // nothing is asked of the client
        }

        @Override
        public void onError(Throwable gone) {
          // the client has closed its session
        }

        @Override
        public void onCompleted() {
          answers.onCompleted();
        }
      };
    }
  }
}
