package dev.slipway.solver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.failure.Cancelled;
import dev.slipway.failure.Exhausted;
import dev.slipway.failure.NotFound;
import dev.slipway.progress.ProgressEvent.Warned;
import dev.slipway.solver.CacheDecision.Outcome;
import dev.slipway.solver.Job.Solved;
import dev.slipway.solver.ToySolver.Events;
import dev.slipway.task.TaskScope;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Results that are found and loaded, and of which something turns out to be gone only when it is
/// needed: lazy layers that a registry lost after it said that it has them.
@Timeout(60)
class LostResultsTest {
  @Test
  void aLostInputIsMadeAgainAndTheStepRunsOnIt() {
    try (ToySolver toys = ToySolver.start()) {
      toys.solve(base());
      toys.results.hollowOut();
      ToyOp base = base();
      ToyOp run = ToyOp.join("run", base).preparing(0);
      Events events = new Events();

      try (Job<ToyOp, ToyResult> job = toys.openJob(events)) {
        assertThat(ToySolver.solve(job, run.edge())).isEqualTo("run(base(s))");
        assertThat(outcomes(job, base)).containsExactly(Outcome.HIT, Outcome.UNHIT, Outcome.MISS);
      }

      assertThat(base.executions).hasValue(1);
      assertThat(run.executions).hasValue(1);
      assertThat(run.prepared).hasValue(2);
      assertThat(events.storyOf(base))
          .containsExactly("announced", "started", "cached", "started", "completed");
      assertThat(events.storyOf(run)).containsExactly("announced", "started", "completed");
    }
  }

  @Test
  void theWarningGivesTheReason() throws InterruptedException {
    try (ToySolver toys = ToySolver.start()) {
      toys.solve(base());
      toys.results.hollowOut();
      ToyOp base = base();
      CountDownLatch warned = new CountDownLatch(1);
      Events events = new Events();

      try (Job<ToyOp, ToyResult> job =
          toys.openJob(
              event -> {
                events.emit(event);
                if (event instanceof Warned) {
                  warned.countDown();
                }
              })) {
        ToySolver.solve(job, ToyOp.join("run", base).preparing(0).edge());
        warned.await();
      }

      assertThat(events.all)
          .filteredOn(Warned.class::isInstance)
          .singleElement()
          .satisfies(
              event -> {
                assertThat(event.vertex()).isEqualTo(base.vertex().digest());
                assertThat(((Warned) event).summary())
                    .isEqualTo(
                        "a cached result is lost, its step runs again: blob of base(s) is gone");
              });
    }
  }

  @Test
  void whatWasLostIsForgottenAndWhatWasMadeInsteadIsFoundByLaterBuilds() {
    try (ToySolver toys = ToySolver.start()) {
      toys.solve(base());
      toys.results.hollowOut();
      toys.solve(ToyOp.join("run", base()).preparing(0));
      ToyOp base = base();
      ToyOp other = ToyOp.join("other", base).preparing(0);

      assertThat(toys.solve(other)).isEqualTo("other(base(s))");

      assertThat(base.executions).hasValue(0);
      assertThat(other.prepared).hasValue(1);
    }
  }

  @Test
  void severalStepsThatNeedTheSameLostInputShareTheOneMadeInstead() {
    try (ToySolver toys = ToySolver.start()) {
      toys.solve(base());
      toys.results.hollowOut();
      ToyOp base = base();
      CountDownLatch both = new CountDownLatch(2);
      ToyOp one = ToyOp.join("one", base).preparing(0).preparing(_ -> meet(both));
      ToyOp two = ToyOp.join("two", base).preparing(0).preparing(_ -> meet(both));

      assertThat(toys.solve(ToyOp.join("top", one, two)))
          .isEqualTo("top(one(base(s)),two(base(s)))");

      assertThat(base.executions).hasValue(1);
      assertThat(one.executions).hasValue(1);
      assertThat(two.executions).hasValue(1);
    }
  }

