package dev.slipway.client.command;

import dev.slipway.client.build.BuildSpec.Output;
import dev.slipway.client.layout.OciLayout;
import dev.slipway.client.session.ContentStores.Store;
import dev.slipway.client.session.OutputSinks.Sink;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.fsutil.DirectoryTarget.Existing;
import dev.slipway.text.TruthValue;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Reads what follows `--output`: `type=oci,dest=image.tar`, a directory, or `-` (surface reference
/// 10.2). An image that goes into a directory blob by blob (`tar=false`) is served from here; this
/// side keeps the directory's index (BuildKit v0.32.2, `client/solve.go`). Confined to one thread.
final class Outputs {
  /// The one store that the daemon asks for, whichever exporter asks.
  private static final String EXPORT_STORE = "export";

  private final PrintStream stdout;
  private final Map<String, Store> stores = new LinkedHashMap<>();
  private Optional<OciLayout> layout = Optional.empty();

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
              new Sink.ToDirectory(directory(type, dest), existing(attributes.get("mode"))));
      case "oci", "docker" -> {
        if (TruthValue.parse(attributes.getOrDefault("tar", "true")).orElse(true)) {
          yield new Output(type, attributes, new Sink.ToStream(() -> open(dest)));
        }
        serve(directory(type, dest));
        yield new Output(type, attributes, new Sink.None());
      }
      case "tar" -> new Output(type, attributes, new Sink.ToStream(() -> open(dest)));
      default -> new Output(type, attributes, new Sink.None());
    };
  }

  private static Path directory(String type, Optional<String> dest) {
    return Path.of(
        dest.orElseThrow(() -> new InvalidRequest("dest is required for output type " + type)));
  }

  private static Existing existing(@Nullable String mode) {
    return switch (mode == null ? "" : mode.strip().toLowerCase(Locale.ROOT)) {
      case "", "copy" -> Existing.KEEP;
      case "delete" -> Existing.REMOVE;
      default -> throw new InvalidRequest("invalid local exporter mode \"" + mode + "\"");
    };
  }

  private void serve(Path directory) {
    if (layout.isPresent()) {
      throw new InvalidRequest("only one output can be a directory of blobs: tar=false");
    }
    OciLayout made = OciLayout.create(directory);
    layout = Optional.of(made);
    stores.put(EXPORT_STORE, new Store(made, true));
  }

  /// To be served for the outputs that were parsed.
  Map<String, Store> stores() {
    return stores;
  }

  /// Names the image that the build wrote into a directory here.
  ///
  /// @param response of the build
  void note(Map<String, String> response) {
    String encoded = response.get("containerimage.descriptor");
    if (layout.isEmpty() || encoded == null) {
      return;
    }
    String descriptor = new String(Base64.getDecoder().decode(encoded), StandardCharsets.UTF_8);
    String names = response.getOrDefault("image.name", "");
    if (names.isEmpty()) {
      layout.get().tag(descriptor, "latest");
    } else {
      for (String name : names.split(",")) {
        layout.get().name(descriptor, name);
      }
    }
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
