package dev.slipway.workernative.cni;

import dev.slipway.failure.InvalidRequest;
import dev.slipway.failure.WrongState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/// A network configuration: which plug-ins set it up, in their order.
///
/// @param version of the CNI specification that plug-ins are to speak
/// @param interfaceName what the network's device is called inside
/// @param plugins each with a member `type`, the name of its program; the rest is the plug-in's
public record CniConfig(
    String name, String version, String interfaceName, List<Map<String, Object>> plugins) {
  private static final long MOST_BYTES = 1 << 20;
  private static final String OLDEST_VERSION = "0.1.0";

  public CniConfig {
    plugins = List.copyOf(plugins);
  }

  /// Reads a list of plug-ins (`.conflist`) or the configuration of a single one (anything else).
  ///
  /// @throws InvalidRequest when it is not a network configuration
  /// @throws WrongState when it cannot be read
  public static CniConfig read(Path file) {
    boolean list = file.toString().endsWith(".conflist");
    try {
      if (Files.size(file) > MOST_BYTES) {
        throw new InvalidRequest("CNI configuration " + file + " is longer than 1 MiB");
      }
      return parse(file.toString(), Files.readString(file), list);
    } catch (IOException failed) {
      throw new WrongState(
          "cannot read CNI configuration " + file + ": " + failed.getMessage(), failed);
    }
  }

  private static CniConfig parse(String origin, String text, boolean list) {
    Map<?, ?> whole;
    try {
      whole = JsonMapper.shared().readValue(text, Map.class);
    } catch (JacksonException malformed) {
      throw new InvalidRequest(
          "CNI configuration " + origin + " is not JSON: " + malformed.getOriginalMessage(),
          malformed);
    }
    if (list && !(whole.get("plugins") instanceof List<?>)) {
      throw new InvalidRequest("CNI configuration " + origin + " has no list \"plugins\"");
    }
    List<Map<String, Object>> plugins = new ArrayList<>();
    for (Object plugin :
        list && whole.get("plugins") instanceof List<?> given ? given : List.of(whole)) {
      plugins.add(plugin(origin, plugin));
    }
    if (plugins.isEmpty()) {
      throw new InvalidRequest("CNI configuration " + origin + " names no plug-in");
    }
    if (!(whole.get("name") instanceof String name) || name.isEmpty()) {
      throw new InvalidRequest("CNI configuration " + origin + " has no \"name\"");
    }
    Object version = whole.get("cniVersion");
    // The second network of a container after loopback when it is a list, the first otherwise: the
    // names that BuildKit's library gives.
    return new CniConfig(
        name,
        version instanceof String given ? given : OLDEST_VERSION,
        list ? "eth1" : "eth0",
        plugins);
  }

  private static Map<String, Object> plugin(String origin, Object given) {
    Map<String, Object> plugin = new LinkedHashMap<>();
    if (given instanceof Map<?, ?> members) {
      members.forEach((key, value) -> plugin.put(key.toString(), value));
    }
    if (!(plugin.get("type") instanceof String type)
        || !type.matches("[A-Za-z0-9._-]+")
        || type.startsWith(".")) {
      throw new InvalidRequest(
          "CNI configuration "
              + origin
              + ": a plug-in's \"type\" must be the file name of a program");
    }
    return plugin;
  }

  /// Whether plug-ins are told on removal what they had answered (since 0.4.0).
  boolean removesByResult() {
    String[] numbers = version.split("\\.");
    return !(numbers.length >= 2 && numbers[0].equals("0") && numbers[1].matches("[0-3]"));
  }
}
