package dev.slipway.client.command;

import dev.slipway.client.build.BuildSpec.CacheEntry;
import dev.slipway.client.build.BuildSpec.CacheOptions;
import dev.slipway.client.layout.OciLayout;
import dev.slipway.client.session.ContentStores.Store;
import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.failure.NotFound;
import dev.slipway.oci.Digest;
import dev.slipway.text.TruthValue;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What `--cache-to`, `--cache-from` and buildctl's `--export-cache`, `--import-cache` ask for. A
/// cache in a directory is served from here; this side keeps the directory's index of tags
/// (BuildKit v0.32.2, `client/solve.go`). Confined to one thread.
final class Caches {
  private static final String MANIFEST = "cache.manifest";

  private final PrintStream warnings;
  private final List<CacheEntry> exports = new ArrayList<>();
  private final List<CacheEntry> imports = new ArrayList<>();
  private final Map<String, Store> stores = new LinkedHashMap<>();
  private final List<Written> written = new ArrayList<>();
  private int numbers;

  /// @param reset nothing else is to stay there than what the layout's tags lead to
  /// @param number among the caches that are written for themselves, not into images
  private record Written(OciLayout layout, String tag, boolean reset, int number) {}

  Caches(PrintStream warnings) {
    this.warnings = warnings;
  }

  /// @param text `type=…,key=value…`, or a registry's reference alone
  void addExport(String text) {
    Map<String, String> fields = fields(text);
    String type = type(text, fields);
    fields.putIfAbsent("mode", "min");
    if (type.equals("local")) {
      boolean reset = truth(fields.getOrDefault("reset", "false"));
      String directory = required(fields, "dest", "local cache exporter requires dest");
      OciLayout layout = OciLayout.create(Path.of(directory));
      stores.put("local:" + directory, new Store(layout, true));
      written.add(new Written(layout, fields.getOrDefault("tag", "latest"), reset, numbers));
    }
    if (type.equals("registry")) {
      required(fields, "ref", "registry cache exporter requires ref");
    }
    exports.add(new CacheEntry(type, fields));
    if (!type.equals("inline")) {
      numbers++;
    }
  }

  private static boolean truth(String text) {
    return TruthValue.parse(text)
        .orElseThrow(
            () ->
                new InvalidRequest(
                    "failed to parse reset attribute: \"" + text + "\" is neither true nor false"));
  }

  /// A directory without such a cache is left out, with a warning: the first build has none.
  ///
  /// @param text `type=…,key=value…`, or a registry's reference alone
  void addImport(String text) {
    Map<String, String> fields = fields(text);
    String type = type(text, fields);
    if (type.equals("registry")) {
      required(fields, "ref", "registry cache importer requires ref");
    }
    if (type.equals("local")) {
      String directory = required(fields, "src", "local cache importer requires src");
      try {
        OciLayout layout = OciLayout.open(Path.of(directory));
        fields.put("digest", imported(layout, fields).toString());
        stores.putIfAbsent("local:" + directory, new Store(layout, false));
      } catch (NotFound absent) {
        warnings.println(
            "warning: local cache import at " + directory + " skipped: " + absent.text());
        return;
      }
    }
    imports.add(new CacheEntry(type, fields));
  }

  private static Digest imported(OciLayout layout, Map<String, String> fields) {
    String digest = fields.getOrDefault("digest", "");
    String tag = fields.getOrDefault("tag", "latest");
    Digest found =
        digest.isEmpty()
            ? layout.find(tag).orElseThrow(() -> new NotFound("no digest found for tag " + tag))
            : Digest.parse(digest);
    if (layout.find(found).isEmpty()) {
      throw new NotFound("digest " + found + " unavailable");
    }
    return found;
  }

  private static Map<String, String> fields(String text) {
    if (text.contains("=")) {
      return Outputs.fields(text);
    }
    return new LinkedHashMap<>(Map.of("type", "registry", "ref", text));
  }

  private static String type(String text, Map<String, String> fields) {
    String type = fields.remove("type");
    if (type == null || type.isEmpty()) {
      throw new InvalidRequest("type required for \"" + text + "\"");
    }
    return type;
  }

  private static String required(Map<String, String> fields, String name, String otherwise) {
    String value = fields.getOrDefault(name, "");
    if (value.isEmpty()) {
      throw new InvalidRequest(otherwise);
    }
    return value;
  }

  boolean exportsInline() {
    return exports.stream().anyMatch(entry -> entry.type().equals("inline"));
  }

  CacheOptions options() {
    return new CacheOptions(exports, imports);
  }

  Map<String, Store> stores() {
    return stores;
  }

  /// Tags the caches that the build wrote into directories here, and clears those directories that
  /// are to be reset. Of several caches Slipway tells each one's manifest; BuildKit tells one,
  /// whichever it is.
  ///
  /// @param response of the build
  void note(Map<String, String> response) {
    boolean isEachTold = response.keySet().stream().anyMatch(key -> key.startsWith(MANIFEST + "."));
    for (Written each : written) {
      String manifest = response.get(isEachTold ? MANIFEST + "." + each.number() : MANIFEST);
      if (manifest != null) {
        each.layout().tag(manifest, each.tag());
      }
      if (each.reset()) {
        reset(each.layout());
      }
    }
  }

  /// The build is done and its cache written: what is left over costs room only.
  private void reset(OciLayout layout) {
    try {
      layout.removeUnreferenced();
    } catch (BuildFailure failure) {
      warnings.println("warning: failed to reset the cache in " + layout + ": " + failure.text());
    }
  }
}
