package dev.slipway.remotecache;

import dev.slipway.failure.BuildFailure;
import dev.slipway.oci.Descriptor;
import dev.slipway.oci.json.GoJson;
import dev.slipway.oci.json.OciJson;
import dev.slipway.progress.VertexProgress;
import dev.slipway.ref.FetchContext;
import dev.slipway.remotecache.ManifestForm.Document;
import dev.slipway.task.TaskScope;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.Map;

/// Writes a cache to a place where images lie: layers side by side, then the table, the manifest
/// last. Thread-safe.
public final class ManifestTarget {
  private static final String MANIFEST = "cache.manifest";

  private final ManifestForm form;

  public ManifestTarget(ManifestForm form) {
    this.form = form;
  }

  /// Where the parts go. Thread-safe.
  public interface Place {
    void layer(Descriptor blob, CachedLayer layer);

    void config(Document config);

    void manifest(Document manifest);
  }

  /// @return response metadata; empty when there was nothing to write
  public Map<String, String> write(ExportedCache cache, Place place, FetchContext context) {
    if (cache.isEmpty()) {
      context.progress().start("skipping cache export for empty result").close();
      return Map.of();
    }
    ManifestForm.Written written = form.write(cache);
    try (TaskScope scope = TaskScope.open("write cache layers")) {
      for (Descriptor blob : new LinkedHashSet<>(written.layers())) {
        CachedLayer layer = cache.layers().get(blob.digest());
        if (layer != null) {
          scope.forkAction(() -> layer(blob, layer, place, context));
        }
      }
      scope.join();
    }
    step(
        "writing config " + written.config().descriptor().digest(),
        "error writing config blob",
        () -> place.config(written.config()),
        context);
    step(
        "writing " + written.manifestName() + " " + written.manifest().descriptor().digest(),
        "error writing manifest blob",
        () -> place.manifest(written.manifest()),
        context);
    byte[] descriptor = GoJson.compact(OciJson.tree(written.manifest().descriptor()));
    return Map.of(MANIFEST, new String(descriptor, StandardCharsets.UTF_8));
  }

  private static void layer(Descriptor blob, CachedLayer layer, Place place, FetchContext context) {
    step(
        "writing layer " + blob.digest(),
        "error writing layer blob",
        () -> place.layer(blob, layer),
        context);
  }

  private static void step(String item, String failing, Runnable work, FetchContext context) {
    try (VertexProgress.Item _ = context.progress().start(item)) {
      work.run();
    } catch (BuildFailure failure) {
      throw failure.in(failing);
    }
  }
}
