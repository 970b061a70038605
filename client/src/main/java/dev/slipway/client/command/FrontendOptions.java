package dev.slipway.client.command;

import dev.slipway.failure.InvalidRequest;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What flags of `slipway build` mean to the Dockerfile frontend, as buildx tells it
/// (`build/opt.go`, 0.31).
final class FrontendOptions {
  private final Flags flags;
  private final Map<String, String> environment;
  private final Map<String, String> options = new LinkedHashMap<>();

  private FrontendOptions(Flags flags, Map<String, String> environment) {
    this.flags = flags;
    this.environment = environment;
  }

  /// @param platforms one or more; empty for the daemon's own
  /// @throws InvalidRequest a flag's value is wrong, or two flags exclude each other
  static Map<String, String> of(
      Flags flags, List<String> platforms, Map<String, String> environment) {
    FrontendOptions made = new FrontendOptions(flags, environment);
    made.copy("target", "target");
    if (!platforms.isEmpty()) {
      made.options.put("platform", String.join(",", platforms));
    }
    made.addCaching();
    made.addSteps();
    made.addAttests();
    flags.all("build-arg").forEach(made::addArgument);
    flags.all("label").forEach(made::addLabel);
    Optional.ofNullable(environment.get("SOURCE_DATE_EPOCH"))
        .ifPresent(epoch -> made.options.putIfAbsent("build-arg:SOURCE_DATE_EPOCH", epoch));
    return made.options;
  }

  /// The daemon's network has to be granted too to be used; asking for it by `--network` does both.
  static boolean wantsHostNetwork(Flags flags) {
    return flags.last("network").equals(Optional.of("host"));
  }

  private void copy(String flag, String option) {
    flags
        .last(flag)
        .filter(value -> !value.isEmpty())
        .ifPresent(value -> options.put(option, value));
  }

  private void addCaching() {
    List<String> stages = flags.all("no-cache-filter");
    if (flags.on("no-cache")) {
      if (!stages.isEmpty()) {
        throw new InvalidRequest(
            "--no-cache and --no-cache-filter cannot currently be used together");
      }
      options.put("no-cache", "");
    } else if (!stages.isEmpty()) {
      options.put("no-cache", String.join(",", stages));
    }
    if (flags.on("pull")) {
      options.put("image-resolve-mode", "pull");
    }
  }

  private void addSteps() {
    String network = flags.last("network").orElse("default");
    switch (network) {
      case "", "default" -> {}
      case "host", "none" -> options.put("force-network-mode", network);
      default ->
          throw new InvalidRequest(
              "network mode \""
                  + network
                  + "\" not supported by buildkit: want default, host or none");
    }
    copy("cgroup-parent", "cgroup-parent");
    if (!flags.all("add-host").isEmpty()) {
      options.put("add-hosts", ExtraHosts.of(flags.all("add-host")));
    }
    if (!flags.all("ulimit").isEmpty()) {
      options.put("ulimit", StepLimits.ulimits(flags.all("ulimit")));
    }
    flags
        .last("shm-size")
        .map(StepLimits::bytes)
        .filter(bytes -> bytes > 0)
        .ifPresent(bytes -> options.put("shm-size", Long.toString(bytes)));
  }

  private void addAttests() {
    Attests attests = new Attests();
    flags.all("attest").forEach(attests::add);
    flags.last("sbom").ifPresent(text -> attests.add("sbom", text));
    flags.last("provenance").ifPresent(text -> attests.add("provenance", text));
    options.putAll(attests.options());
  }

  private void addArgument(String text) {
    int equals = text.indexOf('=');
    if (equals >= 0) {
      options.put("build-arg:" + text.substring(0, equals), text.substring(equals + 1));
    } else {
      Optional.ofNullable(environment.get(text))
          .ifPresent(value -> options.put("build-arg:" + text, value));
    }
  }

  private void addLabel(String text) {
    int equals = text.indexOf('=');
    if (equals >= 0) {
      options.put("label:" + text.substring(0, equals), text.substring(equals + 1));
    } else {
      options.put("label:" + text, "");
    }
  }
}
