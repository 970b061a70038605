package dev.slipway.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.slipway.api.content.ContentGrpc;
import dev.slipway.api.content.Info;
import dev.slipway.api.content.InfoRequest;
import dev.slipway.api.content.InfoResponse;
import dev.slipway.api.content.ReadContentRequest;
import dev.slipway.api.content.ReadContentResponse;
import dev.slipway.api.control.ControlGrpc;
import dev.slipway.api.secrets.GetSecretRequest;
import dev.slipway.api.secrets.GetSecretResponse;
import dev.slipway.api.secrets.SecretsGrpc;
import dev.slipway.api.upload.BytesMessage;
import dev.slipway.api.upload.UploadGrpc;
import dev.slipway.failure.NotFound;
import dev.slipway.oci.Digest;
import dev.slipway.rpc.testing.LoopbackServer;
import dev.slipway.session.testing.LoopbackSession;
import dev.slipway.task.Clock;
import dev.slipway.task.TaskScope;
import io.grpc.BindableService;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class SessionTunnelTest {
  /// So seldom that nothing is found out by asking.
  private static final HealthPolicy HARDLY_ASKING =
      new HealthPolicy(Duration.ofHours(1), Duration.ofHours(1), 1);

  @TempDir Path folder;
  private LoopbackServer server;
  private ConnectedSessions sessions;
  private ManagedChannel outer;

  @BeforeEach
  void start() {
    server =
        LoopbackServer.start(
            folder,
            around -> {
              sessions =
                  new ConnectedSessions(
                      around.loops().moving(),
                      around.handlers(),
                      Clock.system(),
                      new ConnectedSessions.Settings(Duration.ofSeconds(50), HARDLY_ASKING));
              return List.of(
                  new SessionService(sessions)
                      .bindInto(new ControlGrpc.ControlImplBase() {}.bindService()));
            });
    outer = server.connect();
  }

  @AfterEach
  void stop() throws InterruptedException {
    LoopbackSession.shut(outer);
    sessions.close();
    server.close();
  }

  @Test
  void callsToTheClientPassThroughTheTunnel() {
    try (LoopbackSession client = LoopbackSession.open(outer, new Echo())) {
      Session session = sessions.require(client.id());

      GetSecretResponse answer =
          SecretsGrpc.newBlockingStub(session.channel())
              .getSecret(GetSecretRequest.newBuilder().setID("x").build());

      assertThat(answer.getData().toStringUtf8()).isEqualTo("echo x");
      assertThat(session.sharedKey()).isEqualTo("shared");
      assertThat(session.supports("/Moby.BuildKit.secrets.V1.Secrets/getsecret")).isTrue();
      assertThat(session.supports("/moby.filesync.v1.FileSync/DiffCopy")).isFalse();
    }
  }

  @Test
  void largeTransfersArriveWholeAndInOrder() {
    byte[] expected = new byte[40 * 1024 * 1024];
    new Random(7).nextBytes(expected);
    try (LoopbackSession client = LoopbackSession.open(outer, new Source(expected))) {
      Session session = sessions.require(client.id());

      Iterator<BytesMessage> messages = pull(session);
      int at = 0;
      while (messages.hasNext()) {
        ByteString data = messages.next().getData();
        assertThat(data.equals(ByteString.copyFrom(expected, at, data.size()))).isTrue();
        at += data.size();
      }

      assertThat(at).isEqualTo(expected.length);
    }
  }

  @Test
  void blobsOfTheClientsStoreAreRead() throws IOException {
    try (LoopbackSession client = LoopbackSession.open(outer, new OneBlob())) {
      ContentClient store = new ContentClient(sessions.require(client.id()), "oci:base");
      // Whether the call is ready for its request at once differs from call to call.
      for (int i = 0; i < 100; i++) {
        try (SeekableByteChannel blob = store.open(OneBlob.DIGEST)) {
          assertThat(Channels.newInputStream(blob).readAllBytes()).isEqualTo(OneBlob.BYTES);
        }
      }
    }
  }

  @Test
  void aReadFromWithinABlobMayCountItsOffsetsFromThere() throws IOException {
    try (LoopbackSession client = LoopbackSession.open(outer, new OneBlob())) {
      ContentClient store = new ContentClient(sessions.require(client.id()), "oci:base");

      try (SeekableByteChannel blob = store.open(OneBlob.DIGEST).position(2)) {
        assertThat(Channels.newInputStream(blob).readAllBytes())
            .isEqualTo("blob".getBytes(StandardCharsets.UTF_8));
      }
    }
  }

  @Test
  void manyCallsAtOnceShareTheTunnel() {
    try (LoopbackSession client = LoopbackSession.open(outer, new Echo());
        TaskScope scope = TaskScope.open("callers")) {
      Session session = sessions.require(client.id());
      for (int i = 0; i < 200; i++) {
        String name = "n" + i;
        scope.forkAction(
            () -> {
              GetSecretResponse answer =
                  SecretsGrpc.newBlockingStub(session.channel())
                      .getSecret(GetSecretRequest.newBuilder().setID(name).build());
              assertThat(answer.getData().toStringUtf8()).isEqualTo("echo " + name);
            });
      }
      scope.join();
    }
  }

  @Test
  void aReaderThatStopsHoldsTheSenderBack() throws InterruptedException {
    Flood flood = new Flood();
    try (LoopbackSession client = LoopbackSession.open(outer, flood)) {
      Session session = sessions.require(client.id());

      Iterator<BytesMessage> messages = pull(session);
      messages.next();
      assertThat(flood.stalled.await(50, TimeUnit.SECONDS)).isTrue();

      assertThat(flood.sent.get()).isLessThan(Flood.MEMORY_BOUND);
    }
  }

  @Test
  void aClientThatHangsUpIsHeardAtOnceThoughNothingWasEverAskedOfIt() throws InterruptedException {
    try (LoopbackSession client = LoopbackSession.open(outer, new Echo())) {
      sessions.require(client.id());

      client.hangUp();

      assertThat(client.awaitEnd(50)).isTrue();
    }
  }

  @Test
  void requireWaitsForASessionThatComesLater() {
    try (TaskScope scope = TaskScope.open("early")) {
      var early = scope.fork(() -> sessions.require("context:late"));

      try (LoopbackSession client =
          LoopbackSession.open(
              outer, "late", "", new HealthStatusManager().getHealthService(), new Echo())) {
        assertThat(early.result().id()).isEqualTo(client.id());
      }
    }
  }

  @Test
  void requireGivesUpOnASessionThatNeverComes() {
    try (ConnectedSessions hasty =
        new ConnectedSessions(
            server.loops().moving(),
            Runnable::run,
            Clock.system(),
            new ConnectedSessions.Settings(Duration.ofMillis(1), HARDLY_ASKING))) {
      assertThatThrownBy(() -> hasty.require("nobody"))
          .isInstanceOf(NotFound.class)
          .hasMessage("no active session for nobody");
    }
  }

  @Test
  void anotherSessionOfTheSameIdTakesOver() throws InterruptedException {
    BindableService health = new HealthStatusManager().getHealthService();
    LoopbackSession first = LoopbackSession.open(outer, "twin", "one", health, new Echo());
    Session old = sessions.require(first.id());
    try (LoopbackSession second = LoopbackSession.open(outer, "twin", "two", health, new Echo())) {
      while (sessions.require(second.id()) == old) {
        Thread.onSpinWait();
      }

      first.close();
      assertThat(first.awaitEnd(50)).isTrue();

      assertThat(sessions.require("twin").sharedKey()).isEqualTo("two");
    }
  }

  @Test
  void aClientThatVanishesIsForgottenAndItsCallsFail() throws InterruptedException {
    Flood flood = new Flood();
    try (LoopbackSession client = LoopbackSession.open(outer, flood)) {
      Session session = sessions.require(client.id());
      Iterator<BytesMessage> messages = pull(session);
      messages.next();

      client.vanish();

      assertThatThrownBy(() -> drain(messages))
          .isInstanceOfSatisfying(
              StatusRuntimeException.class,
              failure ->
                  assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE));
      awaitForgotten(client.id());
    }
  }

  @Test
  void aClientThatStopsAnsweringHealthChecksIsEnded() throws InterruptedException {
    Metadata impatient = new Metadata();
    impatient.put(
        Metadata.Key.of(
            "x-buildkit-session-health-custom-timeout", Metadata.ASCII_STRING_MARSHALLER),
        "1000");
    try (LoopbackSession client =
        LoopbackSession.open(outer, "deaf", "", impatient, new Deaf(), new Echo())) {
      assertThat(client.awaitEnd(50)).isTrue();

      awaitForgotten("deaf");
    }
  }

  @Test
  void closingTheSessionsEndsTheTunnels() throws InterruptedException {
    try (LoopbackSession client = LoopbackSession.open(outer, new Echo())) {
      sessions.require(client.id());

      sessions.close();

      assertThat(client.awaitEnd(50)).isTrue();
    }
  }

  /// A session is forgotten when its call ends, which its client may hear of first.
  private void awaitForgotten(String id) throws InterruptedException {
    while (sessions.find(id).isPresent()) {
      Thread.sleep(1);
    }
  }

  private static Iterator<BytesMessage> pull(Session session) {
    return io.grpc.stub.ClientCalls.blockingServerStreamingCall(
        session.channel(),
        UploadGrpc.getPullMethod().toBuilder()
            .setType(io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
            .build(),
        io.grpc.CallOptions.DEFAULT,
        BytesMessage.getDefaultInstance());
  }

  private static void drain(Iterator<BytesMessage> messages) {
    while (messages.hasNext()) {
      messages.next();
    }
  }

  private static final class Echo extends SecretsGrpc.SecretsImplBase {
    @Override
    public void getSecret(GetSecretRequest request, StreamObserver<GetSecretResponse> answer) {
      answer.onNext(
          GetSecretResponse.newBuilder()
              .setData(ByteString.copyFromUtf8("echo " + request.getID()))
              .build());
      answer.onCompleted();
    }
  }

  private static final class OneBlob extends ContentGrpc.ContentImplBase {
    static final byte[] BYTES = "a blob".getBytes(StandardCharsets.UTF_8);
    static final Digest DIGEST = Digest.ofBytes(BYTES);

    @Override
    public void info(InfoRequest request, StreamObserver<InfoResponse> answer) {
      answer.onNext(
          InfoResponse.newBuilder()
              .setInfo(Info.newBuilder().setDigest(request.getDigest()).setSize(BYTES.length))
              .build());
      answer.onCompleted();
    }

    @Override
    public void read(ReadContentRequest request, StreamObserver<ReadContentResponse> answer) {
      // Offset 0, as Go's clients say it wherever the read begins.
      ByteString bytes = ByteString.copyFrom(BYTES).substring((int) request.getOffset());
      answer.onNext(ReadContentResponse.newBuilder().setData(bytes).build());
      answer.onCompleted();
    }
  }

  /// Answers no health check.
  private static final class Deaf extends HealthGrpc.HealthImplBase {
    @Override
    public void check(HealthCheckRequest request, StreamObserver<HealthCheckResponse> answer) {
      // Says nothing, as a client that hangs.
    }
  }

  private static class Flood extends UploadGrpc.UploadImplBase {
    static final long MEMORY_BOUND = 32L * 1024 * 1024;
    final AtomicLong sent = new AtomicLong();
    final CountDownLatch stalled = new CountDownLatch(1);

    @Override
    public StreamObserver<BytesMessage> pull(StreamObserver<BytesMessage> answer) {
      ServerCallStreamObserver<BytesMessage> stream =
          (ServerCallStreamObserver<BytesMessage>) answer;
      BytesMessage message =
          BytesMessage.newBuilder().setData(ByteString.copyFrom(new byte[32 * 1024])).build();
      stream.setOnReadyHandler(
          () -> {
            while (stream.isReady()
                && sent.addAndGet(message.getData().size()) < 2 * MEMORY_BOUND) {
              stream.onNext(message);
            }
            stalled.countDown();
          });
      return ignoring();
    }

    static StreamObserver<BytesMessage> ignoring() {
      return new StreamObserver<>() {
        @Override
        public void onNext(BytesMessage value) {
          // The request says nothing.
        }

        @Override
        public void onError(Throwable failure) {
          // The caller has gone.
        }

        @Override
        public void onCompleted() {
          // Nothing more to come.
        }
      };
    }
  }

  private static final class Source extends UploadGrpc.UploadImplBase {
    private final byte[] bytes;

    Source(byte[] bytes) {
      this.bytes = bytes;
    }

    @Override
    public StreamObserver<BytesMessage> pull(StreamObserver<BytesMessage> answer) {
      ServerCallStreamObserver<BytesMessage> stream =
          (ServerCallStreamObserver<BytesMessage>) answer;
      int[] at = {0};
      stream.setOnReadyHandler(
          () -> {
            while (stream.isReady() && at[0] < bytes.length) {
              int length = Math.min(1 + at[0] % 40_000, bytes.length - at[0]);
              stream.onNext(
                  BytesMessage.newBuilder()
                      .setData(ByteString.copyFrom(bytes, at[0], length))
                      .build());
              at[0] += length;
            }
            if (at[0] >= bytes.length && at[0] != Integer.MAX_VALUE) {
              at[0] = Integer.MAX_VALUE;
              stream.onCompleted();
            }
          });
      return Flood.ignoring();
    }
  }
}
