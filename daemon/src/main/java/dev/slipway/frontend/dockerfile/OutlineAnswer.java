package dev.slipway.frontend.dockerfile;

import dev.slipway.frontend.dockerfile.Subrequests.Answer;
import dev.slipway.frontend.dockerfile.convert.Outline;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// What the target lets a client set.
final class OutlineAnswer {
  private OutlineAnswer() {}

  static Answer of(Outline outline, DockerfileSource dockerfile) {
    ObjectNode json = JsonMapper.shared().createObjectNode();
    StringBuilder text = new StringBuilder();
    head(outline, json, text);
    arguments(outline.arguments(), json, text);
    access("secrets", "SECRET", outline.secrets(), json, text);
    access("ssh", "SSH", outline.agents(), json, text);
    json.putArray("sources").add(dockerfile.file().data().toByteArray());
    return new Answer(json, text.toString(), Optional.empty());
  }

  private static void head(Outline outline, ObjectNode json, StringBuilder text) {
    if (outline.name().isEmpty() && outline.description().isEmpty()) {
      return;
    }
    TextTable table =
        new TextTable(1).row("TARGET:", outline.name().isEmpty() ? "(default)" : outline.name());
    put(json, "name", outline.name());
    put(json, "description", outline.description());
    if (!outline.description().isEmpty()) {
      table.row("DESCRIPTION:", outline.description());
    }
    text.append(table).append('\n');
  }

  private static void arguments(
      List<Outline.Argument> arguments, ObjectNode json, StringBuilder text) {
    if (arguments.isEmpty()) {
      return;
    }
    TextTable table = new TextTable(3).row("BUILD ARG", "VALUE", "DESCRIPTION");
    ArrayNode array = json.putArray("args");
    for (Outline.Argument argument : arguments) {
      ObjectNode entry = array.addObject().put("name", argument.name());
      put(entry, "description", argument.description());
      put(entry, "value", argument.value());
      entry.set("location", LocationJson.of(argument.place()));
      table.row(argument.name(), argument.value(), argument.description());
    }
    text.append(table).append('\n');
  }

  private static void access(
      String key, String title, List<Outline.Access> all, ObjectNode json, StringBuilder text) {
    if (all.isEmpty()) {
      return;
    }
    TextTable table = new TextTable(3).row(title, "REQUIRED");
    ArrayNode array = json.putArray(key);
    for (Outline.Access access : all) {
      ObjectNode entry = array.addObject().put("name", access.name());
      if (access.required()) {
        entry.put("required", true);
      }
      entry.set("location", LocationJson.of(access.place()));
      table.row(access.name(), access.required() ? "true" : "");
    }
    text.append(table).append('\n');
  }

  private static void put(ObjectNode json, String key, String value) {
    if (!value.isEmpty()) {
      json.put(key, value);
    }
  }
}
