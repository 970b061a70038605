package dev.slipway.llbsolver;

import dev.slipway.exporter.Exporter.InlineCache;
import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.Cancelled;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.layer.LayerCompression;
import dev.slipway.llbsolver.BuildRequest.CacheOption;
import dev.slipway.oci.Descriptor;
import dev.slipway.op.LlbVertex;
import dev.slipway.op.RefResult;
import dev.slipway.progress.VertexProgress;
import dev.slipway.ref.FetchContext;
import dev.slipway.ref.RefStore;
import dev.slipway.remotecache.CacheBackend;
import dev.slipway.remotecache.ExportedCache;
import dev.slipway.remotecache.InlineRecords;
import dev.slipway.remotecache.KeyExport;
import dev.slipway.remotecache.KeyExport.Mode;
import dev.slipway.session.SessionGroup;
import dev.slipway.solver.CacheContents;
import dev.slipway.solver.CacheKey;
import dev.slipway.solver.EvaluationContext;
import dev.slipway.solver.Job;
import dev.slipway.solver.JobId;
import dev.slipway.solver.Loss;
import dev.slipway.task.TaskScope;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The cache exports of one build: taken up before anything is solved, run after the exporters, so
/// that the layers those made are used. One that fails shows its failure and a warning; it fails
/// the build only where the client said `ignore-error=false`.
final class CacheExports {
  private static final Logger LOG = LoggerFactory.getLogger(CacheExports.class);
  private static final String INLINE = "inline";

  private final List<CacheBackend> backends;
  private final RefStore refs;
  private final List<Wanted> wanted;
  private final boolean inline;

  private static final String MANIFEST = "cache.manifest";

  private record Wanted(String type, CacheBackend.Target target, Mode mode, boolean strict) {}

  /// What a cache is made of.
  ///
  /// @param solved the keys of each result, by platform; under empty text the single one's
  /// @param nested the keys of each result that a step found by solving a definition
  record Solved(
      Job<LlbVertex, RefResult> job,
      SequencedMap<String, List<CacheKey>> solved,
      List<List<CacheKey>> nested) {}

  /// Each may find out one more layer that is gone.
  private static final int MOST_ATTEMPTS = 16;

  private CacheExports(
      List<CacheBackend> backends, RefStore refs, List<Wanted> wanted, boolean inline) {
    this.backends = List.copyOf(backends);
    this.refs = refs;
    this.wanted = List.copyOf(wanted);
    this.inline = inline;
  }

  /// @throws InvalidRequest a type is unknown, an attribute's value is wrong, or two exports are
  ///   the same
  static CacheExports prepare(
      List<CacheOption> options, List<CacheBackend> backends, RefStore refs) {
    Set<String> seen = new HashSet<>();
    List<Wanted> wanted = new ArrayList<>();
    boolean inline = false;
    for (CacheOption option : options) {
      if (option.type().equals(INLINE)) {
        inline = true;
        continue;
      }
      if (!seen.add(CacheImports.name(option))) {
        throw new InvalidRequest("duplicate cache exports [" + option.type() + "]");
      }
      wanted.add(prepare(option, backends));
    }
    return new CacheExports(backends, refs, wanted, inline);
  }

  private static Wanted prepare(CacheOption option, List<CacheBackend> backends) {
    CacheBackend backend =
        backends.stream()
            .filter(known -> known.type().equals(option.type()))
            .findFirst()
            .orElseThrow(
                () -> new InvalidRequest("unknown cache exporter: \"" + option.type() + "\""));
    try {
      return new Wanted(
          option.type(),
          backend.target(option.attributes()),
          Mode.of(Optional.ofNullable(option.attributes().get("mode"))),
          option.isStrict());
    } catch (BuildFailure failure) {
      throw failure.in("failed to configure " + option.type() + " cache exporter");
    }
  }

  /// Makes the records to embed into images, if the build wants that.
  Optional<InlineCache> inline(Solved solved, SessionGroup sessions, ShownWork shown) {
    if (!inline) {
      return Optional.empty();
    }
    return Optional.of(
        (platform, layers) -> inlineRecords(platform, layers, solved, sessions, shown));
  }

