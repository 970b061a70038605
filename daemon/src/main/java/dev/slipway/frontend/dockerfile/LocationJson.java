package dev.slipway.frontend.dockerfile;

import dev.slipway.frontend.dockerfile.source.LineSpan;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Lines of the Dockerfile in answers: one range a line, of the first source.
final class LocationJson {
  private LocationJson() {}

  static ObjectNode of(LineSpan place) {
    ObjectNode location = JsonMapper.shared().createObjectNode();
    ArrayNode ranges = location.putArray("ranges");
    for (int line = place.first(); line <= place.last(); line++) {
      ObjectNode range = ranges.addObject();
      range.putObject("start").put("line", line);
      range.putObject("end").put("line", line);
    }
    return location;
  }
}
