package dev.slipway.llbsolver;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.slipway.api.ops.Input;
import dev.slipway.api.ops.Op;
import dev.slipway.device.DeviceRegistry;
import dev.slipway.executor.testing.ScriptedExecutor;
import dev.slipway.failure.NotFound;
import dev.slipway.frontend.Frontend;
import dev.slipway.frontend.FrontendBridge;
import dev.slipway.frontend.FrontendBridge.BuildOptions;
import dev.slipway.frontend.FrontendRef;
import dev.slipway.frontend.FrontendResult;
import dev.slipway.frontend.ResolvedSource;
import dev.slipway.frontend.SourceQuery;
import dev.slipway.frontend.gateway.DrivenBuild;
import dev.slipway.layer.testing.UnprivilegedKernel;
import dev.slipway.llb.Definition;
import dev.slipway.llb.LlbDecoder;
import dev.slipway.llb.SourceOp;
import dev.slipway.llbsolver.BuildRequest.Policies;
import dev.slipway.oci.Digest;
import dev.slipway.oci.Platform;
import dev.slipway.op.LlbVertex;
import dev.slipway.op.OpEvaluators;
import dev.slipway.op.OpServices;
import dev.slipway.op.Pins;
import dev.slipway.op.RefResult;
import dev.slipway.op.RefResultStore;
import dev.slipway.progress.ProgressSink;
import dev.slipway.provenance.FrontendCall;
import dev.slipway.provenance.Producer;
import dev.slipway.ref.FetchContext;
import dev.slipway.ref.testing.RefStoreFixture;
import dev.slipway.solver.DecisionObserver;
import dev.slipway.solver.GraphSolver;
import dev.slipway.solver.Job;
import dev.slipway.solver.JobId;
import dev.slipway.solver.SolverLimits;
import dev.slipway.solver.cachekey.InMemoryCacheKeyStore;
import dev.slipway.source.SourceMetadata;
import dev.slipway.task.Clock;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Who is said to have asked for what.
@SuppressWarnings("NullAway.Init")
final class BuildBridgeTest {
  private static final Map<String, String> OPTIONS = Map.of("filename", "x");

  @TempDir Path folder;
  private final Map<String, Frontend> frontends = new HashMap<>();
  private RefStoreFixture refs;
  private GraphSolver<LlbVertex, RefResult> solver;
  private Job<LlbVertex, RefResult> job;
  private Producers.Book producers;
  private Build build;

  @BeforeEach
  void open() {
    refs = new RefStoreFixture(folder);
    OpServices services =
        FakeServices.of(refs, new ScriptedExecutor((_, _) -> 0), new UnprivilegedKernel());
    solver =
        GraphSolver.start(
            new OpEvaluators(services, new Pins()),
            new InMemoryCacheKeyStore(),
            new RefResultStore(refs.store, _ -> true),
            new SolverLimits(1, 1),
            Clock.system(),
            DecisionObserver.none());
    job = solver.openJob(new JobId("build"), ProgressSink.none());
    producers = new Producers().open();
    build = new Build(request(), job, surroundings(services), _ -> {});
  }

  @AfterEach
  void close() {
    build.close();
    producers.close();
    job.close();
    solver.close();
    refs.close();
  }

  @Test
  void remembersWhichFrontendMadeWhatIsGivenToAnother() {
    Definition made = definition("made");
    frontends.put("maker", (_, bridge) -> result(bridge.solve(made, List.of())));
    frontends.put("user", (_, bridge) -> result(bridge.solve(definition("used"), List.of())));

    build.bridge().solve("maker", new Frontend.Request(OPTIONS, Map.of()));
    build.bridge().solve("user", new Frontend.Request(Map.of(), Map.of("base", made)));

    FrontendCall maker = new FrontendCall("maker", OPTIONS, Map.of());
    assertThat(callOf("used"))
        .isEqualTo(
            new FrontendCall("user", Map.of(), Map.of("base", new Producer(maker, Map.of()))));
  }