  @Test
  void twoJobsThatMeetOnALostInputBothGoOn() {
    try (ToySolver toys = ToySolver.start();
        Job<ToyOp, ToyResult> first = toys.openJob();
        Job<ToyOp, ToyResult> second = toys.openJob();
        TaskScope scope = TaskScope.open("second")) {
      toys.solve(base());
      toys.results.hollowOut();
      ToyOp base = base();
      CountDownLatch both = new CountDownLatch(2);
      ToyOp one = ToyOp.join("one", base).preparing(0).preparing(_ -> meet(both));
      ToyOp two = ToyOp.join("two", base).preparing(0).preparing(_ -> meet(both));

      TaskScope.Forked<String> other = scope.fork(() -> ToySolver.solve(second, two.edge()));
      assertThat(ToySolver.solve(first, one.edge())).isEqualTo("one(base(s))");
      scope.join();

      assertThat(other.result()).isEqualTo("two(base(s))");
      assertThat(base.executions).hasValue(1);
    }
  }

  @Test
  void aJobThatLeavesWhileALostInputIsMadeAgainLeavesNothingBehind() throws InterruptedException {
    try (ToySolver toys = ToySolver.start();
        TaskScope scope = TaskScope.open("solving")) {
      toys.solve(base());
      toys.results.hollowOut();
      CountDownLatch running = new CountDownLatch(1);
      ToyOp base =
          ToyOp.join("base", ToyOp.constant("source", "s"))
              .executing(
                  _ -> {
                    running.countDown();
                    Thread.sleep(Long.MAX_VALUE);
                  });
      Job<ToyOp, ToyResult> job = toys.openJob();
      ToyOp run = ToyOp.join("run", base).preparing(0);
      scope.forkAction(
          () -> assertThatThrownBy(() -> job.solve(run.edge())).isInstanceOf(Cancelled.class));
      running.await();

      job.close();
      scope.join();

      assertThat(run.executions).hasValue(0);
    }
  }

  @Test
  void aLostInputWhoseContentCountsIsMadeAgainAndLookedAtThen() {
    try (ToySolver toys = ToySolver.start()) {
      toys.solve(base());
      toys.results.hollowOut();
      ToyOp base = base();
      ToyOp copy = ToyOp.join("copy", base).preparing(0).byContentOf(0);

      assertThat(toys.solve(copy)).isEqualTo("copy(base(s))");

      assertThat(base.executions).hasValue(1);
      assertThat(copy.contents).hasValue(1);
    }
  }

  @Test
  void aWholeChainThatIsLostIsMadeAgainFromTheBottom() {
    try (ToySolver toys = ToySolver.start()) {
      toys.solve(chain().getLast());
      toys.results.hollowOut();
      List<ToyOp> chain = chain();
      ToyOp top = ToyOp.join("top", chain.getLast()).preparing(0);

      assertThat(toys.solve(top)).isEqualTo("top(c(b(a)))");

      assertThat(chain).allSatisfy(op -> assertThat(op.executions).hasValue(1));
    }
  }

  @Test
  void aSecondResultThatIsLostTooIsLeftOutInTurn() {
    try (ToySolver toys = ToySolver.start()) {
      toys.solve(base());
      ToyOp twin = ToyOp.join("base", ToyOp.constant("source", "s"));
      toys.solve(twin.ignoringCache());
      toys.results.hollowOut();
      ToyOp base = base();
      ToyOp run = ToyOp.join("run", base).preparing(0);

      try (Job<ToyOp, ToyResult> job = toys.openJob()) {
        assertThat(ToySolver.solve(job, run.edge())).isEqualTo("run(base(s))");
        assertThat(outcomes(job, base))
            .containsExactly(Outcome.HIT, Outcome.UNHIT, Outcome.HIT, Outcome.UNHIT, Outcome.MISS);
      }

      assertThat(base.executions).hasValue(1);
    }
  }

  @Test
  void anotherOutputOfTheSameStepStays() {
    try (ToySolver toys = ToySolver.start()) {
      ToyOp before = base().withOutputs(2);
      toys.solve(before.edge(1));
      toys.results.hollowOut();
      ToyOp base = base().withOutputs(2);
      ToyOp run = ToyOp.join("run").on(base.edge(0)).on(base.edge(1)).preparing(1);

      assertThat(toys.solve(run)).isEqualTo("run(base(s),base(s)#1)");

      assertThat(base.executions.get()).isEqualTo(1);
    }
  }

