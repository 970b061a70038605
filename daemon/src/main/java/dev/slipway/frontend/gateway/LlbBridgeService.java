package dev.slipway.frontend.gateway;

import com.google.protobuf.ByteString;
import dev.slipway.api.apicaps.APICap;
import dev.slipway.api.gateway.EvaluateRequest;
import dev.slipway.api.gateway.EvaluateResponse;
import dev.slipway.api.gateway.ExecMessage;
import dev.slipway.api.gateway.InputsRequest;
import dev.slipway.api.gateway.InputsResponse;
import dev.slipway.api.gateway.LLBBridgeGrpc;
import dev.slipway.api.gateway.NewContainerRequest;
import dev.slipway.api.gateway.NewContainerResponse;
import dev.slipway.api.gateway.PingRequest;
import dev.slipway.api.gateway.PongResponse;
import dev.slipway.api.gateway.ReadDirRequest;
import dev.slipway.api.gateway.ReadDirResponse;
import dev.slipway.api.gateway.ReadFileRequest;
import dev.slipway.api.gateway.ReadFileResponse;
import dev.slipway.api.gateway.ReleaseContainerRequest;
import dev.slipway.api.gateway.ReleaseContainerResponse;
import dev.slipway.api.gateway.ResolveImageConfigRequest;
import dev.slipway.api.gateway.ResolveImageConfigResponse;
import dev.slipway.api.gateway.ResolveSourceMetaRequest;
import dev.slipway.api.gateway.ResolveSourceMetaResponse;
import dev.slipway.api.gateway.ReturnRequest;
import dev.slipway.api.gateway.ReturnResponse;
import dev.slipway.api.gateway.SolveRequest;
import dev.slipway.api.gateway.SolveResponse;
import dev.slipway.api.gateway.StatFileRequest;
import dev.slipway.api.gateway.StatFileResponse;
import dev.slipway.api.gateway.WarnRequest;
import dev.slipway.api.gateway.WarnResponse;
import dev.slipway.failure.Fact.SourceRange;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.failure.NotFound;
import dev.slipway.frontend.Frontend;
import dev.slipway.frontend.FrontendBridge;
import dev.slipway.frontend.FrontendBridge.BuildOptions;
import dev.slipway.frontend.FrontendBridge.ImageQuery;
import dev.slipway.frontend.FrontendBridge.OciStore;
import dev.slipway.frontend.FrontendBridge.ResolvedImage;
import dev.slipway.frontend.FrontendRef;
import dev.slipway.frontend.FrontendRef.ByteRange;
import dev.slipway.frontend.FrontendResult;
import dev.slipway.frontend.ResolvedSource;
import dev.slipway.fsutil.StatMessages;
import dev.slipway.llb.ContainerDecoder;
import dev.slipway.llb.Definition;
import dev.slipway.llb.LlbDecoder;
import dev.slipway.llb.LlbEncoder;
import dev.slipway.llb.SourcePolicyDecoder;
import dev.slipway.oci.Digest;
import dev.slipway.oci.Platform;
import dev.slipway.progress.ProgressEvent.WarnedSource;
import dev.slipway.wire.FailureCodec;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/// The gateway's RPCs, translated and handed to the build they belong to. Handlers block on virtual
/// threads. Thread-safe.
public final class LlbBridgeService extends LLBBridgeGrpc.LLBBridgeImplBase {
  private final Supplier<GatewayBuild> build;

  private LlbBridgeService(Supplier<GatewayBuild> build) {
    this.build = build;
  }

  /// For clients: every call names its build ([BuildIdInterceptor]).
  public static LlbBridgeService byBuildId(GatewayBuild.Registry builds) {
    return new LlbBridgeService(() -> builds.require(BuildIdInterceptor.currentBuildId()));
  }

  /// For the one frontend that drives this build.
  static LlbBridgeService of(GatewayBuild build) {
    return new LlbBridgeService(() -> build);
  }

  @Override
  public void ping(PingRequest request, StreamObserver<PongResponse> answers) {
    answer(
        answers,
        () -> {
          BuildOptions options = build().bridge().buildOptions();
          PongResponse.Builder pong = PongResponse.newBuilder();
          caps(options.frontendCaps()).forEach(pong::addFrontendAPICaps);
          caps(options.llbCaps()).forEach(pong::addLLBCaps);
          options.workers().stream().map(WorkerMessages::encode).forEach(pong::addWorkers);
          return pong.build();
        });
  }

  @Override
  public void solve(SolveRequest request, StreamObserver<SolveResponse> answers) {
    answer(
        answers,
        () -> {
          FrontendResult result = solve(build().bridge(), request);
          if (result.multiple() && !request.getAllowResultReturn()) {
            throw new InvalidRequest("solve did not return default result");
          }
          SolveResponse.Builder response = SolveResponse.newBuilder();
          if (request.getAllowResultReturn()) {
            return response.setResult(GatewayMessages.encode(result, request)).build();
          }
          return response.setRef(result.single().map(FrontendRef::id).orElse("")).build();
        });
  }