  @Test
  void saysNobodyMadeWhatNoFrontendGave() {
    frontends.put("user", (_, bridge) -> result(bridge.solve(definition("used"), List.of())));

    build.bridge().solve("user", new Frontend.Request(Map.of(), Map.of("base", definition("own"))));

    assertThat(callOf("used")).isEqualTo(new FrontendCall("user", Map.of(), Map.of()));
  }

  @Test
  void whatAFrontendInAContainerSolvesIsThatFrontends() {
    frontends.put(
        "container",
        (request, bridge) -> {
          try (DrivenBuild driven = bridge.openDriven(request.inputs())) {
            return result(driven.bridge().solve(definition("driven"), List.of()));
          }
        });

    build.bridge().solve("container", new Frontend.Request(OPTIONS, Map.of()));

    assertThat(callOf("driven")).isEqualTo(new FrontendCall("container", OPTIONS, Map.of()));
  }

  @Test
  void whatIsSolvedByOneThatAFrontendInAContainerCallsIsTheInnerOnes() {
    frontends.put("inner", (_, bridge) -> result(bridge.solve(definition("inmost"), List.of())));
    frontends.put(
        "outer",
        (request, bridge) -> {
          try (DrivenBuild driven = bridge.openDriven(request.inputs())) {
            FrontendBridge own = driven.bridge();
            return own.solve("inner", new Frontend.Request(Map.of(), Map.of()));
          }
        });

    build.bridge().solve("outer", new Frontend.Request(OPTIONS, Map.of()));

    RequestTrace trace = traceOf("inmost");
    assertThat(trace.call()).contains(new FrontendCall("inner", Map.of(), Map.of()));
    assertThat(trace.root()).contains(new FrontendCall("outer", OPTIONS, Map.of()));
  }

  private FrontendCall callOf(String name) {
    return traceOf(name).call().orElseThrow();
  }

  private RequestTrace traceOf(String name) {
    Definition solved = definition(name);
    BridgeRef ref =
        build.trace().refs().stream()
            .filter(each -> each.definition().head().equals(solved.head()))
            .findFirst()
            .orElseThrow();
    return build.trace().of(ref).orElseThrow();
  }

  private static FrontendResult result(Optional<FrontendRef> ref) {
    return FrontendResult.of(ref, new LinkedHashMap<>());
  }

  private static Definition definition(String image) {
    ByteString source =
        Op.newBuilder()
            .setSource(
                dev.slipway.api.ops.SourceOp.newBuilder()
                    .setIdentifier("docker-image://docker.io/library/" + image + ":latest"))
            .build()
            .toByteString();
    ByteString head =
        Op.newBuilder()
            .addInputs(
                Input.newBuilder().setDigest(Digest.ofBytes(source.toByteArray()).toString()))
            .build()
            .toByteString();
    return LlbDecoder.decode(
        dev.slipway.api.ops.Definition.newBuilder().addDef(source).addDef(head).build());
  }

  private static BuildRequest request() {
    return new BuildRequest(
        "build",
        "",
        Optional.empty(),
        Optional.empty(),
        Map.of(),
        Map.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        false,
        Policies.NONE,
        0,
        false,
        false);
  }

  private BuildBridge.Surroundings surroundings(OpServices services) {
    TreeReader reader = new TreeReader(new UnprivilegedKernel(), refs.context());
    Entitlements entitlements = new Entitlements(Set.of());
    return new BuildBridge.Surroundings(
        new VertexLoader(Platform.LINUX_AMD64, DeviceRegistry.EMPTY, services.cacheMounts()),
        frontends,
        new NothingThere(),
        reader,
        new BuildOptions(List.of(), Set.of(), Set.of(), "", ""),
        _ -> refs.context(),
        Optional.empty(),
        entitlements,
        NetworkAccess.DIRECT,
        producers,
        new DefinitionCapture(new Pins()),
        new BuildContainer.Surroundings(
            services, refs.context(), reader, entitlements, Optional::empty),
        ProgressSink.none(),
        Clock.system());
  }

  private static final class NothingThere implements SourceMetadata {
    @Override
    public ResolvedSource resolve(SourceOp source, SourceQuery query, FetchContext context) {
      throw new NotFound(source.identifier());
    }

    @Override
    public SourceOp canonical(SourceOp source) {
      return source;
    }
  }
}
