package dev.slipway.client.command;

import dev.slipway.failure.InvalidRequest;
import dev.slipway.oci.Platform;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What `--annotation` asks for, as attributes of exporters: `KEY=VALUE`, or with what it is to be
/// on in front, `index,manifest[linux/amd64]:KEY=VALUE` (buildx, `util/buildflags/export.go`,
/// 0.31).
final class Annotations {
  private static final Set<String> OF_PLATFORMS = Set.of("manifest", "manifest-descriptor");
  private static final Set<String> OF_ALL = Set.of("index", "index-descriptor");
  private static final Pattern LEVEL = Pattern.compile("([a-z-]+)(?:\\[([A-Za-z0-9_/-]+)])?");

  private Annotations() {}

  /// @throws InvalidRequest the text asks for none
  static Map<String, String> parse(String text) {
    int equals = text.indexOf('=');
    if (equals < 0) {
      throw new InvalidRequest("invalid annotation \"" + text + "\", expected key=value");
    }
    String value = text.substring(equals + 1);
    String name = text.substring(0, equals);
    int colon = name.indexOf(':');
    if (colon < 0) {
      return Map.of("annotation." + name, value);
    }
    Map<String, String> attributes = new LinkedHashMap<>();
    for (String level : name.substring(0, colon).split(",")) {
      attributes.put("annotation-" + level(level) + "." + name.substring(colon + 1), value);
    }
    return attributes;
  }

  private static String level(String text) {
    Matcher level = LEVEL.matcher(text);
    if (!level.matches()) {
      throw new InvalidRequest(
          "invalid annotation type \""
              + text
              + "\", expected type and optional platform in square brackets");
    }
    String type = level.group(1);
    Optional<String> platform = Optional.ofNullable(level.group(2));
    if (OF_ALL.contains(type)) {
      return type;
    }
    if (!OF_PLATFORMS.contains(type)) {
      throw new InvalidRequest("unknown annotation type \"" + type + "\"");
    }
    return type + platform.map(name -> "[" + Platform.parse(name) + "]").orElse("");
  }
}
