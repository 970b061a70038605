package dev.slipway.llbsolver;

import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.Fact;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.failure.WrongState;
import dev.slipway.frontend.Frontend;
import dev.slipway.frontend.FrontendBridge;
import dev.slipway.frontend.FrontendRef;
import dev.slipway.frontend.FrontendResult;
import dev.slipway.frontend.gateway.DrivenBuild;
import dev.slipway.llb.Definition;
import dev.slipway.llb.SourceOp;
import dev.slipway.oci.Digest;
import dev.slipway.op.LlbVertex;
import dev.slipway.progress.ProgressEvent.WarnedSource;
import dev.slipway.progress.ProgressSink;
import dev.slipway.progress.VertexProgress;
import dev.slipway.ref.FetchContext;
import dev.slipway.session.SessionGroup;
import dev.slipway.solver.Vertex.Edge;
import dev.slipway.source.SourceMetadata;
import dev.slipway.task.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What the frontends of one build may ask, answered by that build. Thread-safe.
final class BuildBridge implements FrontendBridge {
  private final Build build;
  private final Surroundings around;
  private final ShownWork shown;

  /// What a bridge needs beside its build.
  ///
  /// @param frontends by name: `dockerfile.v0`, `gateway.v0`
  /// @param sessions of the build's client
  record Surroundings(
      VertexLoader loader,
      Map<String, Frontend> frontends,
      SourceMetadata metadata,
      TreeReader reader,
      BuildOptions options,
      SessionGroup sessions,
      Entitlements entitlements,
      BuildContainer.Surroundings containers,
      ProgressSink sink,
      Clock clock) {}

  BuildBridge(Build build, Surroundings around) {
    this.build = build;
    this.around = around;
    this.shown = new ShownWork(around.sink(), around.clock());
  }

  @Override
  public Optional<FrontendRef> solve(Definition definition) {
    return load(definition).map(FrontendRef.class::cast);
  }

  @Override
  public Optional<FrontendRef> solveNow(Definition definition) {
    Optional<BridgeRef> ref = load(definition);
    ref.ifPresent(BridgeRef::evaluate);
    return ref.map(FrontendRef.class::cast);
  }

  private Optional<BridgeRef> load(Definition definition) {
    Optional<Edge<LlbVertex>> edge = around.loader().load(definition, around.entitlements());
    SourceLocator locator = new SourceLocator(definition);
    return edge.map(
        head ->
            build.keep(
                new BridgeRef(
                    RandomId.next(), definition, head, build, around.reader(), locator::locate)));
  }

  @Override
  public FrontendResult solve(String name, Frontend.Request request) {
    Optional<Frontend.Request> redirected = builtInInstead(name, request);
    if (redirected.isPresent()) {
      return solve("dockerfile.v0", redirected.get());
    }
    Frontend frontend = around.frontends().get(name);
    if (frontend == null) {
      throw new InvalidRequest("invalid frontend: " + name);
    }
    try {
      return frontend.solve(request, this);
    } catch (BuildFailure failure) {
      throw failure.with(new Fact.FromFrontend(name, request.options().getOrDefault("source", "")));
    }
  }

  /// `gateway.v0` with source `dockerfile.v0` means the built-in frontend, unless a named context
  /// replaces it.
  private static Optional<Frontend.Request> builtInInstead(String name, Frontend.Request request) {
    boolean replaced =
        request.options().keySet().stream()
            .anyMatch(
                key ->
                    key.equals("context:dockerfile.v0")
                        || key.startsWith("context:dockerfile.v0::"));
    if (!name.equals("gateway.v0")
        || replaced
        || !"dockerfile.v0".equals(request.options().get("source"))) {
      return Optional.empty();
    }
    Map<String, String> options = new LinkedHashMap<>(request.options());
    options.remove("source");
    return Optional.of(new Frontend.Request(options, request.inputs()));
  }

  @Override
  public ResolvedImage resolveImage(String reference, ImageQuery query) {
    SourceOp source = SourceMetadata.imageSource(reference, query.store());
    return resolveSource(source, query)
        .image()
        .orElseThrow(() -> new WrongState("resolving " + reference + " gave no image"));
  }

  @Override
  public ResolvedSource resolveSource(SourceOp source, ImageQuery query) {
    String name =
        query.logName().isEmpty()
            ? "resolve image config for " + source.identifier()
            : query.logName();
    return shown.run(
        source.identifier() + query.platform().formatAll(),
        name,
        progress ->
            around
                .metadata()
                .resolve(source, query, new FetchContext(around.sessions(), progress)));
  }

  @Override
  public void warn(
      Digest vertex,
      int level,
      String summary,
      List<String> detail,
      String url,
      Optional<WarnedSource> source) {
    new VertexProgress(vertex, around.sink(), around.clock())
        .warn(level, summary, detail, url, source);
  }

  @Override
  public BuildOptions buildOptions() {
    return around.options();
  }

  @Override
  public DrivenBuild openDriven(Map<String, Definition> inputs) {
    return build.contained(inputs);
  }
}
