package dev.slipway.solver;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.solver.CacheDecision.Outcome;
import dev.slipway.solver.CacheDecision.Reason;
import java.util.List;
import org.junit.jupiter.api.Test;

class CachingTest {
  @Test
  void aRepeatedBuildLoadsOnlyTheResultAndRunsNothing() {
    try (ToySolver toys = ToySolver.start()) {
      ToyOp base = ToyOp.constant("base", "b");
      ToyOp middle = ToyOp.join("middle", base);
      ToyOp top = ToyOp.join("top", middle);
      assertThat(toys.solve(top)).isEqualTo("top(middle(b))");

      assertThat(toys.solve(top)).isEqualTo("top(middle(b))");

      assertThat(List.of(base.executions.get(), middle.executions.get(), top.executions.get()))
          .containsOnly(1);
      assertThat(toys.results.loads).hasValue(1);
    }
  }

  @Test
  void aChangedStepRunsOnTheCachedInputAndOnlyThatIsLoaded() {
    try (ToySolver toys = ToySolver.start()) {
      ToyOp base = ToyOp.constant("base", "b");
      ToyOp middle = ToyOp.join("middle", base);
      toys.solve(ToyOp.join("top", middle));

      ToyOp changed = ToyOp.join("changed", middle);
      assertThat(toys.solve(changed)).isEqualTo("changed(middle(b))");

      assertThat(middle.executions).hasValue(1);
      assertThat(changed.executions).hasValue(1);
      assertThat(toys.results.loads).hasValue(1);
    }
  }

  @Test
  void contentIsLookedAtOnlyForTheInputWhoseDefinitionMissed() {
    try (ToySolver toys = ToySolver.start()) {
      ToyOp image = ToyOp.constant("image", "i");
      ToyOp run = ToyOp.join("run", image);
      ToyOp context = ToyOp.constant("context", "files").keyedBy("session 1").unshareable();
      toys.solve(ToyOp.join("copy", run, context).byContentOf(1));
      int contentsBefore = 1;

      ToyOp sameFiles = ToyOp.constant("context again", "files").keyedBy("session 2").unshareable();
      ToyOp copy = ToyOp.join("copy", run, sameFiles).byContentOf(1);
      ToyOp last = ToyOp.join("last", copy);
      assertThat(toys.solve(last)).isEqualTo("last(copy(run(i),files))");

      assertThat(contentsBefore + copy.contents.get()).isEqualTo(2);
      assertThat(sameFiles.executions).hasValue(1);
      assertThat(run.executions).hasValue(1);
      assertThat(copy.executions).hasValue(0);
      assertThat(toys.results.loads).as("only the copy, as an input of the new step").hasValue(1);
    }
  }

  @Test
  void noContentIsLookedAtWhenTheDefinitionAlreadyHits() {
    try (ToySolver toys = ToySolver.start()) {
      ToyOp source = ToyOp.constant("source", "s");
      ToyOp copy = ToyOp.join("copy", source).byContentOf(0);
      toys.solve(copy);
      assertThat(copy.contents).hasValue(1);

      toys.solve(copy);

      assertThat(copy.contents).hasValue(1);
      assertThat(source.executions).hasValue(1);
    }
  }

  @Test
  void aResultFoundByContentIsFoundByDefinitionNextTime() {
    try (ToySolver toys = ToySolver.start()) {
      ToyOp first = ToyOp.constant("first", "same");
      toys.solve(ToyOp.join("copy", first).byContentOf(0));
      ToyOp second = ToyOp.constant("second", "same");
      ToyOp copy = ToyOp.join("copy", second).byContentOf(0);
      toys.solve(copy);
      assertThat(copy.contents).hasValue(1);

      toys.solve(copy);

      assertThat(copy.contents).as("the link from the definition was added").hasValue(1);
      assertThat(copy.executions).hasValue(0);
    }
  }

  @Test
  void anInputIsSearchedByItsOwnContentBeforeItIsMade() {
    try (ToySolver toys = ToySolver.start()) {
      ToyOp oldContext = ToyOp.constant("old", "files").keyedBy("session 1").unshareable();
      ToyOp build = ToyOp.join("build", oldContext).byContentOf(0);
      toys.solve(ToyOp.join("take", build).byContentOf(0));

      ToyOp newContext = ToyOp.constant("new", "files").keyedBy("session 2").unshareable();
      ToyOp again = ToyOp.join("build", newContext).byContentOf(0);
      ToyOp take = ToyOp.join("take", again).byContentOf(0);
      assertThat(toys.solve(take)).isEqualTo("take(build(files))");

      assertThat(again.executions).hasValue(0);
      assertThat(take.contents).as("the input's key was enough").hasValue(0);
      assertThat(toys.results.loads).hasValue(1);
    }
  }

