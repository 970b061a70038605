package dev.slipway.client.command;

import dev.slipway.failure.WrongState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import tools.jackson.core.JacksonException;
import tools.jackson.core.util.DefaultPrettyPrinter;
import tools.jackson.core.util.Separators;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// What `--metadata-file` holds: the build's answers as one JSON object. Answers that are JSON
/// objects in base64 are told as what they are. Sorted, and set as Go sets it.
final class MetadataFile {
  private static final DefaultPrettyPrinter LIKE_GO =
      new DefaultPrettyPrinter(
          Separators.createDefaultInstance()
              .withObjectNameValueSpacing(Separators.Spacing.AFTER)
              .withObjectEmptySeparator("")
              .withArrayEmptySeparator(""));

  private MetadataFile() {}

  /// Writes it whole or not at all.
  static void write(Path file, Map<String, String> response) {
    ObjectNode json = JsonMapper.shared().createObjectNode();
    new TreeMap<>(response)
        .forEach(
            (key, value) ->
                object(value)
                    .ifPresentOrElse(told -> json.set(key, told), () -> json.put(key, value)));
    try {
      Path aside = file.resolveSibling(file.getFileName() + ".part");
      Files.writeString(aside, JsonMapper.shared().writer().with(LIKE_GO).writeValueAsString(json));
      Files.move(aside, file, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException failure) {
      throw new WrongState("cannot write the metadata file: " + failure.getMessage(), failure);
    }
  }

  private static Optional<JsonNode> object(String text) {
    try {
      JsonNode told = JsonMapper.shared().readTree(Base64.getDecoder().decode(text));
      return told.isObject() && !told.isEmpty() ? Optional.of(told) : Optional.empty();
    } catch (IllegalArgumentException | JacksonException plain) {
      return Optional.empty();
    }
  }
}
