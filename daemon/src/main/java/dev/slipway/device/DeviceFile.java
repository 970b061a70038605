package dev.slipway.device;

import dev.slipway.executor.DeviceEdits;
import dev.slipway.executor.DeviceEdits.Hook;
import dev.slipway.executor.DeviceEdits.HostMount;
import dev.slipway.executor.DeviceEdits.Node;
import dev.slipway.failure.InvalidRequest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.dataformat.yaml.YAMLMapper;

/// One specification file: devices of one kind. Immutable.
///
/// @param kind `vendor/class`
/// @param edits made when any of its devices is given
/// @param devices by name
record DeviceFile(
    String kind,
    Map<String, String> annotations,
    DeviceEdits edits,
    Map<String, Described> devices) {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final YAMLMapper YAML = YAMLMapper.shared();

  /// @param annotations its own and its file's
  record Described(Map<String, String> annotations, DeviceEdits edits) {}

  /// @param json whether it is JSON, else YAML
  /// @throws InvalidRequest it is no specification, or one that needs what is not supported
  static DeviceFile parse(String text, boolean json) {
    JsonNode root;
    try {
      root = json ? JSON.readTree(text) : YAML.readTree(text);
    } catch (JacksonException malformed) {
      throw new InvalidRequest(malformed.getOriginalMessage(), malformed);
    }
    String kind = root.path("kind").asString("");
    if (!kind.matches("[a-zA-Z][a-zA-Z0-9_.-]*/[a-zA-Z][a-zA-Z0-9_.-]*")) {
      throw new InvalidRequest("invalid kind \"" + kind + "\": want vendor/class");
    }
    Map<String, String> annotations = texts(root.path("annotations"));
    Map<String, Described> devices = new LinkedHashMap<>();
    for (JsonNode device : root.path("devices")) {
      String name = text(device.path("name"));
      if (!name.matches("[a-zA-Z0-9][a-zA-Z0-9_.:-]*")) {
        throw new InvalidRequest("invalid device name \"" + name + "\"");
      }
      Map<String, String> all = new LinkedHashMap<>(annotations);
      all.putAll(texts(device.path("annotations")));
      devices.put(name, new Described(all, edits(device.path("containerEdits"))));
    }
    return new DeviceFile(kind, annotations, edits(root.path("containerEdits")), devices);
  }

  private static DeviceEdits edits(JsonNode node) {
    for (String unsupported : List.of("netDevices", "intelRdt")) {
      if (node.has(unsupported)) {
        throw new InvalidRequest("container edit " + unsupported + " is not supported");
      }
    }
    List<Node> nodes = new ArrayList<>();
    node.path("deviceNodes").forEach(each -> nodes.add(deviceNode(each)));
    List<HostMount> mounts = new ArrayList<>();
    node.path("mounts")
        .forEach(
            each ->
                mounts.add(
                    new HostMount(
                        absolute(each.path("hostPath")),
                        absolute(each.path("containerPath")),
                        text(each.path("type")),
                        list(each.path("options")))));
    List<Hook> hooks = new ArrayList<>();
    node.path("hooks").forEach(each -> hooks.add(hook(each)));
    List<Long> groups = new ArrayList<>();
    node.path("additionalGids").forEach(each -> groups.add(each.asLong(0)));
    groups.removeIf(group -> group <= 0);
    List<String> environment = list(node.path("env"));
    environment.forEach(
        variable -> {
          if (variable.indexOf('=') <= 0) {
            throw new InvalidRequest("invalid environment variable \"" + variable + "\"");
          }
        });
    return new DeviceEdits(environment, nodes, mounts, hooks, groups);
  }

  private static Node deviceNode(JsonNode node) {
    String path = absolute(node.path("path"));
    String type = text(node.path("type"));
    String permissions = text(node.path("permissions"));
    if (!type.matches("[bcup]?") || !permissions.matches("[rwm]*")) {
      throw new InvalidRequest("device " + path + " has an invalid type or permissions");
    }
    return new Node(
        path,
        node.has("hostPath") ? absolute(node.path("hostPath")) : path,
        type,
        number(node, "major"),
        number(node, "minor"),
        node.has("fileMode") ? OptionalInt.of(node.path("fileMode").asInt(0)) : OptionalInt.empty(),
        permissions.isEmpty() ? "rwm" : permissions,
        number(node, "uid"),
        number(node, "gid"));
  }

  private static Hook hook(JsonNode node) {
    return new Hook(
        text(node.path("hookName")),
        absolute(node.path("path")),
        list(node.path("args")),
        list(node.path("env")),
        node.has("timeout") ? Optional.of(node.path("timeout").asInt(0)) : Optional.empty());
  }

  private static OptionalLong number(JsonNode node, String name) {
    return node.has(name) ? OptionalLong.of(node.path(name).asLong(0)) : OptionalLong.empty();
  }

  private static String absolute(JsonNode node) {
    String path = text(node);
    if (!path.startsWith("/")) {
      throw new InvalidRequest("path \"" + path + "\" is not absolute");
    }
    return path;
  }

  private static List<String> list(JsonNode node) {
    List<String> texts = new ArrayList<>();
    node.forEach(each -> texts.add(text(each)));
    return texts;
  }

  private static Map<String, String> texts(JsonNode node) {
    Map<String, String> texts = new LinkedHashMap<>();
    node.properties().forEach(entry -> texts.put(entry.getKey(), text(entry.getValue())));
    return texts;
  }

  /// A scalar as text, whatever type it was read as.
  private static String text(JsonNode node) {
    return node.isNumber() || node.isBoolean() ? node.toString() : node.asString("");
  }
}
