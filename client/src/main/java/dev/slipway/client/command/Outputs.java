package dev.slipway.client.command;

import dev.slipway.client.build.BuildSpec.Output;
import dev.slipway.client.session.OutputSinks.Sink;
import dev.slipway.failure.InvalidRequest;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// Reads what follows `--output`: `type=oci,dest=image.tar`, a directory, or `-` (surface reference
/// 10.2).
final class Outputs {
  private final PrintStream stdout;

  Outputs(PrintStream stdout) {
    this.stdout = stdout;
  }

  /// @throws InvalidRequest the text makes no output
  Output parse(String text) {
    if (text.equals("-")) {
      return output("tar", Map.of("dest", "-"));
    }
    Map<String, String> fields = fields(text);
    if (fields.isEmpty()) {
      return output("local", Map.of("dest", text));
    }
    String type = fields.remove("type");
    if (type == null) {
      throw new InvalidRequest("invalid output \"" + text + "\": type is required");
    }
    return output(type, fields);
  }

  /// `key=value` pairs with commas between; values may stand in double quotes. Empty when the text
  /// has no `=` at all.
  static Map<String, String> fields(String text) {
    Map<String, String> fields = new LinkedHashMap<>();
    if (!text.contains("=")) {
      return fields;
    }
    StringBuilder part = new StringBuilder();
    boolean quoted = false;
    for (int i = 0; i <= text.length(); i++) {
      char c = i == text.length() ? ',' : text.charAt(i);
      if (c == '"' && i < text.length()) {
        quoted = !quoted;
      } else if (c == ',' && (!quoted || i == text.length())) {
        addField(part.toString(), text, fields);
        part.setLength(0);
      } else {
        part.append(c);
      }
    }
    return fields;
  }

  private static void addField(String part, String text, Map<String, String> fields) {
    int equals = part.indexOf('=');
    if (equals < 0) {
      throw new InvalidRequest(
          "invalid value \"" + part + "\" in \"" + text + "\": want key=value");
    }
    fields.put(part.substring(0, equals).strip(), part.substring(equals + 1));
  }

  private Output output(String type, Map<String, String> given) {
    Map<String, String> attributes = new LinkedHashMap<>(given);
    Optional<String> dest = Optional.ofNullable(attributes.remove("dest"));
    return switch (type) {
      case "image", "cacheonly" -> new Output(type, attributes, new Sink.None());
      case "registry" -> {
        attributes.put("push", "true");
        yield new Output("image", attributes, new Sink.None());
      }
      case "local" ->
          new Output(
              type,
              attributes,
              new Sink.ToDirectory(
                  Path.of(
                      dest.orElseThrow(
                          () -> new InvalidRequest("dest is required for output type local")))));
      case "oci", "docker", "tar" ->
          new Output(type, attributes, new Sink.ToStream(() -> open(dest)));
      default -> new Output(type, attributes, new Sink.None());
    };
  }

  private OutputStream open(Optional<String> dest) throws IOException {
    if (dest.isPresent() && !dest.get().equals("-")) {
      return Files.newOutputStream(Path.of(dest.get()));
    }
    return new java.io.FilterOutputStream(stdout) {
      @Override
      public void write(byte[] bytes, int offset, int length) throws IOException {
        out.write(bytes, offset, length);
      }

      @Override
      public void close() throws IOException {
        flush();
      }
    };
  }
}