  /// A merge is made at once, of layers that nobody has asked for yet.
  @Test
  void whatWasMadeOfALostInputIsMadeAgainOfTheOneMadeInstead() {
    try (ToySolver toys = ToySolver.start()) {
      toys.solve(base());
      toys.results.hollowOut();
      ToyOp base = base();
      ToyOp other = ToyOp.constant("other", "o");
      ToyOp merge = ToyOp.join("merge", base, other).composing();
      ToyOp run = ToyOp.join("run", merge).preparing(0);
      Events events = new Events();

      try (Job<ToyOp, ToyResult> job = toys.openJob(events)) {
        assertThat(ToySolver.solve(job, run.edge())).isEqualTo("run(merge(base(s),o))");
        assertThat(outcomes(job, base)).containsExactly(Outcome.HIT, Outcome.UNHIT, Outcome.MISS);
        assertThat(outcomes(job, merge)).containsExactly(Outcome.MISS);
      }

      assertThat(base.executions).hasValue(1);
      assertThat(other.executions).hasValue(1);
      assertThat(merge.executions).hasValue(2);
      assertThat(run.executions).hasValue(1);
      assertThat(events.storyOf(run)).containsExactly("announced", "started", "completed");
    }
  }

  @Test
  void aLossIsFoundThroughMergesOfMerges() {
    try (ToySolver toys = ToySolver.start()) {
      toys.solve(base());
      toys.results.hollowOut();
      ToyOp base = base();
      ToyOp inner = ToyOp.join("inner", base, ToyOp.constant("one", "1")).composing();
      ToyOp outer = ToyOp.join("outer", inner, ToyOp.constant("two", "2")).composing();
      ToyOp run = ToyOp.join("run", outer).preparing(0);

      assertThat(toys.solve(run)).isEqualTo("run(outer(inner(base(s),1),2))");

      assertThat(base.executions).hasValue(1);
    }
  }

  /// The build within is found in the cache, and its result is the vertex' own.
  @Test
  void whatABuildWithinFoundAndIsLostIsMadeAgain() {
    try (ToySolver toys = ToySolver.start()) {
      toys.solve(base());
      toys.results.hollowOut();
      ToyOp base = base();
      ToyOp build = ToyOp.within("build", base.edge());
      ToyOp run = ToyOp.join("run", build).preparing(0);
      Events events = new Events();

      try (Job<ToyOp, ToyResult> job = toys.openJob(events)) {
        assertThat(ToySolver.solve(job, run.edge())).isEqualTo("run(base(s))");
        assertThat(outcomes(job, base)).containsExactly(Outcome.HIT, Outcome.UNHIT, Outcome.MISS);
      }

      assertThat(base.executions).hasValue(1);
      assertThat(build.executions).hasValue(2);
      assertThat(events.storyOf(run)).containsExactly("announced", "started", "completed");
    }
  }

  @Test
  void aLossIsFoundThroughBuildsWithinBuilds() {
    try (ToySolver toys = ToySolver.start()) {
      toys.solve(base());
      toys.results.hollowOut();
      ToyOp base = base();
      ToyOp inner = ToyOp.within("inner", ToyOp.join("merge", base).composing().edge());
      ToyOp outer = ToyOp.within("outer", inner.edge());

      assertThat(toys.solve(ToyOp.join("run", outer).preparing(0)))
          .isEqualTo("run(merge(base(s)))");

      assertThat(base.executions).hasValue(1);
    }
  }

  @Test
  void aBuildWithinThatWasItselfFoundIsSolvedAgain() {
    try (ToySolver toys = ToySolver.start()) {
      toys.solve(ToyOp.within("build", base().edge()));
      toys.results.hollowOut();
      ToyOp base = base();
      ToyOp build = ToyOp.within("build", base.edge());

      assertThat(toys.solve(ToyOp.join("run", build).preparing(0))).isEqualTo("run(base(s))");

      assertThat(base.executions).hasValue(1);
    }
  }

