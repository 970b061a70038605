package dev.slipway.frontend.dockerfile;

import dev.slipway.frontend.dockerfile.convert.BuildConfig;
import dev.slipway.frontend.dockerfile.convert.PlatformText;
import dev.slipway.frontend.dockerfile.graph.ExecNode;
import dev.slipway.frontend.dockerfile.instruction.CsvFields;
import dev.slipway.frontend.dockerfile.instruction.Numbers;
import dev.slipway.frontend.dockerfile.lint.LintOptions;
import dev.slipway.frontend.dockerfile.source.DockerfileError;
import dev.slipway.frontend.sbom.SbomRequest;
import dev.slipway.oci.Platform;
import dev.slipway.text.LimitName;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Supplier;

/// Reads a client's options. Confined to one request.
///
/// Keys and texts: BuildKit's `frontend/dockerui/config.go` and `attr.go` (v0.32.2).
final class OptionsReader {
  private static final String ARGUMENT = "build-arg:";

  private final Map<String, String> given;

  private OptionsReader(Map<String, String> given) {
    this.given = given;
  }

  /// Fails with an error without a place when an option makes no sense.
  static FrontendOptions read(Map<String, String> given) {
    return new OptionsReader(given).read();
  }

  private FrontendOptions read() {
    refuseRemoved();
    List<Platform> targets = targets();
    BuildConfig config = config(targets);
    Optional<SbomRequest> sbom =
        Optional.ofNullable(AttestationOptions.read(given).get("sbom")).map(SbomRequest::of);
    return new FrontendOptions(
        config,
        targets,
        text("filename", "Dockerfile"),
        "context",
        text("dockerfilekey", "dockerfile"),
        given.containsKey("dockerfilekey"),
        text(text("contextkey", "context"), ""),
        Optional.ofNullable(given.get("contextsubdir")),
        isTrue(argument("BUILDKIT_CONTEXT_KEEP_GIT_DIR")),
        Optional.ofNullable(given.get(ARGUMENT + "BUILDKIT_DOCKERFILE_CHECK"))
            .map(
                text ->
                    explained(
                        "failed to parse " + ARGUMENT + "BUILDKIT_DOCKERFILE_CHECK",
                        () -> LintOptions.parse(text))),
        Optional.ofNullable(given.get("requestid")),
        sbom,
        given);
  }

  private void refuseRemoved() {
    if (!text("override-copy-image", "").isEmpty()) {
      throw new DockerfileError("support for \"override-copy-image\" was removed in BuildKit 0.11");
    }
    if (isTrue(argument("BUILDKIT_DISABLE_FILEOP"))) {
      throw new DockerfileError(
          "support for \"BUILDKIT_DISABLE_FILEOP\" build-arg was removed in BuildKit 0.11");
    }
  }

  private String text(String key, String otherwise) {
    return given.getOrDefault(key, otherwise);
  }

  private String argument(String name) {
    return text(ARGUMENT + name, "");
  }

  private static boolean isTrue(String text) {
    try {
      return Numbers.parseTruth(text);
    } catch (DockerfileError e) {
      return false; // not given, or nothing to go by
    }
  }

  private static <T> T explained(String what, Supplier<T> reading) {
    try {
      return reading.get();
    } catch (DockerfileError e) {
      throw e.withPrefix(what + ": ");
    }
  }

  private List<Platform> targets() {
    List<Platform> targets = new ArrayList<>();
    String list = text("platform", "");
    if (!list.isEmpty()) {
      for (String platform : list.split(",", -1)) {
        targets.add(
            explained(
                "failed to parse target platform " + platform, () -> PlatformText.parse(platform)));
      }
    }
    return targets;
  }

  private BuildConfig config(List<Platform> targets) {
    BuildConfig.ResolveMode resolveMode = resolveMode();
    List<ExecNode.Host> hosts = explained("failed to parse additional hosts", this::hosts);
    long sharedMemory =
        explained(
            "failed to parse shm size",
            () -> text("shm-size", "").isEmpty() ? 0L : Numbers.parseLong(text("shm-size", "")));
    List<ExecNode.Limit> limits = explained("failed to parse ulimit", this::limits);
    var resources = explained("failed to parse resource limits", () -> ResourceOptions.read(given));
    ExecNode.NetworkMode network = network();
    boolean multiPlatform = multiPlatform(targets);
    String hostname = argument("BUILDKIT_SANDBOX_HOSTNAME");
    return new BuildConfig(
        prefixed(ARGUMENT),
        text("target", ""),
        prefixed("label:"),
        noCache(),
        multiPlatform,
        resolveMode,
        argument("BUILDKIT_CACHE_MOUNT_NS"),
        text("cgroup-parent", ""),
        hostname.isEmpty() ? text("hostname", "") : hostname,
        hosts,
        sharedMemory,
        limits,
        resources,
        network);
  }

