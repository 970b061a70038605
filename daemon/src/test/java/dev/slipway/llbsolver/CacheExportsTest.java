package dev.slipway.llbsolver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.Exhausted;
import dev.slipway.failure.NotFound;
import dev.slipway.failure.Unavailable;
import dev.slipway.layer.LayerCompression;
import dev.slipway.llbsolver.BuildRequest.CacheOption;
import dev.slipway.llbsolver.CacheExports.Solved;
import dev.slipway.oci.Digest;
import dev.slipway.op.LlbVertex;
import dev.slipway.op.RefResult;
import dev.slipway.op.RefResultStore;
import dev.slipway.progress.ProgressEvent;
import dev.slipway.progress.ProgressEvent.Warned;
import dev.slipway.progress.ProgressSink;
import dev.slipway.ref.FetchContext;
import dev.slipway.ref.ImmutableRef;
import dev.slipway.ref.LayerOrigin;
import dev.slipway.ref.testing.RefStoreFixture;
import dev.slipway.ref.testing.ToyLayers.ToyLayer;
import dev.slipway.remotecache.CacheBackend;
import dev.slipway.remotecache.CachedLayer;
import dev.slipway.remotecache.ExportedCache;
import dev.slipway.remotecache.LayerBlobs;
import dev.slipway.solver.CacheKey;
import dev.slipway.solver.DecisionObserver;
import dev.slipway.solver.GraphSolver;
import dev.slipway.solver.Job;
import dev.slipway.solver.JobId;
import dev.slipway.solver.SolverLimits;
import dev.slipway.solver.cachekey.InMemoryCacheKeyStore;
import dev.slipway.solver.cachekey.KeyResult;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What is written of results whose layers are still where the images came from, when some of them
/// turn out to be gone.
@Timeout(60)
final class CacheExportsTest {
  private static final ToyLayer LAYER = ToyLayer.gzipped("etc/os=toy");
  private static final ToyLayer OTHER = ToyLayer.gzipped("etc/os=other");
  private static final ToyLayer THIRD = ToyLayer.gzipped("etc/os=third");

  @TempDir Path root;
  private final InMemoryCacheKeyStore keys = new InMemoryCacheKeyStore();
  private final List<ProgressEvent> events = new ArrayList<>();
  private RefStoreFixture fixture;
  private GraphSolver<LlbVertex, RefResult> solver;
  private Job<LlbVertex, RefResult> job;
  private ToyPlace place;

  @BeforeEach
  void open() {
    fixture = new RefStoreFixture(root);
    place = new ToyPlace();
    solver =
        GraphSolver.start(
            (vertex, _) -> {
              throw new IllegalStateException("nothing is solved: " + vertex);
            },
            keys,
            new RefResultStore(fixture.store, _ -> true),
            SolverLimits.unlimited(),
            fixture.clock(),
            DecisionObserver.none());
    job = solver.openJob(new JobId("job"), ProgressSink.none());
  }

  @AfterEach
  void leavesNoHolds() {
    job.close();
    solver.close();
    assertThat(fixture.store.openHolds()).isZero();
    fixture.close();
  }

  @Test
  void whatIsThereIsWrittenAtOnce() {
    CacheKey top = step("top", List.of(step("below", List.of(), LAYER)), LAYER, OTHER);

    Map<String, String> response = export(top, Map.of());

    assertThat(place.attempts).isEqualTo(1);
    assertThat(place.sent).containsExactlyInAnyOrder(blob(LAYER), blob(OTHER));
    assertThat(response).containsEntry("cache.manifest", "written");
    assertThat(warnings()).isEmpty();
  }

  @Test
  void aLayerThatIsFoundGoneIsLeftOutWithTheResultsThatHaveIt() {
    CacheKey top = step("top", List.of(step("below", List.of(), LAYER)), LAYER, OTHER);
    lose(OTHER);

    Map<String, String> response = export(top, Map.of("ignore-error", "false"));

    assertThat(place.attempts).isEqualTo(2);
    assertThat(place.sent).containsExactly(blob(LAYER));
    assertThat(response).containsEntry("cache.manifest", "written");
  }

  /// They are found out one by one.
  @Test
  void severalLayersThatAreGoneAreLeftOut() {
    CacheKey first = step("first", List.of(), LAYER);
    CacheKey second = step("second", List.of(first), OTHER);
    CacheKey top = step("top", List.of(second), THIRD);
    lose(LAYER, THIRD);

    export(top, Map.of("ignore-error", "false"));

    assertThat(place.attempts).isEqualTo(3);
    assertThat(place.sent).containsExactly(blob(OTHER));
  }