  /// BuildKit issue 648.
  @Test
  void anInputThatLedSomewhereIsNotReadWhileAnotherIsStillMissing() {
    try (ToySolver toys = ToySolver.start()) {
      ToyOp other = ToyOp.constant("other", "o");
      ToyOp deep = ToyOp.constant("deep", "d");
      ToyOp left = ToyOp.join("left", deep).byContentOf(0);
      toys.solve(ToyOp.join("main", ToyOp.join("both", left, other).byContentOf(1)));

      ToyOp deepChanged = ToyOp.constant("deep changed", "d");
      ToyOp leftAgain = ToyOp.join("left", deepChanged).byContentOf(0);
      ToyOp both = ToyOp.join("both", leftAgain, other).byContentOf(1);
      ToyOp main = ToyOp.join("main", both);
      assertThat(toys.solve(main)).isEqualTo("main(both(left(d),o))");

      assertThat(both.contents).hasValue(0);
      assertThat(other.executions).hasValue(1);
      assertThat(toys.results.loads).as("main alone").hasValue(1);
    }
  }

  @Test
  void theSecondCacheMapIsAskedOnlyWhereTheFirstMissedAndHitsToo() {
    try (ToySolver toys = ToySolver.start()) {
      ToyOp image = ToyOp.constant("image", "i").keyedBy("manifest 1", "chain");
      toys.solve(ToyOp.join("run", image));
      assertThat(image.cacheMaps).hasValue(2);

      ToyOp unchanged = ToyOp.constant("image", "i").keyedBy("manifest 1", "chain");
      toys.solve(ToyOp.join("run", unchanged));
      assertThat(unchanged.cacheMaps).hasValue(1);

      ToyOp moved = ToyOp.constant("image", "i").keyedBy("manifest 2", "chain");
      ToyOp run = ToyOp.join("run", moved);
      assertThat(toys.solve(run)).isEqualTo("run(i)");
      assertThat(moved.cacheMaps).hasValue(2);
      assertThat(run.executions).hasValue(0);
      assertThat(moved.executions).hasValue(0);
    }
  }

  @Test
  void anotherSelectorIsAnotherKeyUnlessTheContentIsTheSame() {
    try (ToySolver toys = ToySolver.start()) {
      ToyOp source = ToyOp.constant("source", "s");
      toys.solve(ToyOp.join("plain", source).selecting(0, "/a"));
      toys.solve(ToyOp.join("by content", source).selecting(0, "/a").byContentOf(0));

      ToyOp plain = ToyOp.join("plain", source).selecting(0, "/b");
      ToyOp byContent = ToyOp.join("by content", source).selecting(0, "/b").byContentOf(0);
      toys.solve(plain);
      toys.solve(byContent);

      assertThat(plain.executions).hasValue(1);
      assertThat(byContent.executions).hasValue(0);
    }
  }

  @Test
  void inputsArePreparedBeforeAnExecutionAndNotForAHit() {
    try (ToySolver toys = ToySolver.start()) {
      ToyOp run =
          ToyOp.join("run", ToyOp.constant("image", "i"), ToyOp.constant("other", "o"))
              .preparing(0)
              .preparing(1);
      toys.solve(run);
      assertThat(run.prepared).hasValue(2);

      toys.solve(run);

      assertThat(run.prepared).hasValue(2);
    }
  }

  @Test
  void aHitThatCannotBeLoadedRunsTheStep() {
    try (ToySolver toys = ToySolver.start()) {
      ToyOp base = ToyOp.constant("base", "b");
      ToyOp top = ToyOp.join("top", ToyOp.join("middle", base));
      toys.solve(top);
      toys.results.breakLoads();

      try (Job<ToyOp, ToyResult> job = toys.openJob()) {
        assertThat(ToySolver.solve(job, top.edge())).isEqualTo("top(middle(b))");

        assertThat(job.decisions().stream().map(CacheDecision::outcome))
            .contains(Outcome.UNHIT, Outcome.MISS);
      }
      assertThat(top.executions).hasValue(2);
      assertThat(toys.solve(top)).as("the new result is found").isEqualTo("top(middle(b))");
      assertThat(top.executions).hasValue(2);
    }
  }

  @Test
  void aRecordWhoseResultHasVanishedIsSkipped() {
    try (ToySolver toys = ToySolver.start()) {
      ToyOp top = ToyOp.join("top", ToyOp.constant("base", "b"));
      toys.solve(top);
      toys.results.evictAll();

      assertThat(toys.solve(top)).isEqualTo("top(b)");

      assertThat(top.executions).hasValue(2);
      assertThat(toys.results.loads).hasValue(0);
    }
  }

