package dev.slipway.frontend.dockerfile;

import dev.slipway.frontend.dockerfile.Subrequests.Answer;
import dev.slipway.frontend.dockerfile.instruction.Stage;
import dev.slipway.frontend.dockerfile.instruction.StageReader;
import dev.slipway.frontend.dockerfile.lint.Linter;
import dev.slipway.frontend.dockerfile.parser.DockerfileParser;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Which stages can be built.
final class TargetsAnswer {
  private TargetsAnswer() {}

  static Answer of(DockerfileSource dockerfile) {
    List<Stage> stages =
        StageReader.read(DockerfileParser.parse(dockerfile.text()), Linter.silent()).stages();
    ObjectNode json = JsonMapper.shared().createObjectNode();
    ArrayNode targets = json.putArray("targets");
    TextTable table = new TextTable(1).row("TARGET", "DESCRIPTION");
    for (int i = 0; i < stages.size(); i++) {
      Stage stage = stages.get(i);
      boolean last = i == stages.size() - 1;
      add(targets.addObject(), stage, last);
      String shown = last ? (stage.name() + " (default)").trim() : stage.name();
      table.row(shown, stage.description());
    }
    json.putArray("sources").add(dockerfile.file().data().toByteArray());
    return new Answer(json, table.toString(), Optional.empty());
  }

  private static void add(ObjectNode target, Stage stage, boolean isDefault) {
    put(target, "name", stage.name());
    if (isDefault) {
      target.put("default", true);
    }
    put(target, "description", stage.description());
    put(target, "base", stage.base());
    put(target, "platform", stage.platform());
    target.set("location", LocationJson.of(stage.origin().place()));
  }

  private static void put(ObjectNode target, String key, String value) {
    if (!value.isEmpty()) {
      target.put(key, value);
    }
  }
}