  @Test
  void whatABuildWithinHasJustMadeAndIsGoneFailsIt() {
    try (ToySolver toys = ToySolver.start()) {
      ToyOp build = ToyOp.within("build", base().givingHollow().edge());

      assertThatThrownBy(() -> toys.solve(ToyOp.join("run", build).preparing(0)))
          .isInstanceOf(NotFound.class);

      assertThat(build.executions).hasValue(1);
    }
  }

  @Test
  void aMergeThatWasItselfFoundIsMadeAgainOfInputsThatAreMadeAgain() {
    try (ToySolver toys = ToySolver.start()) {
      toys.solve(ToyOp.join("merge", base(), ToyOp.constant("other", "o")).composing());
      toys.results.hollowOut();
      ToyOp base = base();
      ToyOp merge = ToyOp.join("merge", base, ToyOp.constant("other", "o")).composing();

      assertThat(toys.solve(ToyOp.join("run", merge).preparing(0)))
          .isEqualTo("run(merge(base(s),o))");

      assertThat(base.executions).hasValue(1);
    }
  }

  @Test
  void whatWasMadeOfALostInputIsForgotten() {
    try (ToySolver toys = ToySolver.start()) {
      toys.solve(base());
      toys.results.hollowOut();
      toys.solve(ToyOp.join("run", ToyOp.join("merge", base()).composing()).preparing(0));
      ToyOp merge = ToyOp.join("merge", base()).composing();
      ToyOp other = ToyOp.join("other", merge).preparing(0);

      assertThat(toys.solve(other)).isEqualTo("other(merge(base(s)))");

      assertThat(merge.executions).hasValue(0);
      assertThat(other.prepared).hasValue(1);
    }
  }

  /// A difference of trees that are not related looks at both when it is made.
  @Test
  void aStepThatFindsItsInputsLostRunsAgainOnOthers() {
    try (ToySolver toys = ToySolver.start()) {
      toys.solve(base());
      toys.results.hollowOut();
      ToyOp base = base();
      ToyOp diff = ToyOp.join("diff", base).reading(0);
      Events events = new Events();

      try (Job<ToyOp, ToyResult> job = toys.openJob(events)) {
        assertThat(ToySolver.solve(job, diff.edge())).isEqualTo("diff(base(s))");
      }

      assertThat(base.executions).hasValue(1);
      assertThat(diff.executions).hasValue(2);
      assertThat(events.storyOf(diff))
          .containsExactly("announced", "started", "completed", "started", "completed");
    }
  }

  @Test
  void aStepThatFindsAnInputLostThatWasJustMadeFails() {
    try (ToySolver toys = ToySolver.start()) {
      ToyOp base = base().givingHollow();
      ToyOp diff = ToyOp.join("diff", base).reading(0);
      Events events = new Events();

      try (Job<ToyOp, ToyResult> job = toys.openJob(events)) {
        assertThatThrownBy(() -> job.solve(diff.edge())).isInstanceOf(NotFound.class);
      }

      assertThat(events.storyOf(diff)).last().asString().startsWith("failed: ");
      assertThat(diff.executions).hasValue(1);
    }
  }

  /// Both outputs stand on what is lost.
  @Test
  void everyOutputOfAStepIsMadeAgainByOneRun() {
    try (ToySolver toys = ToySolver.start()) {
      toys.solve(base());
      toys.results.hollowOut();
      ToyOp base = base();
      ToyOp split = ToyOp.join("split", base).composing().withOutputs(2);
      ToyOp first = ToyOp.join("first").on(split.edge(0)).preparing(0);
      ToyOp second = ToyOp.join("second").on(split.edge(1)).preparing(0);

      assertThat(toys.solve(ToyOp.join("top", first, second)))
          .isEqualTo("top(first(split(base(s))),second(split(base(s))#1))");

      assertThat(base.executions).hasValue(1);
      assertThat(split.executions).hasValue(2);
    }
  }

