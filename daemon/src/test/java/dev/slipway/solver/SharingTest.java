package dev.slipway.solver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.failure.AlreadyExists;
import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.Cancelled;
import dev.slipway.failure.Fact;
import dev.slipway.failure.NotFound;
import dev.slipway.progress.ProgressSink;
import dev.slipway.task.TaskScope;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SharingTest {
  @Test
  void equalVerticesOfConcurrentJobsRunOnce() {
    try (ToySolver toys = ToySolver.start();
        TaskScope scope = TaskScope.open("test")) {
      Gate gate = new Gate();
      ToyOp slow = ToyOp.constant("slow", "s").executing(_ -> gate.pass());
      ToyOp left = ToyOp.join("left", slow);
      ToyOp right = ToyOp.join("right", slow);

      TaskScope.Forked<String> first = scope.fork(() -> toys.solve(left));
      gate.awaitArrival();
      TaskScope.Forked<String> second = scope.fork(() -> toys.solve(right));
      gate.open();

      assertThat(first.result()).isEqualTo("left(s)");
      assertThat(second.result()).isEqualTo("right(s)");
      assertThat(slow.executions).hasValue(1);
    }
  }

  @Test
  void differentVerticesWithEqualKeysAreMergedWhileTheyRun() {
    try (ToySolver toys = ToySolver.start();
        TaskScope scope = TaskScope.open("test")) {
      Gate gate = new Gate();
      ToyOp one = ToyOp.constant("by tag", "i").keyedBy("image");
      ToyOp two = ToyOp.constant("by digest", "i").keyedBy("image");
      ToyOp slow = ToyOp.join("run", one).executing(_ -> gate.pass());
      ToyOp twin = ToyOp.join("run", two).executing(_ -> gate.pass());

      TaskScope.Forked<String> first = scope.fork(() -> toys.solve(slow));
      gate.awaitArrival();
      try (Job<ToyOp, ToyResult> job = toys.openJob()) {
        TaskScope.Forked<String> second = scope.fork(() -> ToySolver.solve(job, twin.edge()));
        awaitDecision(job, CacheDecision.Outcome.MERGED);
        gate.open();

        assertThat(first.result()).isEqualTo("run(i)");
        assertThat(second.result()).isEqualTo("run(i)");
      }
      assertThat(slow.executions.get() + twin.executions.get()).isEqualTo(1);
    }
  }

  @Test
  void mergedWorkOutlivesTheJobThatBeganIt() {
    try (ToySolver toys = ToySolver.start();
        TaskScope scope = TaskScope.open("test")) {
      Gate gate = new Gate();
      ToyOp slow =
          ToyOp.join("run", ToyOp.constant("one", "i").keyedBy("image"))
              .executing(_ -> gate.pass());
      ToyOp twin =
          ToyOp.join("run", ToyOp.constant("two", "i").keyedBy("image"))
              .executing(_ -> gate.pass());
      Job<ToyOp, ToyResult> first = toys.openJob();
      scope.fork(() -> ignoringCancellation(() -> ToySolver.solve(first, slow.edge())));
      gate.awaitArrival();
      try (Job<ToyOp, ToyResult> job = toys.openJob()) {
        TaskScope.Forked<String> second = scope.fork(() -> ToySolver.solve(job, twin.edge()));
        awaitDecision(job, CacheDecision.Outcome.MERGED);

        first.close();
        gate.open();

        assertThat(second.result()).isEqualTo("run(i)");
      }
      assertThat(slow.executions.get() + twin.executions.get()).isEqualTo(1);
    }
  }

  @Test
  void twoOutputsOfMergedVerticesDoNotRunInCircles() {
    for (int round = 0; round < 20; round++) {
      try (ToySolver toys = ToySolver.start()) {
        ToyOp a =
            ToyOp.join("a", ToyOp.constant("3", "3"), ToyOp.constant("4", "4"))
                .keyedBy("add")
                .giving("r")
                .withOutputs(3);
        ToyOp b =
            ToyOp.join("b", ToyOp.constant("3", "3"), ToyOp.constant("4", "4"))
                .keyedBy("add")
                .giving("r")
                .withOutputs(3);
        ToyOp c =
            ToyOp.join("c", ToyOp.constant("3", "3"), ToyOp.constant("4", "4"))
                .keyedBy("add")
                .giving("r")
                .withOutputs(3);
        ToyOp all =
            ToyOp.join("all")
                .on(a.edge(1))
                .on(b.edge(0))
                .on(a.edge(0))
                .on(b.edge(1))
                .on(c.edge(1))
                .on(c.edge(2))
                .on(b.edge(2));

        assertThat(toys.solve(all)).isEqualTo("all(r#1,r,r,r#1,r#1,r#2,r#2)");

        assertThat(a.executions.get() + b.executions.get() + c.executions.get()).isEqualTo(1);
      }
    }
  }

  @Test
  void aVertexWithTheKeyOfItsOwnInputIsNotMergedIntoIt() {
    try (ToySolver toys = ToySolver.start()) {
      ToyOp base = ToyOp.constant("base", "same");
      ToyOp inner = ToyOp.join("inner", base).keyedBy("touch").byContentOf(0).giving("same");
      ToyOp outer = ToyOp.join("outer", inner).keyedBy("touch").byContentOf(0).giving("same");

      assertThat(toys.solve(outer)).isEqualTo("same");
    }
  }

  @Test
  void allOutputsOfAVertexComeFromOneExecution() {
    try (ToySolver toys = ToySolver.start()) {
      ToyOp two = ToyOp.join("two", ToyOp.constant("base", "b")).withOutputs(2);
      ToyOp all = ToyOp.join("all").on(two.edge(0)).on(two.edge(1));

      assertThat(toys.solve(all)).isEqualTo("all(two(b),two(b)#1)");
      assertThat(two.executions).hasValue(1);

      assertThat(toys.solve(two.edge(1))).isEqualTo("two(b)#1");
      assertThat(two.executions).hasValue(1);
    }
  }

  @Test
  void aPlainRequestJoinsARunningForcedRunButNotTheOtherWayRound() {
    try (ToySolver toys = ToySolver.start()) {
      try (Job<ToyOp, ToyResult> plain = toys.openJob();
          Job<ToyOp, ToyResult> forced = toys.openJob()) {
        assertThat(ToySolver.solve(plain, ToyOp.constant("v", "1").edge())).isEqualTo("1");
        assertThat(ToySolver.solve(forced, ToyOp.constant("v", "2").ignoringCache().edge()))
            .isEqualTo("2");
      }
      try (Job<ToyOp, ToyResult> forced = toys.openJob();
          Job<ToyOp, ToyResult> plain = toys.openJob()) {
        assertThat(ToySolver.solve(forced, ToyOp.constant("v", "3").ignoringCache().edge()))
            .isEqualTo("3");
        ToyOp joining = ToyOp.constant("v", "4");
        assertThat(ToySolver.solve(plain, joining.edge())).isEqualTo("3");
        assertThat(joining.cacheMaps).hasValue(0);
      }
    }
  }

  @Test
  void forcedWorkIsNotMergedIntoPlainWorkOfTheSameKeyButPlainIntoForced() {
    try (ToySolver toys = ToySolver.start();
        Job<ToyOp, ToyResult> job = toys.openJob()) {
      assertThat(ToySolver.solve(job, ToyOp.constant("v1", "1").keyedBy("k").edge()))
          .isEqualTo("1");
      assertThat(
              ToySolver.solve(job, ToyOp.constant("v2", "2").keyedBy("k").ignoringCache().edge()))
          .isEqualTo("2");
      assertThat(
              ToySolver.solve(job, ToyOp.constant("v3", "3").keyedBy("k").ignoringCache().edge()))
          .isEqualTo("2");
      assertThat(ToySolver.solve(job, ToyOp.constant("v4", "4").keyedBy("k").edge()))
          .isIn("1", "2");
    }
  }

  @Test
  void forcedWorkBelowDoesNotLeakIntoAPlainJobWithTheSameStep() {
    try (ToySolver toys = ToySolver.start();
        Job<ToyOp, ToyResult> plain = toys.openJob();
        Job<ToyOp, ToyResult> forced = toys.openJob()) {
      ToyOp run = ToyOp.join("run", ToyOp.constant("base", "old"));
      assertThat(ToySolver.solve(plain, run.edge())).isEqualTo("run(old)");

      ToyOp again = ToyOp.join("run", ToyOp.constant("base", "new").ignoringCache());
      assertThat(ToySolver.solve(forced, again.edge())).isEqualTo("run(new)");
      assertThat(ToySolver.solve(plain, run.edge())).isEqualTo("run(old)");
    }
  }

  @Test
  void aFailureIsKnownToEveryJobThatWaitedAndForgottenWithThem() {
    try (ToySolver toys = ToySolver.start()) {
      AtomicBoolean broken = new AtomicBoolean(true);
      ToyOp step =
          ToyOp.join("step", ToyOp.constant("base", "b"))
              .executing(
                  _ -> {
                    if (broken.get()) {
                      throw new NotFound("no such file");
                    }
                  });
      try (Job<ToyOp, ToyResult> job = toys.openJob()) {
        assertThatThrownBy(() -> ToySolver.solve(job, ToyOp.join("top", step).edge()))
            .isInstanceOf(NotFound.class)
            .hasMessage("no such file")
            .satisfies(
                failure ->
                    assertThat(((BuildFailure) failure).fact(Fact.AtVertex.class))
                        .contains(new Fact.AtVertex(step.vertex().digest())));
        broken.set(false);
        assertThatThrownBy(() -> ToySolver.solve(job, step.edge()))
            .as("sticky within the job")
            .isInstanceOf(NotFound.class);

        assertThat(toys.solve(step)).as("another job tries again").isEqualTo("step(b)");
      }
      assertThat(step.executions).hasValue(2);
    }
  }

  @Test
  void aFailureStopsTheSiblings() {
    try (ToySolver toys = ToySolver.start()) {
      Gate gate = new Gate();
      AtomicBoolean stopped = new AtomicBoolean();
      ToyOp slow =
          ToyOp.constant("slow", "s")
              .executing(
                  _ -> {
                    try {
                      gate.pass();
                    } catch (InterruptedException interrupted) {
                      stopped.set(true);
                      throw interrupted;
                    }
                  });
      ToyOp failing =
          ToyOp.constant("failing", "f")
              .executing(
                  _ -> {
                    gate.awaitArrival();
                    throw new NotFound("nothing here");
                  });

      assertThatThrownBy(() -> toys.solve(ToyOp.join("both", slow, failing)))
          .hasMessage("nothing here");

      assertThat(stopped).isTrue();
    }
  }

  @Test
  void aFailingCacheMapOrContentKeyFailsTheBuildWithItsPlace() {
    try (ToySolver toys = ToySolver.start()) {
      ToyOp source =
          ToyOp.constant("source", "s")
              .mapping(
                  _ -> {
                    throw new NotFound("no manifest");
                  });
      assertThatThrownBy(() -> toys.solve(ToyOp.join("top", source)))
          .hasMessage("failed to load cache key: no manifest");

      ToyOp copy =
          ToyOp.join("copy", ToyOp.constant("context", "c"))
              .byContentOf(0)
              .readingContent(
                  _ -> {
                    throw new NotFound("\"/missing\": not found");
                  });
      assertThatThrownBy(() -> toys.solve(copy))
          .hasMessage("failed to compute cache key: \"/missing\": not found");
    }
  }

  @Test
  void leavingCancelsWorkThatNobodyElseWants() {
    try (ToySolver toys = ToySolver.start();
        TaskScope scope = TaskScope.open("test")) {
      Gate gate = new Gate();
      AtomicInteger ended = new AtomicInteger();
      ToyOp slow = ToyOp.constant("slow", "s").executing(_ -> gate.passCounting(ended));
      Job<ToyOp, ToyResult> job = toys.openJob();
      TaskScope.Forked<Boolean> solving =
          scope.fork(() -> ignoringCancellation(() -> ToySolver.solve(job, slow.edge())));
      gate.awaitArrival();

      job.close();

      assertThat(ended).as("the evaluation has ended when the job is closed").hasValue(1);
      assertThat(solving.result()).isTrue();
      assertThat(toys.results.openHolds).hasValue(0);
      assertThat(toys.solver.findJob(job.id())).isEmpty();
    }
  }

  @Test
  void leavingDoesNotDisturbThoseWhoStay() {
    try (ToySolver toys = ToySolver.start();
        TaskScope scope = TaskScope.open("test")) {
      Gate gate = new Gate();
      ToyOp slow = ToyOp.constant("slow", "s").executing(_ -> gate.pass());
      Job<ToyOp, ToyResult> leaving = toys.openJob();
      TaskScope.Forked<Boolean> first =
          scope.fork(() -> ignoringCancellation(() -> ToySolver.solve(leaving, slow.edge())));
      gate.awaitArrival();
      try (Job<ToyOp, ToyResult> staying = toys.openJob(new ToySolver.Events())) {
        TaskScope.Forked<String> second =
            scope.fork(() -> ToySolver.solve(staying, ToyOp.join("top", slow).edge()));
        slow.awaitJobs(2);

        leaving.close();
        gate.open();

        assertThat(first.result()).isTrue();
        assertThat(second.result()).isEqualTo("top(s)");
      }
      assertThat(slow.executions).hasValue(1);
    }
  }

  @Test
  void workThatFailedWithTheJobItLeanedOnRunsAgainForTheOthers() {
    try (ToySolver toys = ToySolver.start();
        TaskScope scope = TaskScope.open("test")) {
      Gate gate = new Gate();
      AtomicInteger runs = new AtomicInteger();
      ToyOp transfer =
          ToyOp.constant("transfer", "t")
              .executing(
                  _ -> {
                    if (runs.incrementAndGet() == 1) {
                      gate.pass();
                      throw new Cancelled("the session of the first client is gone");
                    }
                  });
      Job<ToyOp, ToyResult> leaving = toys.openJob();
      scope.fork(() -> ignoringCancellation(() -> ToySolver.solve(leaving, transfer.edge())));
      gate.awaitArrival();
      try (Job<ToyOp, ToyResult> staying = toys.openJob()) {
        TaskScope.Forked<String> second =
            scope.fork(() -> ToySolver.solve(staying, transfer.edge()));
        transfer.awaitJobs(2);

        leaving.close();
        gate.open();

        assertThat(second.result()).isEqualTo("t");
      }
      assertThat(runs).hasValue(2);
    }
  }

  @Test
  void interruptingARequestCancelsItsWorkAndTheJobGoesOn() {
    try (ToySolver toys = ToySolver.start();
        TaskScope scope = TaskScope.open("test");
        Job<ToyOp, ToyResult> job = toys.openJob()) {
      Gate gate = new Gate();
      ToyOp slow = ToyOp.constant("slow", "s").executing(_ -> gate.pass());
      TaskScope.Forked<Boolean> solving =
          scope.fork(() -> ignoringCancellation(() -> ToySolver.solve(job, slow.edge())));
      gate.awaitArrival();

      solving.interrupt();

      assertThat(solving.result()).isTrue();
      gate.open();
      assertThat(ToySolver.solve(job, slow.edge())).as("cancelling is not failing").isEqualTo("s");
    }
  }

  @Test
  void aBuildWithinABuildIsSharedAndEndsWithItsParent() {
    try (ToySolver toys = ToySolver.start();
        TaskScope scope = TaskScope.open("test")) {
      Gate gate = new Gate();
      AtomicInteger ended = new AtomicInteger();
      ToyOp inner = ToyOp.constant("inner", "i").executing(_ -> gate.passCounting(ended));
      ToyOp outer = ToyOp.within("outer", ToyOp.join("inner top", inner).edge());
      Job<ToyOp, ToyResult> job = toys.openJob();
      TaskScope.Forked<Boolean> solving =
          scope.fork(() -> ignoringCancellation(() -> ToySolver.solve(job, outer.edge())));
      gate.awaitArrival();

      job.close();
      assertThat(ended).hasValue(1);
      assertThat(solving.result()).isTrue();

      gate.open();
      assertThat(toys.solve(ToyOp.join("top", outer))).isEqualTo("top(inner top(i))");
    }
  }

  @Test
  void aBuildThatContainsItselfIsRefused() {
    try (ToySolver toys = ToySolver.start()) {
      ToyOp placeholder = ToyOp.constant("placeholder", "p");
      ToyOp outer = ToyOp.within("outer", placeholder.edge());
      outer.inner = java.util.Optional.of(ToyOp.join("around", outer).edge());

      assertThatThrownBy(() -> toys.solve(outer)).hasMessageContaining("depends on itself");
    }
  }

  @Test
  void twoJobsOfOneIdAreRefused() {
    try (ToySolver toys = ToySolver.start();
        Job<ToyOp, ToyResult> job = toys.solver.openJob(new JobId("a"), ProgressSink.none())) {
      assertThatThrownBy(() -> toys.solver.openJob(new JobId("a"), ProgressSink.none()))
          .isInstanceOf(AlreadyExists.class);
      assertThat(toys.solver.findJob(new JobId("a"))).contains(job);
    }
  }

  @Test
  void closingTheSolverEndsEveryJob() {
    try (TaskScope scope = TaskScope.open("test")) {
      Gate gate = new Gate();
      ToySolver toys = ToySolver.start();
      Job<ToyOp, ToyResult> job = toys.openJob();
      TaskScope.Forked<Boolean> solving =
          scope.fork(
              () ->
                  ignoringCancellation(
                      () ->
                          ToySolver.solve(
                              job,
                              ToyOp.constant("slow", "s").executing(_ -> gate.pass()).edge())));
      gate.awaitArrival();

      toys.close();

      assertThat(solving.result()).isTrue();
    }
  }

  @Test
  void stepsAreBoundedAndOtherWorkIsNot() {
    try (ToySolver toys = ToySolver.start(new SolverLimits(2, 1))) {
      AtomicInteger running = new AtomicInteger();
      AtomicInteger most = new AtomicInteger();
      ToyOp all = ToyOp.join("all");
      for (int i = 0; i < 12; i++) {
        all.on(
            ToyOp.constant("step" + i, "s")
                .executing(
                    _ -> {
                      most.accumulateAndGet(running.incrementAndGet(), Math::max);
                      Thread.yield();
                      running.decrementAndGet();
                    })
                .edge());
      }
      toys.solve(all);
      assertThat(most.get()).isLessThanOrEqualTo(2);

      CountDownLatch together = new CountDownLatch(5);
      ToyOp free = ToyOp.join("free");
      for (int i = 0; i < 5; i++) {
        free.on(
            ToyOp.constant("free" + i, "f")
                .taking(Evaluator.Resource.UNBOUNDED)
                .executing(
                    _ -> {
                      together.countDown();
                      together.await();
                    })
                .edge());
      }
      assertThat(toys.solve(free)).isEqualTo("free(f,f,f,f,f)");
    }
  }

  private static void awaitDecision(Job<ToyOp, ToyResult> job, CacheDecision.Outcome outcome) {
    while (job.decisions().stream().noneMatch(decision -> decision.outcome() == outcome)) {
      Thread.onSpinWait();
    }
  }

  private static boolean ignoringCancellation(Runnable solve) {
    try {
      solve.run();
      return false;
    } catch (Cancelled expected) {
      return true;
    }
  }

  /// Work waits here until the test lets it go on.
  static final class Gate {
    private final CountDownLatch arrived = new CountDownLatch(1);
    private final CountDownLatch open = new CountDownLatch(1);

    void pass() throws InterruptedException {
      arrived.countDown();
      open.await();
    }

    void passCounting(AtomicInteger ended) throws InterruptedException {
      try {
        pass();
      } finally {
        ended.incrementAndGet();
      }
    }

    void awaitArrival() {
      try {
        arrived.await();
      } catch (InterruptedException interrupted) {
        throw new IllegalStateException(interrupted);
      }
    }

    void open() {
      open.countDown();
    }
  }
}
