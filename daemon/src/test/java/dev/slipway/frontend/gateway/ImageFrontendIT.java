package dev.slipway.frontend.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.api.gateway.InputsRequest;
import dev.slipway.api.gateway.LLBBridgeGrpc;
import dev.slipway.api.gateway.LLBBridgeGrpc.LLBBridgeBlockingStub;
import dev.slipway.api.gateway.PingRequest;
import dev.slipway.api.gateway.Result;
import dev.slipway.api.gateway.ReturnRequest;
import dev.slipway.executor.Executor.ExitStatus;
import dev.slipway.executor.ProcessIo;
import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.Denied;
import dev.slipway.failure.Fact;
import dev.slipway.failure.ProcessFailed;
import dev.slipway.failure.Unsupported;
import dev.slipway.failure.WrongState;
import dev.slipway.frontend.Frontend;
import dev.slipway.frontend.FrontendBridge;
import dev.slipway.frontend.FrontendRef;
import dev.slipway.frontend.FrontendResult;
import dev.slipway.frontend.GivenTrees;
import dev.slipway.frontend.ResolvedSource;
import dev.slipway.frontend.SourceQuery;
import dev.slipway.fsutil.Stat;
import dev.slipway.llb.Definition;
import dev.slipway.llb.LlbDecoder;
import dev.slipway.llb.SourceOp;
import dev.slipway.llb.SourcePolicy;
import dev.slipway.oci.Digest;
import dev.slipway.oci.Platform;
import dev.slipway.progress.ProgressEvent.WarnedSource;
import dev.slipway.rpc.EventLoops;
import dev.slipway.rpc.HandlerThreads;
import dev.slipway.rpc.RpcServer;
import dev.slipway.task.TaskScope;
import dev.slipway.wire.FailureCodec;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A frontend image whose program is a Java lambda: it talks over the very streams that a container
/// would have.
@SuppressWarnings("NullAway.Init")
@Timeout(60)
class ImageFrontendIT {
  private static final Digest IMAGE = Digest.ofText("frontend image");

  @TempDir Path folder;
  private EventLoops loops;
  private HandlerThreads handlers;
  private final FakeEnds ends = new FakeEnds();
  private final Map<String, GivenTrees.GivenTree> given = new HashMap<>();

  @BeforeEach
  void start() {
    loops = EventLoops.start(1);
    handlers = new HandlerThreads("test");
  }

  @AfterEach
  void stop() {
    handlers.close();
    loops.close();
  }

  private ImageFrontend frontend(String... allowed) {
    return new ImageFrontend(
        List.of(allowed),
        (name, _, _) -> Optional.ofNullable(given.get(name)),
        new ImageFrontend.Hosting(folder, new RpcServer.Threads(loops, handlers)));
  }

  private FrontendResult solve(Map<String, String> options) {
    return frontend().solve(new Frontend.Request(options, Map.of("in", Definition.SCRATCH)), ends);
  }

  @Test
  void givesTheProgramItsRequestAndTakesBackItsResult() {
    ends.program =
        (gateway, _) -> {
          assertThat(gateway.ping(PingRequest.getDefaultInstance()).getWorkersList()).hasSize(1);
          assertThat(gateway.inputs(InputsRequest.getDefaultInstance()).getDefinitionsMap())
              .containsKey("in");
          Result result =
              Result.newBuilder()
                  .putMetadata(
                      "frontend.said", com.google.protobuf.ByteString.copyFromUtf8("hello"))
                  .build();
          gateway.return_(ReturnRequest.newBuilder().setResult(result).build());
          return 0;
        };

    FrontendResult result = solve(Map.of("source", "example.org/fe", "target", "all"));

    assertThat(result.metadata().get("frontend.said"))
        .isEqualTo("hello".getBytes(StandardCharsets.UTF_8));
    assertThat(ends.ran.getFirst().meta().args()).containsExactly("/fe", "run");
    assertThat(ends.ran.getFirst().meta().env())
        .containsExactly(
            "A=b",
            "BUILDKIT_FRONTEND_OPT_0=source=example.org/fe",
            "BUILDKIT_FRONTEND_OPT_1=target=all",
            "BUILDKIT_SESSION_ID=session",
            "BUILDKIT_WORKERS=[{\"id\":\"w\",\"labels\":{},\"platforms\":"
                + "[{\"architecture\":\"amd64\",\"os\":\"linux\"}]}]",
            "BUILDKIT_EXPORTEDPRODUCT=product");
    assertThat(ends.closed).isTrue();
  }

