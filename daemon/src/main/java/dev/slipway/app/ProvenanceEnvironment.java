package dev.slipway.app;

import dev.slipway.failure.InvalidRequest;
import dev.slipway.failure.Unavailable;
import dev.slipway.oci.json.GoJson;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/// The operator's own facts for provenance: the members of every `*.json` in a directory, later
/// files over earlier ones.
final class ProvenanceEnvironment {
  private ProvenanceEnvironment() {}

  /// @return raw JSON by name; nothing when there is no such directory
  static Map<String, GoJson.Raw> read(Path directory) {
    Map<String, GoJson.Raw> facts = new TreeMap<>();
    if (!Files.isDirectory(directory)) {
      return facts;
    }
    try (Stream<Path> files = Files.list(directory)) {
      List<Path> sorted =
          files
              .filter(file -> file.toString().endsWith(".json") && Files.isRegularFile(file))
              .sorted()
              .toList();
      for (Path file : sorted) {
        String text = Files.readString(file, StandardCharsets.UTF_8);
        if (!JsonMapper.shared().readTree(text).isObject()) {
          throw new InvalidRequest("failed to parse " + file + ": want a JSON object");
        }
        facts.putAll(GoJson.members(text));
      }
    } catch (JacksonException malformed) {
      throw new InvalidRequest(
          "failed to parse the facts in " + directory + ": " + malformed.getOriginalMessage(),
          malformed);
    } catch (IOException failed) {
      throw new Unavailable("cannot read " + directory + ": " + failed.getMessage(), failed);
    }
    return facts;
  }
}