  @Test
  void aResultMadeOfALostOneIsLostByWordOfWhoeverNeedsIt() {
    try (ToySolver toys = ToySolver.start();
        Job<ToyOp, ToyResult> job = toys.openJob()) {
      toys.solve(base());
      toys.results.hollowOut();
      ToyOp base = base();
      ToyOp merge = ToyOp.join("merge", base).composing();

      try (Solved<ToyResult> made = job.solve(merge.edge())) {
        assertThat(job.lose(merge.edge(), made, new NotFound("blob is gone"))).isTrue();

        try (Solved<ToyResult> again = job.solve(merge.edge())) {
          assertThat(again.result().isLost()).isFalse();
          assertThat(job.lose(merge.edge(), again, new NotFound("blob is gone"))).isFalse();
        }
      }
      assertThat(base.executions).hasValue(1);
    }
  }

  @Test
  void whatWasMadeInThisBuildAndIsGoneFailsIt() {
    try (ToySolver toys = ToySolver.start()) {
      ToyOp run = ToyOp.join("run", base()).preparing(0).preparing(_ -> gone());

      assertThatThrownBy(() -> toys.solve(run)).isInstanceOf(NotFound.class);
    }
  }

  @Test
  void anInputThatIsGoneAgainAfterItWasMadeFailsTheBuild() {
    try (ToySolver toys = ToySolver.start()) {
      toys.solve(base());
      ToyOp base = base();
      ToyOp run = ToyOp.join("run", base).preparing(0).preparing(_ -> gone());

      assertThatThrownBy(() -> toys.solve(run)).isInstanceOf(NotFound.class);

      assertThat(base.executions).hasValue(1);
    }
  }

  @Test
  void aFullDiskIsNoLoss() {
    try (ToySolver toys = ToySolver.start()) {
      toys.solve(base());
      ToyOp base = base();
      ToyOp run =
          ToyOp.join("run", base)
              .preparing(0)
              .preparing(
                  _ -> {
                    throw new Exhausted("no space left on device");
                  });

      assertThatThrownBy(() -> toys.solve(run)).isInstanceOf(Exhausted.class);

      assertThat(base.executions).hasValue(0);
    }
  }

  @Test
  void aResultThatLeftTheGraphIsLostByWordOfWhoeverNeedsIt() {
    try (ToySolver toys = ToySolver.start();
        Job<ToyOp, ToyResult> job = toys.openJob()) {
      toys.solve(base());
      ToyOp base = base();

      try (Solved<ToyResult> found = job.solve(base.edge())) {
        assertThat(base.executions).hasValue(0);
        assertThat(job.lose(base.edge(), found, new Exhausted("disk full"))).isFalse();

        assertThat(job.lose(base.edge(), found, new NotFound("blob is gone"))).isTrue();

        assertThat(found.result().value()).as("still held").isEqualTo("base(s)");
        try (Solved<ToyResult> made = job.solve(base.edge())) {
          assertThat(made.result().value()).isEqualTo("base(s)");
          assertThat(base.executions).hasValue(1);
          assertThat(job.lose(base.edge(), found, new NotFound("blob is gone")))
              .as("known already")
              .isTrue();
          assertThat(job.lose(base.edge(), made, new NotFound("blob is gone"))).isFalse();
        }
      }
    }
  }

  private static ToyOp base() {
    return ToyOp.join("base", ToyOp.constant("source", "s"));
  }

  private static List<ToyOp> chain() {
    ToyOp a = ToyOp.constant("a", "a");
    ToyOp b = ToyOp.join("b", a).preparing(0);
    ToyOp c = ToyOp.join("c", b).preparing(0);
    return List.of(a, b, c);
  }

  private static List<Outcome> outcomes(Job<ToyOp, ToyResult> job, ToyOp op) {
    return job.decisions().stream()
        .filter(decision -> decision.vertex().equals(op.vertex().digest()))
        .map(CacheDecision::outcome)
        .toList();
  }

  /// Nobody fails before both look.
  private static void meet(CountDownLatch both) throws InterruptedException {
    both.countDown();
    both.await();
  }

  private static void gone() {
    throw new NotFound("blob is gone");
  }
}
