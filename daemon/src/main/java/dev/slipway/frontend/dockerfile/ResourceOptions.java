package dev.slipway.frontend.dockerfile;

import dev.slipway.frontend.dockerfile.graph.NodeNotes.Resources;
import dev.slipway.frontend.dockerfile.instruction.Numbers;
import dev.slipway.frontend.dockerfile.source.DockerfileError;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToLongFunction;
import java.util.regex.Pattern;

/// Reads limits of what steps may use.
final class ResourceOptions {
  private static final Pattern CPU_SET =
      Pattern.compile("[0-9]{1,6}(?:-[0-9]{1,6})?(?:,[0-9]{1,6}(?:-[0-9]{1,6})?)*");

  private final Map<String, String> given;

  private ResourceOptions(Map<String, String> given) {
    this.given = given;
  }

  /// Empty when nothing is limited.
  static Optional<Resources> read(Map<String, String> given) {
    ResourceOptions options = new ResourceOptions(given);
    Resources resources =
        new Resources(
            options.positive("memory", Numbers::parseLong),
            options.swap(),
            options.positive("cpushares", Numbers::parseUnsigned),
            options.positive("cpuperiod", Numbers::parseUnsigned),
            options.positive("cpuquota", Numbers::parseLong),
            options.cpuSet("cpusetcpus"),
            options.cpuSet("cpusetmems"));
    return resources.equals(new Resources(0, 0, 0, 0, 0, "", ""))
        ? Optional.empty()
        : Optional.of(resources);
  }

  private String text(String key) {
    return given.getOrDefault(key, "");
  }

  private long positive(String key, ToLongFunction<String> form) {
    if (text(key).isEmpty()) {
      return 0;
    }
    long value = number(key, form);
    if (value <= 0) {
      throw invalid(key, "must be > 0");
    }
    return value;
  }

  private long swap() {
    String key = "memswap";
    if (text(key).isEmpty()) {
      return 0;
    }
    long value = number(key, Numbers::parseLong);
    if (value < -1 || value == 0) {
      throw invalid(key, "must be -1 (unlimited) or > 0");
    }
    return value;
  }

  private long number(String key, ToLongFunction<String> form) {
    try {
      return form.applyAsLong(text(key));
    } catch (DockerfileError e) {
      throw invalid(key, e.message());
    }
  }

  private String cpuSet(String key) {
    if (!text(key).isEmpty() && !CPU_SET.matcher(text(key)).matches()) {
      throw invalid(key, "want a list like 0-3,6");
    }
    return text(key);
  }

  private DockerfileError invalid(String key, String why) {
    return new DockerfileError("invalid " + key + " value: " + text(key) + ": " + why);
  }
}