  private BuildConfig.ResolveMode resolveMode() {
    String mode = text("image-resolve-mode", "");
    return switch (mode) {
      case "", "default" -> BuildConfig.ResolveMode.DEFAULT;
      case "pull" -> BuildConfig.ResolveMode.PULL;
      case "local" -> BuildConfig.ResolveMode.LOCAL;
      default -> throw new DockerfileError("invalid image-resolve-mode: " + mode);
    };
  }

  private List<ExecNode.Host> hosts() {
    List<ExecNode.Host> hosts = new ArrayList<>();
    for (String field : fields(text("add-hosts", ""))) {
      String entry = field.toLowerCase(Locale.ROOT);
      int equals = entry.indexOf('=');
      if (equals < 0) {
        throw new DockerfileError("invalid key-value pair " + field);
      }
      String address = entry.substring(equals + 1);
      hosts.add(
          new ExecNode.Host(
              entry.substring(0, equals),
              IpAddress.normalised(address)
                  .orElseThrow(() -> new DockerfileError("failed to parse IP " + address))));
    }
    return hosts;
  }

  private static List<String> fields(String list) {
    return list.isEmpty() ? List.of() : CsvFields.parse(list);
  }

  private List<ExecNode.Limit> limits() {
    return fields(text("ulimit", "")).stream().map(OptionsReader::limit).toList();
  }

  private static ExecNode.Limit limit(String field) {
    int equals = field.indexOf('=');
    if (equals < 0) {
      throw new DockerfileError("invalid ulimit argument: " + field);
    }
    String name = field.substring(0, equals);
    if (!LimitName.isKnown(name)) {
      throw new DockerfileError("invalid ulimit type: " + name);
    }
    String values = field.substring(equals + 1);
    String[] parts = values.split(":", -1);
    if (parts.length > 2) {
      throw new DockerfileError(
          "too many limit value arguments - "
              + values
              + ", can only have up to two, `soft[:hard]`");
    }
    long hard = Numbers.parseLong(parts[parts.length - 1]);
    long soft = Numbers.parseLong(parts[0]);
    if (hard != -1 && soft == -1) {
      throw new DockerfileError(
          "ulimit soft limit must be less than or equal to hard limit: soft: -1 (unlimited),"
              + " hard: "
              + hard);
    }
    if (hard != -1 && soft > hard) {
      throw new DockerfileError(
          "ulimit soft limit must be less than or equal to hard limit: " + soft + " > " + hard);
    }
    return new ExecNode.Limit(name, soft, hard);
  }

  private ExecNode.NetworkMode network() {
    String mode = text("force-network-mode", "");
    return switch (mode) {
      case "", "sandbox" -> ExecNode.NetworkMode.SANDBOX;
      case "none" -> ExecNode.NetworkMode.NONE;
      case "host" -> ExecNode.NetworkMode.HOST;
      default -> throw new DockerfileError("invalid netmode " + mode);
    };
  }

  /// An empty list of stages means all.
  private Optional<List<String>> noCache() {
    return Optional.ofNullable(given.get("no-cache"))
        .map(stages -> stages.isEmpty() ? List.of() : List.of(stages.split(",", -1)));
  }

  private boolean multiPlatform(List<Platform> targets) {
    boolean several = targets.size() > 1;
    String said = argument("BUILDKIT_MULTI_PLATFORM");
    if (said.isEmpty()) {
      said = text("multi-platform", "");
    }
    if (said.isEmpty()) {
      return several;
    }
    boolean asked;
    try {
      asked = Numbers.parseTruth(said);
    } catch (DockerfileError e) {
      throw new DockerfileError("invalid boolean value for multi-platform: " + said);
    }
    if (!asked && several) {
      throw new DockerfileError(
          "conflicting config: returning multiple target platforms is not allowed");
    }
    return asked;
  }

  private SortedMap<String, String> prefixed(String prefix) {
    SortedMap<String, String> values = new TreeMap<>();
    given.forEach(
        (key, value) -> {
          if (key.startsWith(prefix)) {
            values.put(key.substring(prefix.length()), value);
          }
        });
    return values;
  }
}
