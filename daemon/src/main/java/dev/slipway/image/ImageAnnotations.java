package dev.slipway.image;

import dev.slipway.failure.InvalidRequest;
import dev.slipway.oci.Platform;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Annotations asked for by exporter attributes and frontends: `annotation.<key>`,
/// `annotation-index.<key>`, `annotation-manifest[linux/amd64].<key>`, … Immutable.
public final class ImageAnnotations {
  private static final Pattern KEY =
      Pattern.compile("annotation(?:-([a-z-]+))?(?:\\[([A-Za-z0-9_/-]+)])?\\.(\\S+)");

  private final Map<Place, Map<String, String>> all;

  private ImageAnnotations(Map<Place, Map<String, String>> all) {
    this.all = all;
  }

  /// Where an annotation goes.
  enum Level {
    INDEX("index"),
    INDEX_DESCRIPTOR("index-descriptor"),
    MANIFEST("manifest"),
    MANIFEST_DESCRIPTOR("manifest-descriptor");

    private final String text;

    Level(String text) {
      this.text = text;
    }

    static Level of(String text) {
      for (Level level : values()) {
        if (level.text.equals(text)) {
          return level;
        }
      }
      throw new InvalidRequest("unrecognized annotation type " + text);
    }
  }

  /// @param platform empty text for every platform
  private record Place(Level level, String platform) {}

  static boolean isKey(String key) {
    return KEY.matcher(key).matches();
  }

  /// Takes those of the entries that are annotations; later maps win.
  static ImageAnnotations of(List<Map<String, String>> sources) {
    Map<Place, Map<String, String>> all = new HashMap<>();
    for (Map<String, String> source : sources) {
      source.forEach(
          (key, value) -> {
            Matcher matcher = KEY.matcher(key);
            if (matcher.matches()) {
              Level level = matcher.group(1) == null ? Level.MANIFEST : Level.of(matcher.group(1));
              String platform =
                  matcher.group(2) == null ? "" : Platform.parse(matcher.group(2)).formatAll();
              all.computeIfAbsent(new Place(level, platform), _ -> new TreeMap<>())
                  .put(matcher.group(3), value);
            }
          });
    }
    return new ImageAnnotations(all);
  }

  /// Of the index, whatever platform they were given for.
  Map<String, String> index(Level level) {
    Map<String, String> found = new TreeMap<>();
    all.forEach(
        (place, entries) -> {
          if (place.level == level) {
            found.putAll(entries);
          }
        });
    return found;
  }

  /// Of one platform's manifest.
  Map<String, String> manifest(Level level, Platform platform) {
    Map<String, String> found = new TreeMap<>(all.getOrDefault(new Place(level, ""), Map.of()));
    found.putAll(all.getOrDefault(new Place(level, platform.formatAll()), Map.of()));
    return found;
  }

  /// @throws InvalidRequest an annotation is for a platform that is not exported, or needs OCI
  ///   types
  void check(Set<String> platformIds, boolean ociTypes) {
    for (Place place : all.keySet()) {
      if (!place.platform.isEmpty() && !platformIds.contains(place.platform)) {
        throw new InvalidRequest(
            "invalid annotation: no platform " + place.platform + " found in source");
      }
      if (!ociTypes && place.level != Level.MANIFEST) {
        throw new InvalidRequest("cannot export annotations with \"oci-mediatypes=false\"");
      }
    }
  }
}
