package dev.slipway.llbsolver;

import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.Fact;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.failure.WrongState;
import dev.slipway.frontend.Frontend;
import dev.slipway.frontend.FrontendBridge;
import dev.slipway.frontend.FrontendRef;
import dev.slipway.frontend.FrontendResult;
import dev.slipway.frontend.ResolvedSource;
import dev.slipway.frontend.SourceQuery;
import dev.slipway.frontend.gateway.DrivenBuild;
import dev.slipway.frontend.gateway.PolicyVerifier;
import dev.slipway.llb.Definition;
import dev.slipway.llb.SourceOp;
import dev.slipway.llb.SourcePolicy;
import dev.slipway.oci.Digest;
import dev.slipway.op.LlbVertex;
import dev.slipway.progress.ProgressEvent.WarnedSource;
import dev.slipway.progress.ProgressSink;
import dev.slipway.progress.VertexProgress;
import dev.slipway.provenance.Capture;
import dev.slipway.provenance.FrontendCall;
import dev.slipway.provenance.Material;
import dev.slipway.ref.FetchContext;
import dev.slipway.solver.Vertex.Edge;
import dev.slipway.source.SourceMetadata;
import dev.slipway.task.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/// What the frontends of one build may ask, answered by that build. Thread-safe.
final class BuildBridge implements FrontendBridge {
  private final Build build;
  private final Surroundings around;
  private final RequestTrace trace;
  private final ShownWork shown;
  private final SourcePolicies policies;

  /// What a bridge needs beside its build.
  ///
  /// @param frontends by name: `dockerfile.v0`, `gateway.v0`
  /// @param fetching on behalf of the build, shown there
  /// @param producers who made what is given to frontends, and where it is noted what they made
  /// @param verifier the client that decides about each source, if there is one
  record Surroundings(
      VertexLoader loader,
      Map<String, Frontend> frontends,
      SourceMetadata metadata,
      TreeReader reader,
      BuildOptions options,
      Function<VertexProgress, FetchContext> fetching,
      Optional<Supplier<PolicyVerifier>> verifier,
      Entitlements entitlements,
      NetworkAccess access,
      Producers.Book producers,
      DefinitionCapture definitions,
      BuildContainer.Surroundings containers,
      ProgressSink sink,
      Clock clock) {}

  SourcePolicies policies() {
    return policies;
  }

  /// @param trace of what is asked here
  BuildBridge(Build build, Surroundings around, RequestTrace trace) {
    this.build = build;
    this.trace = trace;
    this.around = around;
    this.shown = new ShownWork(around.sink(), around.clock());
    this.policies =
        new SourcePolicies(
            build.request().policies().sources(),
            around.verifier(),
            around.metadata(),
            this::resolveAllowed);
  }

  /// For a frontend that another one called.
  private BuildBridge(BuildBridge caller, RequestTrace trace) {
    this.build = caller.build;
    this.trace = trace;
    this.around = caller.around;
    this.shown = caller.shown;
    this.policies = caller.policies;
  }

  /// Another bridge to the same build: what is asked of it is no part of what the result is made
  /// of.
  BuildBridge aside() {
    return new BuildBridge(this, RequestTrace.ofClient(Optional.empty()));
  }

  @Override
  public Optional<FrontendRef> solve(Definition definition, List<SourcePolicy> policies) {
    return load(definition, policies).map(FrontendRef.class::cast);
  }

  @Override
  public Optional<FrontendRef> solveNow(Definition definition) {
    Optional<BridgeRef> ref = load(definition, List.of());
    ref.ifPresent(BridgeRef::evaluate);
    return ref.map(FrontendRef.class::cast);
  }

  private Optional<BridgeRef> load(Definition definition, List<SourcePolicy> policies) {
    NetworkAccess access = around.access();
    Definition allowed = access.of(this.policies.apply(definition, policies));
    Optional<Edge<LlbVertex>> edge = around.loader().load(allowed, around.entitlements(), access);
    SourceLocator locator = new SourceLocator(allowed);
    Optional<BridgeRef> ref =
        edge.map(
            head ->
                build.keep(
                    new BridgeRef(
                        RandomId.next(),
                        definition,
                        head,
                        build,
                        around.reader(),
                        locator::locate)));
    ref.ifPresent(trace::solved);
    return ref;
  }

  @Override
  public void importCache(String type, Map<String, String> attributes) {
    build.importCache(new BuildRequest.CacheOption(type, attributes));
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
      FrontendCall call =
          new FrontendCall(name, request.options(), around.producers().of(request.inputs()));
      FrontendResult result = frontend.solve(request, new BuildBridge(this, trace.child(call)));
      result.allRefs().forEach(ref -> noteMaker(ref, call));
      return result;
    } catch (BuildFailure failure) {
      throw failure.with(new Fact.FromFrontend(name, request.options().getOrDefault("source", "")));
    }
  }

  private void noteMaker(FrontendRef ref, FrontendCall call) {
    if (ref instanceof BridgeRef own) {
      around.producers().made(own.id(), own.definition(), call, () -> sourcesOf(own));
    }
  }

  private Optional<Capture> sourcesOf(BridgeRef ref) {
    return ref.isSolved() ? Optional.of(around.definitions().of(ref.vertex())) : Optional.empty();
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
  public ResolvedImage resolveImage(
      String reference, ImageQuery query, List<SourcePolicy> policies) {
    SourceOp source = SourceMetadata.imageSource(reference, query.store());
    ResolvedSource resolved = resolveSource(source, SourceQuery.of(query).withPolicies(policies));
    ResolvedImage image =
        resolved
            .image()
            .orElseThrow(() -> new WrongState("resolving " + reference + " gave no image"));
    return resolved.source().identifier().equals(source.identifier())
        ? image
        : new ResolvedImage(resolved.source().rest(), image.digest(), image.config());
  }

  @Override
  public ResolvedSource resolveSource(SourceOp source, SourceQuery query) {
    return resolveAllowed(policies.apply(source, query), query);
  }

  /// Without asking the policies.
  private ResolvedSource resolveAllowed(SourceOp source, SourceQuery query) {
    String name =
        query.image().logName().isEmpty()
            ? "resolve image config for " + source.identifier()
            : query.image().logName();
    ResolvedSource resolved =
        shown.run(
            source.identifier() + query.image().platform().formatAll(),
            name,
            progress ->
                around.metadata().resolve(source, query, around.fetching().apply(progress)));
    resolved
        .image()
        .ifPresent(
            image ->
                trace.lookedUp(
                    new Material.Image(
                        resolved.source().rest(),
                        Optional.of(query.image().platform()),
                        image.digest(),
                        resolved.source().scheme().equals("oci-layout"))));
    return resolved;
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
    return build.contained(inputs, this);
  }
}