  @Test
  void aResultThatCannotBeKeptIsSimplyMadeAgain() {
    try (ToySolver toys = ToySolver.start()) {
      toys.results.refuses = true;
      ToyOp top = ToyOp.join("top", ToyOp.constant("base", "b"));
      toys.solve(top);

      assertThat(toys.solve(top)).isEqualTo("top(b)");

      assertThat(top.executions).hasValue(2);
    }
  }

  @Test
  void ignoringTheCacheRunsAgainAndSoDoesWhatIsBuiltOnIt() {
    try (ToySolver toys = ToySolver.start()) {
      ToyOp base = ToyOp.constant("base", "old");
      ToyOp run = ToyOp.join("run", base);
      toys.solve(ToyOp.join("last", run));

      ToyOp forced = ToyOp.join("run", base).giving("new").ignoringCache();
      ToyOp last = ToyOp.join("last", forced);
      assertThat(toys.solve(last)).isEqualTo("last(new)");

      assertThat(forced.executions).hasValue(1);
      assertThat(last.executions).hasValue(1);
      assertThat(base.executions).hasValue(1);
      assertThat(toys.solve(ToyOp.join("last", ToyOp.join("run", base))))
          .as("a plain build finds the newest")
          .isEqualTo("last(new)");
    }
  }

  @Test
  void equalContentOfForcedWorkResumesTheCache() {
    try (ToySolver toys = ToySolver.start()) {
      ToyOp source = ToyOp.constant("source", "s");
      toys.solve(ToyOp.join("copy", source).byContentOf(0));

      ToyOp forced = ToyOp.constant("source", "s").ignoringCache();
      ToyOp copy = ToyOp.join("copy", forced).byContentOf(0);
      assertThat(toys.solve(copy)).isEqualTo("copy(s)");

      assertThat(forced.executions).hasValue(1);
      assertThat(copy.executions).hasValue(0);
    }
  }

  @Test
  void everyDecisionSaysWhy() {
    try (ToySolver toys = ToySolver.start()) {
      ToyOp base = ToyOp.constant("base", "b");
      ToyOp other = ToyOp.constant("other", "o");
      toys.solve(ToyOp.join("run", base, other));

      assertThat(reasonOf(toys, ToyOp.join("run", base, other)))
          .isEqualTo(new Reason.ByDefinition());
      assertThat(reasonOf(toys, ToyOp.join("run", base, ToyOp.constant("third", "t"))))
          .isEqualTo(new Reason.InputDiffers(1));
      assertThat(reasonOf(toys, ToyOp.join("walk", base, other)))
          .isInstanceOf(Reason.OperationDiffers.class);
      assertThat(reasonOf(toys, ToyOp.join("fly", ToyOp.constant("x", "x"))))
          .isEqualTo(new Reason.NeverSeen());
      assertThat(reasonOf(toys, ToyOp.join("run", base, other).ignoringCache()))
          .isEqualTo(new Reason.Forced());
      toys.results.evictAll();
      assertThat(reasonOf(toys, ToyOp.join("run", base, other)))
          .isEqualTo(new Reason.ResultsGone());
    }
  }

  @Test
  void aMissNamesTheNearestEarlierRecord() {
    try (ToySolver toys = ToySolver.start()) {
      ToyOp base = ToyOp.constant("base", "b");
      ToyOp first = ToyOp.join("run", base, ToyOp.constant("one", "1"));
      CacheKey earlier;
      try (Job<ToyOp, ToyResult> job = toys.openJob();
          Job.Solved<ToyResult> solved = job.solve(first.edge())) {
        earlier = solved.keys().getFirst();
      }

      try (Job<ToyOp, ToyResult> job = toys.openJob()) {
        ToyOp second = ToyOp.join("run", base, ToyOp.constant("two", "2"));
        ToySolver.solve(job, second.edge());
        assertThat(decisionOn(job, second).nearest()).contains(earlier.id());
      }
    }
  }

  private static Reason reasonOf(ToySolver toys, ToyOp op) {
    try (Job<ToyOp, ToyResult> job = toys.openJob()) {
      ToySolver.solve(job, op.edge());
      return decisionOn(job, op).reason();
    }
  }

  private static CacheDecision decisionOn(Job<ToyOp, ToyResult> job, ToyOp op) {
    return job.decisions().stream()
        .filter(decision -> decision.vertex().equals(op.vertex().digest()))
        .findFirst()
        .orElseThrow();
  }
}
