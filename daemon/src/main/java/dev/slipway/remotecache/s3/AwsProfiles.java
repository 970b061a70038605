package dev.slipway.remotecache.s3;

import dev.slipway.failure.WrongState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The files `~/.aws/credentials` and `~/.aws/config`, of which only keys are read. See "Shared
/// config and credentials files" in the AWS SDKs and Tools reference.
final class AwsProfiles {
  private static final int MAX_LINES = 10_000;

  private AwsProfiles() {}

  /// The keys of the profile that `AWS_PROFILE` names, or of `default`. The credentials file wins.
  static Optional<AwsCredentials> read(Map<String, String> environment) {
    String profile =
        Optional.ofNullable(environment.get("AWS_PROFILE"))
            .or(() -> Optional.ofNullable(environment.get("AWS_DEFAULT_PROFILE")))
            .filter(name -> !name.isEmpty())
            .orElse("default");
    Map<String, String> keys = new HashMap<>();
    file(environment, "AWS_CONFIG_FILE", "config")
        .ifPresent(path -> keys.putAll(section(path, List.of("profile " + profile, profile))));
    file(environment, "AWS_SHARED_CREDENTIALS_FILE", "credentials")
        .ifPresent(path -> keys.putAll(section(path, List.of(profile))));
    String id = keys.getOrDefault("aws_access_key_id", "");
    String secret = keys.getOrDefault("aws_secret_access_key", "");
    return id.isEmpty() || secret.isEmpty()
        ? Optional.empty()
        : Optional.of(
            AwsCredentials.of(id, secret, Optional.ofNullable(keys.get("aws_session_token"))));
  }

  private static Optional<Path> file(
      Map<String, String> environment, String variable, String name) {
    return Optional.ofNullable(environment.get(variable))
        .filter(path -> !path.isEmpty())
        .map(Path::of)
        .or(
            () ->
                Optional.ofNullable(environment.get("HOME"))
                    .filter(home -> !home.isEmpty())
                    .map(home -> Path.of(home, ".aws", name)))
        .filter(Files::isRegularFile);
  }

  private static Map<String, String> section(Path file, List<String> names) {
    Map<String, String> keys = new HashMap<>();
    boolean inside = false;
    for (String line : lines(file)) {
      String text = line.strip();
      if (text.startsWith("[") && text.contains("]")) {
        inside = names.contains(text.substring(1, text.indexOf(']')).strip());
      } else if (inside && text.contains("=") && !text.startsWith("#") && !text.startsWith(";")) {
        int equals = text.indexOf('=');
        keys.put(text.substring(0, equals).strip(), text.substring(equals + 1).strip());
      }
    }
    return keys;
  }

  private static List<String> lines(Path file) {
    try (var lines = Files.lines(file)) {
      return lines.limit(MAX_LINES).toList();
    } catch (IOException | java.io.UncheckedIOException failed) {
      throw new WrongState("reading " + file + ": " + failed.getMessage(), failed);
    }
  }
}
