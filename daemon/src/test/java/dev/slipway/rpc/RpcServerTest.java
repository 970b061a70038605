package dev.slipway.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.slipway.api.control.ControlGrpc;
import dev.slipway.api.control.InfoRequest;
import dev.slipway.api.control.InfoResponse;
import dev.slipway.api.control.ListWorkersRequest;
import dev.slipway.api.control.ListWorkersResponse;
import dev.slipway.api.control.SolveRequest;
import dev.slipway.api.control.SolveResponse;
import dev.slipway.api.control.StatusRequest;
import dev.slipway.api.control.StatusResponse;
import dev.slipway.api.control.VertexLog;
import dev.slipway.failure.AlreadyExists;
import dev.slipway.failure.Cancelled;
import dev.slipway.failure.NotFound;
import dev.slipway.failure.WrongState;
import dev.slipway.rpc.testing.LoopbackServer;
import dev.slipway.task.Clock;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.File;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class RpcServerTest {
  @TempDir Path folder;
  private final Desk desk = new Desk();

  @Test
  void failuresKeepTheirKindAndTextOnTheWire() throws InterruptedException {
    try (LoopbackServer server = start()) {
      desk.info = () -> failing(new NotFound("no such thing x"));

      assertThat(statusOfInfo(server).getCode()).isEqualTo(Status.Code.NOT_FOUND);
      assertThat(statusOfInfo(server).getDescription()).isEqualTo("no such thing x");
    }
  }

  @Test
  void aBugBecomesInternalAndTellsNothingOfItself() throws InterruptedException {
    try (LoopbackServer server = start()) {
      desk.info = () -> failing(new IllegalStateException("the secret is 42"));

      assertThat(statusOfInfo(server).getCode()).isEqualTo(Status.Code.INTERNAL);
      assertThat(statusOfInfo(server).getDescription()).matches("internal error [0-9a-f]{16}");
    }
  }

  /// Nobody else would end the call: the client would wait for ever.
  @Test
  void soDoesAnErrorOfTheRuntime() throws InterruptedException {
    try (LoopbackServer server = start()) {
      desk.info =
          () -> {
            throw new NoClassDefFoundError("dev/slipway/Gone");
          };

      assertThat(statusOfInfo(server).getCode()).isEqualTo(Status.Code.INTERNAL);
      assertThat(statusOfInfo(server).getDescription()).matches("internal error [0-9a-f]{16}");
    }
  }

  @Test
  void failuresGivenToTheObserverAreTranslatedToo() throws InterruptedException {
    try (LoopbackServer server = start()) {
      ManagedChannel channel = server.connect();
      desk.workers = answer -> answer.onError(new NotFound("gone"));

      assertThatThrownBy(
              () ->
                  ControlGrpc.newBlockingStub(channel)
                      .listWorkers(ListWorkersRequest.getDefaultInstance()))
          .hasMessage("NOT_FOUND: gone");

      end(channel);
    }
  }

  @Test
  void theThreadOfACancelledCallIsInterrupted() throws InterruptedException {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch interrupted = new CountDownLatch(1);
    try (LoopbackServer server = start()) {
      ManagedChannel channel = server.connect();
      desk.info =
          () -> {
            begun.countDown();
            try {
              Clock.system().sleep(Duration.ofMinutes(1));
              return "slept";
            } catch (Cancelled cancelled) {
              interrupted.countDown();
              throw cancelled;
            }
          };

      var call = ControlGrpc.newFutureStub(channel).info(InfoRequest.getDefaultInstance());
      begun.await();
      call.cancel(true);

      assertThat(interrupted.await(50, TimeUnit.SECONDS)).isTrue();
      end(channel);
    }
  }

  @Test
  void aStreamWaitsForItsReaderAndGoesOn() throws InterruptedException {
    int messages = 200;
    ByteString mebibyte = ByteString.copyFrom(new byte[1 << 20]);
    CountDownLatch full = new CountDownLatch(1);
    try (LoopbackServer server = start()) {
      ManagedChannel channel = server.connect();
      desk.status =
          answer -> {
            CountDownLatch readable = new CountDownLatch(1);
            answer.setOnReadyHandler(readable::countDown);
            while (answer.isReady()) {
              answer.onNext(log(mebibyte));
            }
            full.countDown();
            awaitFor(readable);
            for (int i = 0; i < messages; i++) {
              answer.onNext(log(mebibyte));
            }
            answer.onCompleted();
          };

      Iterator<StatusResponse> stream =
          ControlGrpc.newBlockingStub(channel).status(StatusRequest.getDefaultInstance());
      assertThat(full.await(50, TimeUnit.SECONDS)).isTrue();

      assertThat(stream).toIterable().hasSizeGreaterThan(messages);
      end(channel);
    }
  }

  private static StatusResponse log(ByteString text) {
    return StatusResponse.newBuilder().addLogs(VertexLog.newBuilder().setMsg(text)).build();
  }

  private static void awaitFor(CountDownLatch latch) {
    try {
      if (!latch.await(50, TimeUnit.SECONDS)) {
        throw new WrongState("nobody said that the caller reads on");
      }
    } catch (InterruptedException interrupted) {
      throw new WrongState("interrupted", interrupted);
    }
  }

  @Test
  void handlersRunOnVirtualThreadsAndKnowWhoCalls() throws InterruptedException {
    try (LoopbackServer server = start()) {
      desk.info =
          () ->
              Thread.currentThread().isVirtual()
                  + " "
                  + Caller.current().process().orElseThrow().pid();

      assertThat(info(server)).isEqualTo("true " + ProcessHandle.current().pid());
    }
  }

  @Test
  void theSocketIsForOwnerAndGroupOnly() throws IOException {
    try (LoopbackServer server = start()) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(server.socket())))
          .isEqualTo("rw-rw----");
      try (Stream<Path> left = Files.list(folder)) {
        assertThat(left).containsExactly(server.socket());
      }
    }
    assertThat(folder.resolve("daemon.sock")).doesNotExist();
  }

  @Test
  void aSocketLeftBehindIsReplacedButALiveOneIsNot() throws Exception {
    try (ServerSocketChannel dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      dead.bind(UnixDomainSocketAddress.of(folder.resolve("daemon.sock")));
    }
    assertThat(folder.resolve("daemon.sock")).exists();
    try (LoopbackServer server = start()) {
      desk.info = () -> "alive";
      assertThat(info(server)).isEqualTo("alive");

      assertThatThrownBy(this::start)
          .isInstanceOf(AlreadyExists.class)
          .hasMessageContaining("another process");
      assertThat(info(server)).isEqualTo("alive");
    }
  }

  @Test
  void aDrainingDaemonRefusesBuildsAndServesTheRest() throws InterruptedException {
    try (LoopbackServer server = start()) {
      ManagedChannel channel = server.connect();
      desk.info = () -> "still here";
      assertThat(health(channel)).isEqualTo(ServingStatus.SERVING);

      server.server().drain();

      assertThat(health(channel)).isEqualTo(ServingStatus.NOT_SERVING);
      assertThatThrownBy(
              () -> ControlGrpc.newBlockingStub(channel).solve(SolveRequest.getDefaultInstance()))
          .hasMessageStartingWith("UNAVAILABLE: the daemon is draining");
      assertThat(info(server)).isEqualTo("still here");
      end(channel);
    }
  }

  @Test
  void tcpWithoutTlsIsRefusedUnlessSaidOrLoopback() {
    ListenAddress anywhere = ListenAddress.parse("tcp://0.0.0.0:0");

    assertThatThrownBy(() -> serve(LoopbackServer.settings(List.of(anywhere)), _ -> ""))
        .isInstanceOf(WrongState.class)
        .hasMessageContaining("allowInsecureTcp = true");
  }

  @Test
  void tcpOnLoopbackAnswersWithoutTls() throws Exception {
    String answer =
        serve(
            LoopbackServer.settings(List.of(ListenAddress.parse("tcp://127.0.0.1:0"))),
            server ->
                infoOver(
                    NettyChannelBuilder.forAddress("127.0.0.1", port(server))
                        .usePlaintext()
                        .build()));

    assertThat(answer).isEqualTo("Optional.empty");
  }

  @Test
  void clientsWithACertificateOfTheAuthorityAreKnownByItsSubject() throws Exception {
    String answer = serve(mutualTls(), server -> infoOver(tls(server, Optional.of("client"))));

    assertThat(answer).isEqualTo("Optional[CN=alice]");
  }

  @Test
  void clientsWithoutOrWithAStrangersCertificateAreTurnedAway() {
    assertThatThrownBy(() -> serve(mutualTls(), server -> infoOver(tls(server, Optional.empty()))))
        .isInstanceOf(StatusRuntimeException.class)
        .hasMessageStartingWith("UNAVAILABLE");
    assertThatThrownBy(
            () -> serve(mutualTls(), server -> infoOver(tls(server, Optional.of("stranger")))))
        .isInstanceOf(StatusRuntimeException.class)
        .hasMessageStartingWith("UNAVAILABLE");
  }

  @Test
  void aSocketHandedOverByTheServiceManagerIsServed() throws Exception {
    Path path = folder.resolve("activated.sock");
    // Not closed here: the server owns the descriptor once it was handed over.
    ServerSocketChannel activated = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    activated.bind(UnixDomainSocketAddress.of(path));
    int descriptor = descriptorOf(path);
    RpcServer.Settings plain = LoopbackServer.settings(List.of(ListenAddress.parse("fd://")));
    RpcServer.Settings settings =
        new RpcServer.Settings(
            plain.addresses(),
            plain.tls(),
            plain.socketUid(),
            plain.socketGid(),
            plain.insecureTcp(),
            new InheritedSockets(
                List.of(new InheritedSockets.Socket("slipwayd.socket", descriptor))));

    try (EventLoops loops = EventLoops.start(1)) {
      String answers =
          serve(settings, _ -> infoOver(unix(path, loops)) + infoOver(unix(path, loops)));

      assertThat(answers).isEqualTo("Optional.emptyOptional.empty");
    }
  }

  @Test
  void whatIsOnlyPreparedIsNotFoundAndLeavesNothing() throws Exception {
    Path socket = folder.resolve("only-prepared.sock");
    try (EventLoops loops = EventLoops.start(1);
        HandlerThreads handlers = new HandlerThreads("test")) {
      RpcServer server =
          RpcServer.prepare(
              LoopbackServer.settings(
                  List.of(
                      new ListenAddress.Unix(socket), ListenAddress.parse("tcp://127.0.0.1:0"))),
              new RpcServer.Threads(loops, handlers),
              "");

      assertThat(socket).doesNotExist();
      server.close();
    }
    assertThat(folder).isEmptyDirectory();
  }

  private static ManagedChannel unix(Path path, EventLoops loops) {
    return NettyChannelBuilder.forAddress(new DomainSocketAddress(path.toFile()))
        .channelType(EpollDomainSocketChannel.class)
        .eventLoopGroup(loops.moving())
        .usePlaintext()
        .overrideAuthority("localhost")
        .build();
  }

  @Test
  void socketsMeantForAnotherProcessAreIgnored() {
    assertThat(InheritedSockets.of(7, Optional.of("8"), Optional.of("1"), Optional.empty()))
        .isEqualTo(InheritedSockets.NONE);
    assertThat(
            InheritedSockets.of(7, Optional.of("7"), Optional.of("2"), Optional.of("a")).sockets())
        .containsExactly(
            new InheritedSockets.Socket("a", 3), new InheritedSockets.Socket("unknown", 4));
  }

  private LoopbackServer start() {
    return LoopbackServer.start(folder, _ -> List.of(desk.bindService()));
  }

  private <T> T serve(RpcServer.Settings settings, Use<T> use) throws Exception {
    desk.info = () -> Caller.current().subject().toString();
    try (EventLoops loops = EventLoops.start(1);
        HandlerThreads handlers = new HandlerThreads("test");
        RpcServer server =
            RpcServer.start(
                settings,
                List.of(desk.bindService()),
                new RpcServer.Threads(loops, handlers),
                "")) {
      return use.of(server);
    }
  }

  @FunctionalInterface
  private interface Use<T> {
    T of(RpcServer server) throws Exception;
  }

  private static RpcServer.Settings mutualTls() {
    TlsFiles files =
        new TlsFiles(
            pem("server").toPath(), pem("server-key").toPath(), Optional.of(pem("ca").toPath()));
    return new RpcServer.Settings(
        List.of(ListenAddress.parse("tcp://127.0.0.1:0")),
        Optional.of(files),
        OptionalInt.empty(),
        OptionalInt.empty(),
        RpcServer.InsecureTcp.REFUSED,
        InheritedSockets.NONE);
  }

  private static ManagedChannel tls(RpcServer server, Optional<String> identity)
      throws IOException {
    SslContextBuilder context = GrpcSslContexts.forClient().trustManager(pem("ca"));
    identity.ifPresent(name -> context.keyManager(pem(name), pem(name + "-key")));
    return NettyChannelBuilder.forAddress("127.0.0.1", port(server))
        .sslContext(context.build())
        .build();
  }

  private static int port(RpcServer server) {
    return ((ListenAddress.Tcp) server.addresses().getFirst()).port();
  }

  private static File pem(String name) {
    return new File(RpcServerTest.class.getResource("/rpc/tls/" + name + ".pem").getFile());
  }

  private static String infoOver(ManagedChannel channel) throws InterruptedException {
    try {
      return ControlGrpc.newBlockingStub(channel)
          .info(InfoRequest.getDefaultInstance())
          .getBuildkitVersion()
          .getVersion();
    } finally {
      end(channel);
    }
  }

  private static String info(LoopbackServer server) throws InterruptedException {
    return infoOver(server.connect());
  }

  private static Status statusOfInfo(LoopbackServer server) throws InterruptedException {
    AtomicReference<Status> status = new AtomicReference<>(Status.OK);
    try {
      info(server);
    } catch (StatusRuntimeException failed) {
      status.set(failed.getStatus());
    }
    return status.get();
  }

  private static ServingStatus health(ManagedChannel channel) {
    return HealthGrpc.newBlockingStub(channel)
        .check(HealthCheckRequest.getDefaultInstance())
        .getStatus();
  }

  private static void end(ManagedChannel channel) throws InterruptedException {
    channel.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
  }

  private static String failing(RuntimeException failure) {
    throw failure;
  }

  /// The number of this process's open descriptor of the socket bound to the path.
  private static int descriptorOf(Path path) throws IOException {
    String inode;
    try (Stream<String> lines = Files.lines(Path.of("/proc/net/unix"))) {
      inode =
          lines
              .filter(line -> line.endsWith(" " + path))
              .findFirst()
              .orElseThrow()
              .strip()
              .split(" +")[6];
    }
    try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
      for (Path link : open.toList()) {
        if (targetOf(link).equals("socket:[" + inode + "]")) {
          return Integer.parseInt(link.getFileName().toString());
        }
      }
    }
    throw new IllegalStateException("no descriptor is open on " + path);
  }

  private static String targetOf(Path descriptor) throws IOException {
    try {
      return Files.readSymbolicLink(descriptor).toString();
    } catch (NoSuchFileException closedMeanwhile) {
      return "";
    }
  }

  /// Answers what the test wants.
  private static final class Desk extends ControlGrpc.ControlImplBase {
    private java.util.function.Supplier<String> info = () -> "";
    private java.util.function.Consumer<StreamObserver<ListWorkersResponse>> workers =
        StreamObserver::onCompleted;
    private java.util.function.Consumer<ServerCallStreamObserver<StatusResponse>> status =
        StreamObserver::onCompleted;

    @Override
    public void info(InfoRequest request, StreamObserver<InfoResponse> answer) {
      String text = info.get();
      answer.onNext(
          InfoResponse.newBuilder()
              .setBuildkitVersion(
                  dev.slipway.api.worker.BuildkitVersion.newBuilder().setVersion(text))
              .build());
      answer.onCompleted();
    }

    @Override
    public void listWorkers(
        ListWorkersRequest request, StreamObserver<ListWorkersResponse> answer) {
      workers.accept(answer);
    }

    @Override
    public void status(StatusRequest request, StreamObserver<StatusResponse> answer) {
      status.accept((ServerCallStreamObserver<StatusResponse>) answer);
    }

    @Override
    public void solve(SolveRequest request, StreamObserver<SolveResponse> answer) {
      answer.onNext(SolveResponse.getDefaultInstance());
      answer.onCompleted();
    }
  }
}
