package dev.slipway.frontend.dockerfile.convert;

import com.google.protobuf.ByteString;
import dev.slipway.frontend.dockerfile.convert.ImageDraft.Health;
import dev.slipway.frontend.dockerfile.convert.ImageDraft.HistoryLine;
import dev.slipway.frontend.dockerfile.source.DockerfileError;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Image configurations as JSON: the OCI image configuration with Docker's additions
/// (`Healthcheck`, `OnBuild`, `Shell`). Members that are neither are dropped, as the reference does
/// it.
final class ImageJson {
  private static final JsonMapper MAPPER = JsonMapper.shared();

  private ImageJson() {}

  /// Fails when the bytes are no such JSON.
  static ImageDraft read(ByteString json) {
    JsonNode root;
    try {
      root = MAPPER.readTree(json.toByteArray());
    } catch (JacksonException e) {
      throw DockerfileError.because("failed to parse image config: " + e.getOriginalMessage(), e);
    }
    if (!root.isObject()) {
      throw new DockerfileError("failed to parse image config: not a JSON object");
    }
    ImageDraft image = new ImageDraft();
    image.created = time(text(root, "created"));
    image.author = text(root, "author");
    image.os = text(root, "os");
    image.architecture = text(root, "architecture");
    image.variant = text(root, "variant");
    image.osVersion = text(root, "os.version");
    image.osFeatures = texts(root, "os.features");
    image.rootType = text(root.path("rootfs"), "type");
    image.diffIds = texts(root.path("rootfs"), "diff_ids");
    image.history = list(root.path("history"), ImageJson::historyLine);
    readConfig(root.path("config"), image);
    return image;
  }

  private static void readConfig(JsonNode config, ImageDraft image) {
    image.user = text(config, "User");
    image.exposedPorts = map(config, "ExposedPorts");
    image.env = new ArrayList<>(texts(config, "Env"));
    image.entrypoint = texts(config, "Entrypoint");
    image.cmd = texts(config, "Cmd");
    image.volumes = map(config, "Volumes");
    image.workingDirectory = text(config, "WorkingDir");
    image.labels = map(config, "Labels");
    image.stopSignal = text(config, "StopSignal");
    image.argumentsEscaped = config.path("ArgsEscaped").asBoolean(false);
    JsonNode health = config.path("Healthcheck");
    image.health = health.isObject() ? Optional.of(health(health)) : Optional.empty();
    image.triggers = texts(config, "OnBuild");
    image.shell = texts(config, "Shell");
  }

  private static HistoryLine historyLine(JsonNode line) {
    return new HistoryLine(
        time(text(line, "created")),
        text(line, "created_by"),
        text(line, "author"),
        text(line, "comment"),
        line.path("empty_layer").asBoolean(false));
  }

  private static Health health(JsonNode health) {
    return new Health(
        texts(health, "Test"),
        nanoseconds(health, "Interval"),
        nanoseconds(health, "Timeout"),
        nanoseconds(health, "StartPeriod"),
        nanoseconds(health, "StartInterval"),
        (int) health.path("Retries").asLong(0));
  }

  private static Duration nanoseconds(JsonNode node, String name) {
    return Duration.ofNanos(node.path(name).asLong(0));
  }

  private static String text(JsonNode node, String name) {
    return node.path(name).asString("");
  }

  private static List<String> texts(JsonNode node, String name) {
    return List.copyOf(list(node.path(name), element -> element.asString("")));
  }

  private static <T> List<T> list(JsonNode array, Function<JsonNode, T> form) {
    List<T> elements = new ArrayList<>();
    for (JsonNode element : array) {
      elements.add(form.apply(element));
    }
    return elements;
  }

  private static SortedMap<String, String> map(JsonNode node, String name) {
    SortedMap<String, String> members = new TreeMap<>();
    for (var member : node.path(name).properties()) {
      members.put(member.getKey(), member.getValue().asString(""));
    }
    return members;
  }

  /// A time without zeros at the end of its fraction.
  private static String time(String text) {
    int dot = text.indexOf('.');
    if (dot < 0) {
      return text;
    }
    int zone = dot + 1;
    while (zone < text.length() && Character.isDigit(text.charAt(zone))) {
      zone++;
    }
    int end = zone;
    while (end > dot && (text.charAt(end - 1) == '0' || end - 1 == dot)) {
      end--;
    }
    return text.substring(0, end) + text.substring(zone);
  }

  static ByteString write(ImageDraft image) {
    JsonObject json =
        new JsonObject()
            .text("created", image.created)
            .text("author", image.author)
            .raw("architecture", JsonObject.quote(image.architecture))
            .raw("os", JsonObject.quote(image.os))
            .text("os.version", image.osVersion)
            .texts("os.features", image.osFeatures)
            .text("variant", image.variant)
            .raw("rootfs", rootfs(image));
    if (!image.history.isEmpty()) {
      json.raw(
          "history",
          image.history.stream().map(ImageJson::write).collect(Collectors.joining(",", "[", "]")));
    }
    return ByteString.copyFromUtf8(json.raw("config", config(image)).end());
  }

  private static String rootfs(ImageDraft image) {
    return new JsonObject()
        .raw("type", JsonObject.quote(image.rootType))
        .raw("diff_ids", image.diffIds.isEmpty() ? "null" : JsonObject.array(image.diffIds))
        .end();
  }

  private static String write(HistoryLine line) {
    return new JsonObject()
        .text("created", line.created())
        .text("created_by", line.createdBy())
        .text("author", line.author())
        .text("comment", line.comment())
        .flag("empty_layer", line.emptyLayer())
        .end();
  }

  private static String config(ImageDraft image) {
    JsonObject config =
        new JsonObject()
            .text("User", image.user)
            .names("ExposedPorts", image.exposedPorts)
            .texts("Env", image.env)
            .texts("Entrypoint", image.entrypoint)
            .texts("Cmd", image.cmd)
            .names("Volumes", image.volumes)
            .text("WorkingDir", image.workingDirectory)
            .map("Labels", image.labels)
            .text("StopSignal", image.stopSignal)
            .flag("ArgsEscaped", image.argumentsEscaped);
    image.health.ifPresent(health -> config.raw("Healthcheck", write(health)));
    return config.texts("OnBuild", image.triggers).texts("Shell", image.shell).end();
  }

  private static String write(Health health) {
    return new JsonObject()
        .texts("Test", health.test())
        .number("Interval", health.interval().toNanos())
        .number("Timeout", health.timeout().toNanos())
        .number("StartPeriod", health.startPeriod().toNanos())
        .number("StartInterval", health.startInterval().toNanos())
        .number("Retries", health.retries())
        .end();
  }
}