  @Test
  void whatTheProgramFailsWithIsTheFailure() {
    ends.program =
        (gateway, _) -> {
          gateway.return_(
              ReturnRequest.newBuilder()
                  .setError(
                      FailureCodec.encode(
                          new WrongState("no such target").with(new Fact.FromFrontend("f", ""))))
                  .build());
          return 1;
        };

    assertThatThrownBy(() -> solve(Map.of("source", "example.org/fe")))
        .isInstanceOf(WrongState.class)
        .hasMessage("no such target");
  }

  @Test
  void aProgramThatFailsExplainsItselfWithItsLastWords() {
    ends.program =
        (_, io) -> {
          io.stderr().write("panic: no memory\n".getBytes(StandardCharsets.UTF_8));
          return 2;
        };

    assertThatThrownBy(() -> solve(Map.of("source", "example.org/fe")))
        .isInstanceOf(ProcessFailed.class)
        .hasMessage("frontend example.org/fe failed: exit code: 2: panic: no memory");
  }

  @Test
  void aProgramThatReturnsNothingFails() {
    ends.program = (_, _) -> 0;

    assertThatThrownBy(() -> solve(Map.of("source", "example.org/fe")))
        .hasMessageContaining("no result for incomplete build");
  }

  @Test
  void refusesImagesThatTheOperatorDoesNotAllow() {
    Frontend.Request request = new Frontend.Request(Map.of("source", "example.org/fe:1"), Map.of());

    assertThatThrownBy(() -> frontend("example.org/other").solve(request, ends))
        .isInstanceOf(Denied.class)
        .hasMessage("'example.org/fe:1' is not an allowed gateway source");
  }

  @Test
  void refusesWhatTheImageDoesNotPromise() {
    assertThatThrownBy(
            () -> solve(Map.of("source", "example.org/fe", "frontend.caps", "some.cap+advice")))
        .isInstanceOf(Unsupported.class)
        .satisfies(
            failure ->
                assertThat(((BuildFailure) failure).fact(Fact.MissingFrontendCap.class))
                    .contains(new Fact.MissingFrontendCap("some.cap")));
  }

  @Test
  void tellsTheProgramWhereItsImageComesFrom() {
    List<Definition> told = new ArrayList<>();
    ends.program =
        (_, _) -> {
          GatewayContainers.SharedDirectory metadata = ends.shared.getFirst();
          assertThat(metadata.destination()).isEqualTo("/run/config/buildkit/metadata");
          byte[] bytes = Files.readAllBytes(metadata.source().resolve("frontend.bin"));
          told.add(LlbDecoder.decode(dev.slipway.api.ops.Definition.parseFrom(bytes)));
          return 0;
        };

    assertThatThrownBy(() -> solve(Map.of("source", "example.org/fe")))
        .hasMessageContaining("no result");

    assertThat(told).containsExactlyElementsOf(ends.solved);
    assertThat(ends.shared.getFirst().source()).doesNotExist();
  }

  @Test
  void aTreeGivenByNameStandsForTheImage() {
    ends.program = (_, _) -> 0;
    String config =
        """
        {"config":{"Entrypoint":["/mine"],
          "Labels":{"moby.buildkit.frontend.caps":"moby.buildkit.frontend.inputs"}}}
        """;
    given.put(
        "example.org/fe",
        new GivenTrees.GivenTree(
            Definition.SCRATCH, Optional.of(config.getBytes(StandardCharsets.UTF_8))));

    assertThatThrownBy(() -> solve(Map.of("source", "example.org/fe")))
        .hasMessageContaining("no result");

    assertThat(ends.resolved).isEmpty();
    assertThat(ends.ran.getFirst().meta().args()).containsExactly("/mine");
  }

  /// What a frontend's program does.
  private interface Program {
    int run(LLBBridgeBlockingStub gateway, ProcessIo io) throws IOException;
  }

  /// Both ends that a frontend image meets: the build it solves in, and the container it runs in.
  private final class FakeEnds implements FrontendBridge {
    private Program program = (_, _) -> 0;
    private final List<String> resolved = new ArrayList<>();
    private final List<GatewayContainer.Process> ran = new ArrayList<>();
    private final List<Definition> solved = new ArrayList<>();
    private final List<GatewayContainers.SharedDirectory> shared = new ArrayList<>();
    private boolean closed;

