package dev.slipway.frontend.dockerfile.instruction;

import dev.slipway.frontend.dockerfile.instruction.Instruction.Device;
import dev.slipway.frontend.dockerfile.source.DockerfileError;
import dev.slipway.frontend.dockerfile.source.Suggestion;
import java.util.List;
import java.util.Locale;

/// Reads the value of `--device`.
final class DeviceReader {
  private DeviceReader() {}

  static Device read(String value) {
    String name = "";
    boolean required = false;
    for (String field : fields(value)) {
      int equals = field.indexOf('=');
      String key = (equals < 0 ? field : field.substring(0, equals)).toLowerCase(Locale.ROOT);
      String text = equals < 0 ? "" : field.substring(equals + 1);
      if (key.equals("required")) {
        required = equals < 0 || truth(key, text);
      } else if (key.equals("name") && equals >= 0) {
        if (!name.isEmpty()) {
          throw new DockerfileError("device name already set to " + name);
        }
        name = text;
      } else if (name.isEmpty()) {
        name = field; // the usual form: vendor.example/class=device
      } else if (equals < 0) {
        throw new DockerfileError("invalid field '" + field + "' must be a key=value pair");
      } else {
        throw new DockerfileError(
            "unexpected key '"
                + key
                + "' in '"
                + field
                + "'"
                + Suggestion.hint(Suggestion.nearest(key, List.of("name", "required"))));
      }
    }
    return new Device(name, required);
  }

  private static List<String> fields(String value) {
    try {
      return CsvFields.parse(value);
    } catch (DockerfileError e) {
      throw e.withPrefix("failed to parse csv devices: ");
    }
  }

  private static boolean truth(String key, String value) {
    try {
      return Numbers.parseTruth(value);
    } catch (DockerfileError e) {
      throw new DockerfileError("invalid value for " + key + ": " + value);
    }
  }
}
