package dev.slipway.frontend.gateway;

import dev.slipway.executor.Executor.ExitStatus;
import dev.slipway.executor.ProcessIo;
import dev.slipway.failure.Denied;
import dev.slipway.failure.Fact;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.failure.ProcessFailed;
import dev.slipway.failure.Unsupported;
import dev.slipway.failure.WrongState;
import dev.slipway.frontend.Frontend;
import dev.slipway.frontend.FrontendBridge;
import dev.slipway.frontend.FrontendBridge.BuildOptions;
import dev.slipway.frontend.FrontendBridge.ImageQuery;
import dev.slipway.frontend.FrontendBridge.ResolvedImage;
import dev.slipway.frontend.FrontendBridge.WorkerInfo;
import dev.slipway.frontend.FrontendRef;
import dev.slipway.frontend.FrontendResult;
import dev.slipway.frontend.GivenTrees;
import dev.slipway.frontend.gateway.GatewayContainers.SharedDirectory;
import dev.slipway.llb.Constraints;
import dev.slipway.llb.ExecMeta;
import dev.slipway.llb.ExecOp.NetworkMode;
import dev.slipway.llb.ExecOp.SecurityMode;
import dev.slipway.llb.Mount;
import dev.slipway.llb.Mount.ContentCache;
import dev.slipway.llb.Mount.Place;
import dev.slipway.llb.OpMetadata;
import dev.slipway.llb.SourceOps;
import dev.slipway.llb.State;
import dev.slipway.oci.ImageReference;
import dev.slipway.oci.Platform;
import dev.slipway.oci.json.GoJson;
import dev.slipway.oci.json.OciJson;
import dev.slipway.rpc.RpcServer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The frontend `gateway.v0`: runs an image whose program makes LLB. Its standard streams carry the
/// gateway's RPCs, its environment the request (BuildKit v0.32.2, `frontend/gateway/gateway.go`).
/// Thread-safe; every request is on its own.
public final class ImageFrontend implements Frontend {
  /// The frontend's name in requests.
  public static final String NAME = "gateway.v0";

  private static final Logger LOG = LoggerFactory.getLogger(ImageFrontend.class);
  private static final String CONTAINER = "frontend";
  private static final String INPUTS_CAP = "moby.buildkit.frontend.inputs";
  private static final byte[] NO_CONFIG = {'{', '}'};

  private final Set<String> allowedRepositories;
  private final GivenTrees given;
  private final Hosting hosting;

  /// @param allowedRepositories full names without tag; empty: any
  /// @param given what may stand for a frontend's image
  public ImageFrontend(List<String> allowedRepositories, GivenTrees given, Hosting hosting) {
    this.allowedRepositories = Set.copyOf(allowedRepositories);
    this.given = given;
    this.hosting = hosting;
  }

  /// Where frontends are served.
  ///
  /// @param directory for sockets; nobody but the daemon can enter it
  public record Hosting(Path directory, RpcServer.Threads threads) {}

  @Override
  public FrontendResult solve(Request request, FrontendBridge bridge) {
    if (request.options().containsKey("gateway-devel")) {
      throw new Unsupported("development gateway is no longer supported");
    }
    String source = request.options().get("source");
    if (source == null) {
      throw new InvalidRequest("no source specified for gateway");
    }
    requireAllowed(source);
    FrontendImage image = load(source, request, bridge);
    requireCaps(request, image);
    FrontendRef root =
        bridge
            .solve(image.definition())
            .orElseThrow(() -> new WrongState("gateway source didn't return default result"));
    try (FrontendMetadata metadata =
            FrontendMetadata.write(hosting.directory(), root.definition());
        DrivenBuild build = bridge.openDriven(request.inputs())) {
      build.containers().open(container(image, root, metadata.shared()));
      return run(source, image, request, build);
    }
  }

  private void requireAllowed(String source) {
    if (!allowedRepositories.isEmpty()
        && !allowedRepositories.contains(ImageReference.parse(source).name())) {
      throw new Denied("'" + source + "' is not an allowed gateway source");
    }
  }

  private FrontendImage load(String source, Request request, FrontendBridge bridge) {
    return given
        .find(source, request, bridge)
        .map(tree -> FrontendImage.of(tree.definition(), tree.config().orElse(NO_CONFIG)))
        .orElseGet(() -> pulled(source, bridge));
  }