    @Override
    public ResolvedImage resolveImage(
        String reference, ImageQuery query, List<SourcePolicy> policies) {
      resolved.add(reference);
      String config =
          """
          {"config": {"Entrypoint": ["/fe", "run"], "Env": ["A=b"],
            "Labels": {"moby.buildkit.frontend.caps": "moby.buildkit.frontend.inputs+x,other"}}}
          """;
      return new ResolvedImage(reference, IMAGE, config.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public Optional<FrontendRef> solve(Definition definition, List<SourcePolicy> policies) {
      solved.add(definition);
      return Optional.of(new Root(definition));
    }

    @Override
    public Optional<FrontendRef> solveNow(Definition definition) {
      throw new UnsupportedOperationException();
    }

    @Override
    public FrontendResult solve(String frontend, Frontend.Request request) {
      throw new UnsupportedOperationException();
    }

    @Override
    public ResolvedSource resolveSource(SourceOp source, SourceQuery query) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void warn(
        Digest vertex,
        int level,
        String summary,
        List<String> detail,
        String url,
        Optional<WarnedSource> source) {}

    @Override
    public BuildOptions buildOptions() {
      return new BuildOptions(
          List.of(new WorkerInfo("w", Map.of(), List.of(Platform.LINUX_AMD64))),
          Set.of(),
          Set.of(),
          "session",
          "product");
    }

    @Override
    public DrivenBuild openDriven(Map<String, Definition> inputs) {
      return new Driven(inputs);
    }

    private final class Driven implements DrivenBuild, GatewayContainers, FakeBuild.RunningOnly {
      private final Map<String, Definition> inputs;
      private Optional<FrontendResult> result = Optional.empty();
      private Optional<BuildFailure> failure = Optional.empty();

      Driven(Map<String, Definition> inputs) {
        this.inputs = inputs;
      }

      @Override
      public ExitStatus run(Process process, ProcessIo io) {
        ran.add(process);
        try {
          return new ExitStatus(overStreams(io), false);
        } catch (IOException failed) {
          throw new IllegalStateException(failed);
        }
      }

      private int overStreams(ProcessIo io) throws IOException {
        Path socket = folder.resolve("program");
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
            TaskScope scope = TaskScope.open("streams")) {
          server.bind(UnixDomainSocketAddress.of(socket));
          scope.forkAction(
              () -> {
                SocketChannel accepted = server.accept();
                scope.forkAction(
                    () -> io.stdin().orElseThrow().transferTo(Channels.newOutputStream(accepted)));
                Channels.newInputStream(accepted).transferTo(io.stdout());
              });
          ManagedChannel channel =
              NettyChannelBuilder.forAddress(new DomainSocketAddress(socket.toFile()))
                  .channelType(EpollDomainSocketChannel.class)
                  .eventLoopGroup(loops.moving())
                  .overrideAuthority("localhost")
                  .usePlaintext()
                  .build();
          try {
            return program.run(LLBBridgeGrpc.newBlockingStub(channel), io);
          } finally {
            channel.shutdownNow();
          }
        }
      }

      @Override
      public GatewayContainers containers() {
        return this;
      }

      @Override
      public void open(Request request) {
        assertThat(request.mounts().getFirst().at().resultId()).isEqualTo("root");
        shared.addAll(request.shared());
      }

      @Override
      public Optional<GatewayContainer> find(String id) {
        return Optional.of(this);
      }

      @Override
      public void release(String id) {}

      @Override
      public FrontendBridge bridge() {
        return FakeEnds.this;
      }

      @Override
      public Map<String, Definition> inputs() {
        return inputs;
      }

      @Override
      public Optional<FrontendRef> findRef(String id) {
        return Optional.empty();
      }

      @Override
      public synchronized void giveBack(FrontendResult made) {
        result = Optional.of(made);
      }

      @Override
      public synchronized void giveBack(BuildFailure failed) {
        failure = Optional.of(failed);
      }

      @Override
      public synchronized Optional<FrontendResult> returned() {
        failure.ifPresent(
            failed -> {
              throw failed;
            });
        return result;
      }

      @Override
      public void close() {
        closed = true;
      }
    }
  }

  private record Root(Definition definition) implements FrontendRef {
    @Override
    public String id() {
      return "root";
    }

    @Override
    public void evaluate() {}

    @Override
    public byte[] readFile(String path, Optional<ByteRange> range) {
      throw new UnsupportedOperationException();
    }

    @Override
    public List<Stat> readDirectory(String path, Optional<String> pattern) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Stat stat(String path) {
      throw new UnsupportedOperationException();
    }
  }
}