  private Optional<byte[]> inlineRecords(
      String platform,
      List<Descriptor> layers,
      Solved solved,
      SessionGroup sessions,
      ShownWork shown) {
    List<CacheKey> keys =
        Optional.ofNullable(solved.solved().get(platform))
            .or(() -> Optional.ofNullable(solved.solved().get("")))
            .orElse(List.of());
    try {
      FetchContext context = new FetchContext(sessions, shown.quiet());
      KeyExport export = export(solved, LayerCompression.DEFAULT, context);
      export.add(keys, Mode.MIN);
      return InlineRecords.of(export, layers);
    } catch (Cancelled cancelled) {
      throw cancelled;
    } catch (BuildFailure failure) {
      LOG.warn("the image carries no cache: {}", failure.getMessage());
      return Optional.empty();
    }
  }

  /// Runs all of them side by side.
  ///
  /// @param id of the client's session; names the vertices
  /// @return response metadata
  Map<String, String> run(Solved solved, String id, SessionGroup sessions, ShownWork shown) {
    try (TaskScope scope = TaskScope.open("export caches")) {
      List<TaskScope.Forked<Map<String, String>>> running = new ArrayList<>();
      for (int i = 0; i < wanted.size(); i++) {
        Wanted each = wanted.get(i);
        String vertex = id + "-cache-" + i;
        running.add(scope.fork(() -> run(each, vertex, solved, sessions, shown)));
      }
      scope.join();
      return response(running.stream().map(TaskScope.Forked::result).toList());
    }
  }

  /// Of several caches each one's manifest is told under its number too. Clients that do not know
  /// of that note the only other one in the directories that they keep, so it is one of those.
  private Map<String, String> response(List<Map<String, String>> written) {
    Map<String, String> response = new LinkedHashMap<>();
    written.forEach(response::putAll);
    if (wanted.size() > 1) {
      if (wanted.stream().anyMatch(each -> each.type.equals("local"))) {
        response.remove(MANIFEST);
      }
      for (int i = 0; i < wanted.size(); i++) {
        String manifest = written.get(i).get(MANIFEST);
        if (manifest != null) {
          response.put(MANIFEST + "." + i, manifest);
          if (wanted.get(i).type.equals("local")) {
            response.put(MANIFEST, manifest);
          }
        }
      }
    }
    return response;
  }

  private Map<String, String> run(
      Wanted each, String vertex, Solved solved, SessionGroup sessions, ShownWork shown) {
    try {
      return shown.run(
          vertex,
          each.target.name(),
          progress -> {
            try {
              return writeWhatIsThere(each, solved, new FetchContext(sessions, progress));
            } catch (Cancelled cancelled) {
              throw cancelled;
            } catch (BuildFailure failure) {
              if (!each.strict) {
                progress.warn(
                    1,
                    "the cache was not exported: " + failure.getMessage(),
                    List.of("Set ignore-error=false to have the build fail instead."),
                    "",
                    Optional.empty());
              }
              throw failure;
            }
          });
    } catch (Cancelled cancelled) {
      throw cancelled;
    } catch (BuildFailure failure) {
      if (each.strict) {
        throw failure;
      }
      LOG.info("{} failed: {}", each.target.name(), failure.getMessage());
      return Map.of();
    }
  }

  /// A layer that turns out to be gone is left out the next time, with the results that have it,
  /// unless another blob serves for it.
  private Map<String, String> writeWhatIsThere(Wanted each, Solved solved, FetchContext context) {
    for (int attempt = 1; ; attempt++) {
      long before = refs.losses();
      try {
        return write(each, solved, context);
      } catch (BuildFailure failure) {
        if (!Loss.mayExplain(failure) || refs.losses() == before || attempt == MOST_ATTEMPTS) {
          throw failure;
        }
        LOG.info("exporting the cache again, without a lost layer: {}", failure.getMessage());
      }
    }
  }

  private Map<String, String> write(Wanted each, Solved solved, FetchContext context) {
    ExportedCache cache;
    try (VertexProgress.Item _ = context.progress().start("preparing build cache for export")) {
      KeyExport export = export(solved, each.target.compression(), context);
      solved.solved().values().forEach(keys -> export.add(keys, each.mode));
      solved.nested().forEach(keys -> export.add(keys, each.mode));
      cache = export.finish(new StillThere(backends, context)::hasAll);
    }
    try (VertexProgress.Item _ = context.progress().start("sending cache export")) {
      return each.target.write(cache, context);
    }
  }

  private KeyExport export(Solved solved, LayerCompression compression, FetchContext context) {
    CacheContents<RefResult> cache = solved.job().cache();
    EvaluationContext owner = new Owner(List.of(solved.job().id()), context.progress());
    return new KeyExport(
        cache.keys(), new ResultLayers(refs, cache.results(), compression, owner, context));
  }

  private record Owner(List<JobId> jobs, VertexProgress progress) implements EvaluationContext {}
}