  private static FrontendResult solve(FrontendBridge bridge, SolveRequest request) {
    boolean hasDefinition = request.hasDefinition() && request.getDefinition().getDefCount() > 0;
    if (hasDefinition && !request.getFrontend().isEmpty()) {
      throw new InvalidRequest("cannot solve with both Definition and Frontend specified");
    }
    request
        .getCacheImportsList()
        .forEach(cache -> bridge.importCache(cache.getType(), cache.getAttrsMap()));
    if (!request.getFrontend().isEmpty()) {
      Map<String, Definition> inputs = definitions(request.getFrontendInputsMap());
      FrontendResult result =
          bridge.solve(
              request.getFrontend(), new Frontend.Request(request.getFrontendOptMap(), inputs));
      if (request.getEvaluate()) {
        result.single().ifPresent(FrontendRef::evaluate);
        result.refs().values().forEach(ref -> ref.ifPresent(FrontendRef::evaluate));
      }
      return result;
    }
    if (!hasDefinition) {
      return FrontendResult.of(Optional.empty(), new LinkedHashMap<>());
    }
    Definition definition = LlbDecoder.decode(request.getDefinition());
    Optional<FrontendRef> ref =
        bridge.solve(definition, SourcePolicyDecoder.decode(request.getSourcePoliciesList()));
    if (request.getEvaluate()) {
      ref.ifPresent(FrontendRef::evaluate);
    }
    return FrontendResult.of(ref, new LinkedHashMap<>());
  }

  @Override
  public void resolveImageConfig(
      ResolveImageConfigRequest request, StreamObserver<ResolveImageConfigResponse> answers) {
    answer(
        answers,
        () -> {
          Optional<OciStore> store =
              request.getResolverType() == 1
                  ? Optional.of(new OciStore(request.getSessionID(), request.getStoreID()))
                  : Optional.empty();
          ImageQuery query =
              new ImageQuery(
                  platform(request.hasPlatform(), request.getPlatform()),
                  request.getLogName(),
                  request.getResolveMode(),
                  store,
                  false);
          ResolvedImage image =
              build()
                  .bridge()
                  .resolveImage(
                      request.getRef(),
                      query,
                      SourcePolicyDecoder.decode(request.getSourcePoliciesList()));
          return ResolveImageConfigResponse.newBuilder()
              .setRef(image.reference())
              .setDigest(image.digest().toString())
              .setConfig(ByteString.copyFrom(image.config()))
              .build();
        });
  }

  @Override
  public void resolveSourceMeta(
      ResolveSourceMetaRequest request, StreamObserver<ResolveSourceMetaResponse> answers) {
    answer(
        answers,
        () -> {
          ResolvedSource resolved =
              build()
                  .bridge()
                  .resolveSource(SourceMessages.source(request), SourceMessages.query(request));
          return SourceMessages.encode(resolved);
        });
  }

  @Override
  public void readFile(ReadFileRequest request, StreamObserver<ReadFileResponse> answers) {
    answer(
        answers,
        () -> {
          byte[] data = ref(request.getRef()).readFile(request.getFilePath(), range(request));
          return ReadFileResponse.newBuilder().setData(ByteString.copyFrom(data)).build();
        });
  }

  @Override
  public void readDir(ReadDirRequest request, StreamObserver<ReadDirResponse> answers) {
    answer(
        answers,
        () -> {
          ReadDirResponse.Builder response = ReadDirResponse.newBuilder();
          ref(request.getRef()).readDirectory(request.getDirPath(), pattern(request)).stream()
              .map(StatMessages::encode)
              .forEach(response::addEntries);
          return response.build();
        });
  }

  @Override
  public void statFile(StatFileRequest request, StreamObserver<StatFileResponse> answers) {
    answer(
        answers,
        () ->
            StatFileResponse.newBuilder()
                .setStat(StatMessages.encode(ref(request.getRef()).stat(request.getPath())))
                .build());
  }

  @Override
  public void evaluate(EvaluateRequest request, StreamObserver<EvaluateResponse> answers) {
    answer(
        answers,
        () -> {
          ref(request.getRef()).evaluate();
          return EvaluateResponse.getDefaultInstance();
        });
  }

  @Override
  public void return_(ReturnRequest request, StreamObserver<ReturnResponse> answers) {
    answer(
        answers,
        () -> {
          GatewayBuild build = build();
          if (request.hasError()) {
            if (request.hasResult()) {
              throw new InvalidRequest("invalid return: both error and result set");
            }
            build.giveBack(FailureCodec.decode(request.getError()));
          } else {
            build.giveBack(GatewayMessages.decode(request.getResult(), build::findRef));
          }
          return ReturnResponse.getDefaultInstance();
        });
  }

  @Override
  public void inputs(InputsRequest request, StreamObserver<InputsResponse> answers) {
    answer(
        answers,
        () -> {
          InputsResponse.Builder response = InputsResponse.newBuilder();
          build()
              .inputs()
              .forEach(
                  (name, definition) ->
                      response.putDefinitions(name, LlbEncoder.encode(definition)));
          return response.build();
        });
  }

