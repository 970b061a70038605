package dev.slipway.llbsolver;

import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.Cancelled;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.llbsolver.BuildRequest.CacheOption;
import dev.slipway.oci.Digest;
import dev.slipway.op.LlbVertex;
import dev.slipway.op.RefResult;
import dev.slipway.ref.FetchContext;
import dev.slipway.ref.RefStore;
import dev.slipway.remotecache.CacheBackend;
import dev.slipway.remotecache.ImportedConfig;
import dev.slipway.session.SessionGroup;
import dev.slipway.solver.ImportedCache;
import dev.slipway.solver.ImportedCache.Trouble;
import dev.slipway.solver.Job;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/// Has a build look into caches elsewhere. Each import shows as a vertex of its own; trouble with
/// it shows there and goes no further, unless the build is not to do without. Thread-safe.
final class CacheImports {
  private final List<CacheBackend> backends;
  private final RefStore refs;
  private final Set<String> taken = ConcurrentHashMap.newKeySet();

  CacheImports(List<CacheBackend> backends, RefStore refs) {
    this.backends = List.copyOf(backends);
    this.refs = refs;
  }

  /// Has the job look into that cache from now on.
  ///
  /// @throws BuildFailure it cannot be read, and the build is to fail then
  void take(
      CacheOption wanted, Job<LlbVertex, RefResult> job, SessionGroup sessions, ShownWork shown) {
    String name = name(wanted);
    if (!taken.add(name)) {
      return; // clients say it twice: to the daemon and to the frontend
    }
    Trouble trouble = wanted.isStrict() ? Trouble.FAILS_BUILDS : Trouble.COSTS_STEPS;
    LazyImport cache =
        new LazyImport(
            refs,
            () ->
                shown.run(
                    "importing cache manifest from " + name,
                    "importing cache manifest from " + name,
                    progress -> read(wanted, new FetchContext(sessions, progress))),
            new StillThere(backends, new FetchContext(sessions, shown.quiet())),
            trouble == Trouble.FAILS_BUILDS
                ? _ -> {}
                : text -> shown.warn("importing cache manifest from " + name, name + ": " + text));
    if (trouble == Trouble.FAILS_BUILDS) {
      read(cache, name);
    }
    job.consult(new ImportedCache<>(name, cache, cache, trouble));
  }

  private static void read(LazyImport cache, String name) {
    try {
      cache.read();
    } catch (Cancelled cancelled) {
      throw cancelled;
    } catch (BuildFailure failure) {
      throw failure.in(
          "cannot import the cache "
              + name
              + ", which is not to be done without (ignore-error=false)");
    }
  }

  private List<ImportedConfig> read(CacheOption wanted, FetchContext context) {
    CacheBackend.Origin origin;
    CacheBackend backend =
        backends.stream()
            .filter(known -> known.type().equals(wanted.type()))
            .findFirst()
            .orElseThrow(() -> new InvalidRequest("unknown cache importer: " + wanted.type()));
    try {
      origin = backend.origin(wanted.attributes());
    } catch (BuildFailure failure) {
      throw failure.in("failed to configure " + wanted.type() + " cache importer");
    }
    return origin.read(context);
  }

  /// The reference of a registry's cache; for others the type and what tells it from its like.
  static String name(CacheOption option) {
    String ref = option.attributes().getOrDefault("ref", "");
    if (option.type().equals("registry") && !ref.isEmpty()) {
      return ref;
    }
    String attributes = new TreeMap<>(option.attributes()).toString();
    return option.type() + ":" + Digest.ofText(attributes).hex().substring(0, 16);
  }
}
