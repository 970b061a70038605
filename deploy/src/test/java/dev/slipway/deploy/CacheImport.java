package dev.slipway.deploy;

import dev.slipway.client.build.BuildSpec.CacheEntry;
import dev.slipway.client.layout.OciLayout;
import dev.slipway.client.session.ContentStores.Store;
import java.nio.file.Path;
import java.util.Map;

/// A cache elsewhere that a build looks into.
///
/// @param stores what of it is served from here
record CacheImport(CacheEntry entry, Map<String, Store> stores) {
  static CacheImport registry(String reference) {
    return new CacheImport(new CacheEntry("registry", Map.of("ref", reference)), Map.of());
  }

  /// @param directory an OCI layout
  static CacheImport local(Path directory, String tag) {
    OciLayout layout = OciLayout.open(directory);
    return new CacheImport(
        new CacheEntry(
            "local", Map.of("src", directory.toString(), "digest", layout.resolve(tag).toString())),
        Map.of("local:" + directory, new Store(layout, false)));
  }
}