  private static FrontendImage pulled(String source, FrontendBridge bridge) {
    String reference = ImageReference.parse(source).withDefaultTag().toString();
    ImageQuery query = new ImageQuery(Platform.local(), "", "default", Optional.empty(), false);
    ResolvedImage resolved = bridge.resolveImage(reference, query);
    String exact =
        ImageReference.parse(resolved.reference()).withDigest(resolved.digest()).toString();
    SourceOps.ImageOptions kept =
        new SourceOps.ImageOptions(
            Optional.empty(), Optional.of("frontend"), OptionalInt.empty(), Optional.empty());
    Constraints here =
        new Constraints(
            Optional.of(Platform.local()),
            List.of(),
            OpMetadata.NONE,
            List.of(),
            "",
            Optional.empty());
    State tree = State.source(SourceOps.image(exact, kept), here);
    return FrontendImage.of(tree.define(here), resolved.config());
  }

  private static void requireCaps(Request request, FrontendImage image) {
    Set<String> required =
        new HashSet<>(FrontendImage.capsOf(request.options().getOrDefault("frontend.caps", "")));
    if (!request.inputs().isEmpty()) {
      required.add(INPUTS_CAP);
    }
    for (String cap : required) {
      if (!image.caps().contains(cap)) {
        throw new Unsupported(
            "unsupported frontend capability " + cap, new Fact.MissingFrontendCap(cap));
      }
    }
  }

  private FrontendResult run(
      String source, FrontendImage image, Request request, DrivenBuild build) {
    GatewayContainer container = build.containers().find(CONTAINER).orElseThrow();
    LastWords errors = new LastWords();
    ExitStatus status;
    try (FrontendDoor door = FrontendDoor.open(build, hosting)) {
      SocketChannel connection = door.connection();
      ProcessIo io =
          new ProcessIo(
              Optional.of(Channels.newInputStream(connection)),
              Channels.newOutputStream(connection),
              errors,
              Optional.empty(),
              () -> {});
      status = container.run(process(image, request, build.bridge().buildOptions()), io);
    }
    LOG.atDebug()
        .addKeyValue("frontend", source)
        .addKeyValue("exitCode", status.exitCode())
        .addKeyValue("errors", errors.text())
        .log("frontend ended");
    Optional<FrontendResult> result = build.returned();
    if (status.exitCode() != 0) {
      String said = errors.text().isEmpty() ? "" : ": " + errors.text();
      throw new ProcessFailed(
          "frontend " + source + " failed: exit code: " + status.exitCode() + said,
          status.exitCode());
    }
    return result.orElseThrow(
        () -> new WrongState("frontend " + source + " ended: no result for incomplete build"));
  }

  private static GatewayContainers.Request container(
      FrontendImage image, FrontendRef root, SharedDirectory metadata) {
    Place place =
        new Place(
            OptionalInt.empty(),
            "",
            Mount.ROOT,
            OptionalInt.empty(),
            false,
            ContentCache.DEFAULT,
            root.id());
    return new GatewayContainers.Request(
        CONTAINER,
        List.of(new Mount.Bind(place)),
        image.needsNoNetwork() ? NetworkMode.NONE : NetworkMode.SANDBOX,
        Optional.empty(),
        List.of(),
        "",
        List.of(metadata));
  }

  private static GatewayContainer.Process process(
      FrontendImage image, Request request, BuildOptions options) {
    List<String> env = new ArrayList<>(image.env());
    int number = 0;
    for (Map.Entry<String, String> option : new TreeMap<>(request.options()).entrySet()) {
      env.add("BUILDKIT_FRONTEND_OPT_" + number + "=" + option.getKey() + "=" + option.getValue());
      number++;
    }
    env.add("BUILDKIT_SESSION_ID=" + options.sessionId());
    env.add("BUILDKIT_WORKERS=" + workers(options.workers()));
    env.add("BUILDKIT_EXPORTEDPRODUCT=" + options.product());
    return new GatewayContainer.Process(
        ExecMeta.of(image.args(), env, image.workingDirectory()),
        List.of(),
        false,
        SecurityMode.SANDBOX);
  }

  private static String workers(List<WorkerInfo> workers) {
    List<Object> list = new ArrayList<>();
    for (WorkerInfo worker : workers) {
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("id", worker.id());
      one.put("labels", new TreeMap<>(worker.labels()));
      one.put("platforms", worker.platforms().stream().map(OciJson::tree).toList());
      list.add(one);
    }
    return new String(GoJson.compact(list), StandardCharsets.UTF_8);
  }
}