  @Test
  void whatIsNoLossFailsTheExportAtOnce() {
    CacheKey top = step("top", List.of(), LAYER);
    place.before = _ -> fail(new Exhausted("no space left"));

    assertThatThrownBy(() -> export(top, Map.of("ignore-error", "false")))
        .isInstanceOf(Exhausted.class);

    assertThat(place.attempts).isEqualTo(1);
  }

  /// Nothing of ours is missed: it would fail in the same way.
  @Test
  void aPlaceThatIsAwayIsNotAskedAgainAndCostsTheCacheOnly() {
    CacheKey top = step("top", List.of(), LAYER);
    place.before = _ -> fail(new Unavailable("connection refused"));

    Map<String, String> response = export(top, Map.of());

    assertThat(place.attempts).isEqualTo(1);
    assertThat(response).isEmpty();
    assertThat(warnings()).containsExactly("the cache was not exported: connection refused");
  }

  /// Each time something is missed that nobody can leave out.
  @Test
  void aCacheThatIsNeverWholeIsGivenUp() {
    CacheKey top = step("top", List.of(), LAYER);
    LayerOrigin origin = new LayerOrigin("registry", "example.org/other");
    lose(OTHER);
    place.before =
        _ -> fixture.store.fetcher().fetch(OTHER.descriptor(), origin, fixture.context());

    assertThatThrownBy(() -> export(top, Map.of("ignore-error", "false")))
        .isInstanceOf(NotFound.class);

    assertThat(place.attempts).isEqualTo(16);
  }

  private Map<String, String> export(CacheKey result, Map<String, String> attributes) {
    Map<String, String> all = new LinkedHashMap<>(attributes);
    all.put("mode", "max");
    CacheExports exports =
        CacheExports.prepare(List.of(new CacheOption("toy", all)), List.of(place), fixture.store);
    Solved solved = new Solved(job, new LinkedHashMap<>(Map.of("", List.of(result))), List.of());
    return exports.run(
        solved,
        "session",
        fixture.context().sessions(),
        new ShownWork(events::add, fixture.clock()));
  }

  /// A step whose result has these layers, lazy ones.
  private CacheKey step(String name, List<CacheKey> inputs, ToyLayer... layers) {
    CacheKey root = new CacheKey(Digest.ofText("root"), 0, true, List.of());
    List<CacheKey> above = inputs.isEmpty() ? List.of(root) : inputs;
    CacheKey key =
        new CacheKey(
            Digest.ofText(name),
            0,
            true,
            above.stream()
                .map(input -> List.of(new CacheKey.Link(input, Optional.empty())))
                .toList());
    try (ImmutableRef ref = fixture.image(layers)) {
      KeyResult result = new KeyResult(ref.id().value(), ref.info().createdAt());
      keys.record(key.asRecord(), Optional.of(result));
    }
    return key;
  }

  /// Neither here nor where the image came from.
  private void lose(ToyLayer... layers) {
    List<Digest> lost = java.util.stream.Stream.of(layers).map(CacheExportsTest::blob).toList();
    fixture.fetcher.beforeAnswering(
        blob -> {
          if (lost.contains(blob)) {
            throw new NotFound("origin has no " + blob);
          }
        });
  }

  private static Digest blob(ToyLayer layer) {
    return layer.descriptor().digest();
  }

  private static void fail(BuildFailure failure) {
    throw failure;
  }

  private List<String> warnings() {
    return events.stream()
        .filter(Warned.class::isInstance)
        .map(event -> ((Warned) event).summary())
        .toList();
  }

  /// Reads all layers of what is written to it, as registries and buckets make senders do.
  private final class ToyPlace implements CacheBackend, CacheBackend.Target {
    private final List<Digest> sent = new ArrayList<>();
    private Consumer<ExportedCache> before = _ -> {};
    private int attempts;

    @Override
    public String type() {
      return "toy";
    }

    @Override
    public Target target(Map<String, String> attributes) {
      return this;
    }

    @Override
    public Origin origin(Map<String, String> attributes) {
      return _ -> List.of();
    }

    @Override
    public String name() {
      return "exporting cache to toy";
    }

    @Override
    public LayerCompression compression() {
      return LayerCompression.DEFAULT;
    }

    @Override
    public Map<String, String> write(ExportedCache cache, FetchContext context) {
      attempts++;
      sent.clear();
      before.accept(cache);
      LayerBlobs blobs = new LayerBlobs(fixture.content, fixture.store.fetcher());
      for (CachedLayer layer : cache.layers().values()) {
        Digest digest = layer.blob().digest();
        if (blobs.of(layer, context).find(digest).isEmpty()) {
          throw new NotFound("blob " + digest + " is gone");
        }
        sent.add(digest);
      }
      return Map.of("cache.manifest", "written");
    }
  }
}