  @Override
  public void newContainer(
      NewContainerRequest request, StreamObserver<NewContainerResponse> answers) {
    answer(
        answers,
        () -> {
          build()
              .containers()
              .open(
                  new GatewayContainers.Request(
                      request.getContainerID(),
                      request.getMountsList().stream().map(ContainerDecoder::mount).toList(),
                      ContainerDecoder.network(request.getNetwork()),
                      request.hasPlatform()
                          ? Optional.of(LlbDecoder.platform(request.getPlatform()))
                          : Optional.empty(),
                      ContainerDecoder.hosts(request.getExtraHostsList()),
                      request.getHostname(),
                      List.of()));
          return NewContainerResponse.getDefaultInstance();
        });
  }

  @Override
  public void releaseContainer(
      ReleaseContainerRequest request, StreamObserver<ReleaseContainerResponse> answers) {
    answer(
        answers,
        () -> {
          build().containers().release(request.getContainerID());
          return ReleaseContainerResponse.getDefaultInstance();
        });
  }

  @Override
  public StreamObserver<ExecMessage> execProcess(StreamObserver<ExecMessage> answers) {
    return new ProcessCall(build().containers(), (ServerCallStreamObserver<ExecMessage>) answers);
  }

  @Override
  public void readFileContainer(ReadFileRequest request, StreamObserver<ReadFileResponse> answers) {
    answer(
        answers,
        () -> {
          byte[] data =
              container(request.getRef())
                  .readFile(request.getMountIndex(), request.getFilePath(), range(request));
          return ReadFileResponse.newBuilder().setData(ByteString.copyFrom(data)).build();
        });
  }

  @Override
  public void readDirContainer(ReadDirRequest request, StreamObserver<ReadDirResponse> answers) {
    answer(
        answers,
        () -> {
          ReadDirResponse.Builder response = ReadDirResponse.newBuilder();
          container(request.getRef())
              .readDirectory(request.getMountIndex(), request.getDirPath(), pattern(request))
              .stream()
              .map(StatMessages::encode)
              .forEach(response::addEntries);
          return response.build();
        });
  }

  @Override
  public void statFileContainer(StatFileRequest request, StreamObserver<StatFileResponse> answers) {
    answer(
        answers,
        () ->
            StatFileResponse.newBuilder()
                .setStat(
                    StatMessages.encode(
                        container(request.getRef())
                            .stat(request.getMountIndex(), request.getPath())))
                .build());
  }

  private GatewayContainer container(String id) {
    return build()
        .containers()
        .find(id)
        .orElseThrow(() -> new NotFound("container details for " + id + " not found"));
  }

  private static Optional<ByteRange> range(ReadFileRequest request) {
    return request.hasRange()
        ? Optional.of(new ByteRange(request.getRange().getOffset(), request.getRange().getLength()))
        : Optional.empty();
  }

  private static Optional<String> pattern(ReadDirRequest request) {
    return Optional.of(request.getIncludePattern()).filter(text -> !text.isEmpty());
  }

  @Override
  public void warn(WarnRequest request, StreamObserver<WarnResponse> answers) {
    answer(
        answers,
        () -> {
          Optional<WarnedSource> source =
              request.hasInfo() ? Optional.of(warnedSource(request)) : Optional.empty();
          build()
              .bridge()
              .warn(
                  Digest.parse(request.getDigest()),
                  Math.toIntExact(request.getLevel()),
                  request.getShort().toStringUtf8(),
                  request.getDetailList().stream().map(ByteString::toStringUtf8).toList(),
                  request.getUrl(),
                  source);
          return WarnResponse.getDefaultInstance();
        });
  }

  private static WarnedSource warnedSource(WarnRequest request) {
    List<SourceRange> ranges =
        request.getRangesList().stream()
            .map(
                range ->
                    new SourceRange(
                        range.getStart().getLine(),
                        range.getStart().getCharacter(),
                        range.getEnd().getLine(),
                        range.getEnd().getCharacter()))
            .toList();
    return new WarnedSource(
        request.getInfo().getFilename(),
        request.getInfo().getLanguage(),
        request.getInfo().getData().toByteArray(),
        request.getInfo().getDefinition().toByteArray(),
        ranges);
  }

  private GatewayBuild build() {
    return build.get();
  }

  private FrontendRef ref(String id) {
    return build().findRef(id).orElseThrow(() -> new NotFound("no such ref: " + id));
  }

  private static Map<String, Definition> definitions(
      Map<String, dev.slipway.api.ops.Definition> messages) {
    Map<String, Definition> decoded = new LinkedHashMap<>();
    messages.forEach((name, message) -> decoded.put(name, LlbDecoder.decode(message)));
    return decoded;
  }

  private static Platform platform(boolean given, dev.slipway.api.ops.Platform message) {
    return given ? LlbDecoder.platform(message) : Platform.local();
  }

  private static List<APICap> caps(Set<String> ids) {
    return ids.stream()
        .sorted()
        .map(id -> APICap.newBuilder().setID(id).setEnabled(true).build())
        .toList();
  }

  /// Failures propagate to the server's interceptor.
  private static <A> void answer(StreamObserver<A> answers, Supplier<A> work) {
    answers.onNext(work.get());
    answers.onCompleted();
  }
}
