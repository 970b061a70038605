package dev.slipway.solver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.failure.NotFound;
import dev.slipway.oci.Digest;
import dev.slipway.solver.cachekey.CacheKeyView;
import dev.slipway.solver.cachekey.KeyId;
import dev.slipway.solver.cachekey.KeyLink;
import dev.slipway.solver.cachekey.KeyMatch;
import dev.slipway.solver.cachekey.KeyResult;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class ImportedCacheTest {
  @Test
  void whatAnotherSolverMadeIsNotMadeAgain() {
    try (ToySolver there = ToySolver.start();
        ToySolver here = ToySolver.start()) {
      there.solve(build());
      ToyOp again = build();

      try (Job<ToyOp, ToyResult> job = here.openJob()) {
        job.consult(importOf(there, here));
        assertThat(ToySolver.solve(job, again.edge())).isEqualTo("top(run(b),side)");
      }

      assertThat(executions(again)).isZero();
    }
  }

  @Test
  void onlyTheJobThatAskedForItLooksThere() {
    try (ToySolver there = ToySolver.start();
        ToySolver here = ToySolver.start()) {
      there.solve(build());
      ToyOp again = build();

      try (Job<ToyOp, ToyResult> asking = here.openJob();
          Job<ToyOp, ToyResult> other = here.openJob()) {
        asking.consult(importOf(there, here));
        ToySolver.solve(other, again.edge());
      }

      assertThat(executions(again)).isEqualTo(4);
    }
  }

  /// Although nothing below the result was loaded, what leads to it is kept with it.
  @Test
  void whatWasImportedIsFoundLaterWithoutTheImport() {
    try (ToySolver there = ToySolver.start();
        ToySolver here = ToySolver.start()) {
      there.solve(build());
      try (Job<ToyOp, ToyResult> job = here.openJob()) {
        job.consult(importOf(there, here));
        ToySolver.solve(job, build().edge());
      }
      ToyOp again = build();

      here.solve(again);

      assertThat(executions(again)).isZero();
    }
  }

  @Test
  void aResultThatCannotBeFetchedIsMade() {
    try (ToySolver there = ToySolver.start();
        ToySolver here = ToySolver.start()) {
      there.solve(build());
      there.results.breakLoads();
      ToyOp again = build();

      try (Job<ToyOp, ToyResult> job = here.openJob()) {
        job.consult(importOf(there, here));
        assertThat(ToySolver.solve(job, again.edge())).isEqualTo("top(run(b),side)");
      }

      assertThat(again.executions.get()).isEqualTo(1);
    }
  }

  @Test
  void aResultThatCannotBeFetchedFailsABuildThatIsNotToDoWithoutTheCache() {
    try (ToySolver there = ToySolver.start();
        ToySolver here = ToySolver.start()) {
      there.solve(build());
      there.results.breakLoads();
      ToyOp again = build();

      try (Job<ToyOp, ToyResult> job = here.openJob()) {
        job.consult(required(importOf(there, here)));
        assertThatThrownBy(() -> job.solve(again.edge()))
            .isInstanceOf(NotFound.class)
            .hasMessageContainingAll("the cache there has lost a result", "blob of", "is gone");
      }

      assertThat(executions(again)).isZero();
    }
  }

  @Test
  void aResultThatIsLostLaterFailsABuildThatIsNotToDoWithoutTheCache() {
    try (ToySolver there = ToySolver.start();
        ToySolver here = ToySolver.start()) {
      there.solve(build());
      ToyOp again = build();
      ToyOp step =
          ToyOp.join("step", again)
              .preparing(0)
              .preparing(
                  _ -> {
                    throw new NotFound("blob is gone");
                  });

      try (Job<ToyOp, ToyResult> job = here.openJob()) {
        job.consult(required(importOf(there, here)));
        assertThatThrownBy(() -> job.solve(step.edge()))
            .isInstanceOf(NotFound.class)
            .hasMessageContainingAll("the cache there has lost a result", "blob is gone");
      }

      assertThat(executions(again)).isZero();
    }
  }

  private static ImportedCache<ToyResult> required(ImportedCache<ToyResult> cache) {
    return new ImportedCache<>(
        cache.id(), cache.keys(), cache.results(), ImportedCache.Trouble.FAILS_BUILDS);
  }

  @Test
  void theContentsOfAJobsCacheAreItsOwnAndTheImported() {
    try (ToySolver there = ToySolver.start();
        ToySolver here = ToySolver.start()) {
      CacheKey key;
      try (Job<ToyOp, ToyResult> job = there.openJob();
          Job.Solved<ToyResult> solved = job.solve(build().edge())) {
        key = solved.keys().getFirst();
      }

      try (Job<ToyOp, ToyResult> job = here.openJob()) {
        job.consult(importOf(there, here));
        ToySolver.solve(job, ToyOp.constant("other", "o").edge());

        String id = job.cache().keys().find(key.id()).orElseThrow().results().getFirst().id();
        assertThat(job.cache().results().exists(id)).isTrue();
        assertThat(here.results.exists(id)).isFalse();
      }
    }
  }

  private static ToyOp build() {
    ToyOp run = ToyOp.join("run", ToyOp.constant("base", "b"));
    return ToyOp.join("top", run, ToyOp.constant("side", "side"));
  }

  private static int executions(ToyOp op) {
    return op.executions.get()
        + op.inputs.stream().mapToInt(input -> executions(input.vertex().payload())).sum();
  }

  /// The keys and results of one solver as another sees them: its results have ids of their own.
  private static ImportedCache<ToyResult> importOf(ToySolver from, ToySolver into) {
    CacheKeyView keys = new Renamed(from.keys);
    ResultStore<ToyResult> results =
        new ResultStore<>() {
          @Override
          public Optional<StoredResult> save(ToyResult result) {
            return Optional.empty();
          }

          @Override
          public ToyResult load(StoredResult stored, EvaluationContext context) {
            if (!exists(stored.id())) {
              throw new NotFound(stored.id() + " is gone");
            }
            String id = stored.id().substring("imported-".length());
            try (ToyResult there =
                from.results.load(new StoredResult(id, stored.createdAt()), context)) {
              return into.results.make(there.value());
            }
          }

          @Override
          public boolean exists(String id) {
            return id.startsWith("imported-")
                && from.results.exists(id.substring("imported-".length()));
          }
        };
    return new ImportedCache<>("there", keys, results);
  }

  private record Renamed(CacheKeyView inner) implements CacheKeyView {
    @Override
    public Optional<KeyMatch> find(KeyId key) {
      return inner.find(key).map(Renamed::renamed);
    }

    @Override
    public List<KeyMatch> follow(KeyId source, KeyLink link) {
      return inner.follow(source, link).stream().map(Renamed::renamed).toList();
    }

    @Override
    public List<Origin> origins(KeyId key) {
      return inner.origins(key);
    }

    @Override
    public List<Continuation> continuations(KeyId key) {
      return inner.continuations(key);
    }

    @Override
    public Optional<KeyId> anyOf(Digest operation, int output) {
      return inner.anyOf(operation, output);
    }

    @Override
    public void walk(Consumer<KeyId> to) {
      inner.walk(to);
    }

    private static KeyMatch renamed(KeyMatch match) {
      return new KeyMatch(
          match.key(),
          match.results().stream()
              .map(result -> new KeyResult("imported-" + result.id(), result.createdAt()))
              .toList());
    }
  }
}
