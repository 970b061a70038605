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
  private static final String NAMED_IMAGE = "docker-image://";

  private final Set<String> allowedRepositories;
  private final Hosting hosting;

  /// @param allowedRepositories full names without tag; empty: any
  public ImageFrontend(List<String> allowedRepositories, Hosting hosting) {
    this.allowedRepositories = Set.copyOf(allowedRepositories);
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
    FrontendImage image = load(source, request.options(), bridge);
    requireCaps(request, image);
    FrontendRef root =
        bridge
            .solve(image.definition())
            .orElseThrow(() -> new WrongState("gateway source didn't return default result"));
    try (DrivenBuild build = bridge.openDriven(request.inputs())) {
      return run(source, image, root, request, build);
    }
  }

  private void requireAllowed(String source) {
    if (!allowedRepositories.isEmpty()
        && !allowedRepositories.contains(ImageReference.parse(source).name())) {
      throw new Denied("'" + source + "' is not an allowed gateway source");
    }
  }

  private static FrontendImage load(
      String source, Map<String, String> options, FrontendBridge bridge) {
    String wanted = named(source, options).orElse(source);
    String reference = ImageReference.parse(wanted).withDefaultTag().toString();
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

  /// The image that the client gave for this name, if it did.
  private static Optional<String> named(String source, Map<String, String> options) {
    String familiar = ImageReference.parse(source).familiar();
    String name =
        familiar.endsWith(":latest")
            ? familiar.substring(0, familiar.length() - ":latest".length())
            : familiar;
    String key = "context:" + name;
    Optional<String> given =
        Optional.ofNullable(options.get(key + "::" + Platform.local().formatAll()))
            .or(() -> Optional.ofNullable(options.get(key)));
    if (given.isPresent() && !given.get().startsWith(NAMED_IMAGE)) {
      throw new Unsupported(
          "the frontend "
              + source
              + " is replaced by "
              + given.get()
              + ": only "
              + NAMED_IMAGE
              + " can stand for a frontend image");
    }
    return given.map(value -> value.substring(NAMED_IMAGE.length()));
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
      String source, FrontendImage image, FrontendRef root, Request request, DrivenBuild build) {
    build.containers().open(container(image, root));
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

  private static GatewayContainers.Request container(FrontendImage image, FrontendRef root) {
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
        "");
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
