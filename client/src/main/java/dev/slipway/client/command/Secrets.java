package dev.slipway.client.command;

import dev.slipway.client.session.SecretFiles.Secret;
import dev.slipway.failure.InvalidRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/// Reads what follows `--secret`: `id=X[,src=FILE|env=NAME]`.
final class Secrets {
  private Secrets() {}

  static void add(String text, Map<String, String> environment, Map<String, Secret> to) {
    Map<String, String> fields = Outputs.fields(text);
    String id = fields.getOrDefault("id", "");
    if (id.isEmpty()) {
      throw new InvalidRequest("invalid secret \"" + text + "\": id is required");
    }
    String variable = fields.getOrDefault("env", "");
    Optional<String> file =
        Optional.ofNullable(fields.get("src")).or(() -> Optional.ofNullable(fields.get("source")));
    if (!variable.isEmpty() || file.isEmpty() && environment.containsKey(id)) {
      String value = environment.get(variable.isEmpty() ? id : variable);
      if (value != null) {
        to.put(id, () -> value.getBytes(StandardCharsets.UTF_8));
      }
      return;
    }
    Path path = Path.of(file.orElse(id));
    to.put(id, () -> Files.readAllBytes(path));
  }
}
