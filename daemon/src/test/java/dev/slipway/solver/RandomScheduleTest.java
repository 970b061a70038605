package dev.slipway.solver;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.failure.Cancelled;
import dev.slipway.failure.NotFound;
import dev.slipway.progress.ProgressSink;
import dev.slipway.solver.Job.Solved;
import dev.slipway.solver.RandomGraph.Traits;
import dev.slipway.task.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/// Hundreds of graphs under as many schedules. A failure names the seed that shows it again.
class RandomScheduleTest {
  private static final long FIRST_SEED = Long.getLong("slipway.seed", 1);
  private static final int SEEDS = Integer.getInteger("slipway.seeds", 500);

  @Test
  void everyScheduleGivesTheSequentialResultAndRunsNoStepTwice() {
    for (long seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
      try {
        RandomGraph graph = solveAll(seed, new Traits(false, false, false), false);
        for (ToyOp op : graph.ops) {
          assertThat(op.executions.get()).as("executions of %s", op.name).isLessThanOrEqualTo(1);
        }
      } catch (AssertionError | RuntimeException failure) {
        throw new AssertionError("seed " + seed + ": " + failure.getMessage(), failure);
      }
    }
  }

  @Test
  void failuresForcedWorkAndDeparturesLeaveNothingBehind() {
    for (long seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
      try {
        solveAll(seed, new Traits(true, true, true), true);
      } catch (AssertionError | RuntimeException failure) {
        throw new AssertionError("seed " + seed + ": " + failure.getMessage(), failure);
      }
    }
  }

  /// Results that were found are lost by those who need them, at any moment: no build fails of it.
  @Test
  void lostResultsAreMadeAgain() {
    for (long seed = FIRST_SEED; seed < FIRST_SEED + SEEDS / 2; seed++) {
      try {
        solveAll(seed, new Traits(true, false, seed % 2 == 0), seed % 3 == 0, true);
      } catch (AssertionError | RuntimeException failure) {
        throw new AssertionError("seed " + seed + ": " + failure.getMessage(), failure);
      }
    }
  }

  private static RandomGraph solveAll(long seed, Traits traits, boolean departures) {
    return solveAll(seed, traits, departures, false);
  }

  private static RandomGraph solveAll(
      long seed, Traits traits, boolean departures, boolean losses) {
    RandomGenerator random = new SplittableRandom(seed);
    RandomGraph definition = new RandomGraph(random, 3 + random.nextInt(22), traits);
    SeededSchedule schedule = new SeededSchedule(random);
    try (ToySolver toys = ToySolver.start(schedule, new SolverLimits(1 + random.nextInt(3), 1))) {
      Graph<ToyOp, ToyResult> graph = toys.solver.graph();
      for (int round = 0; round < 3; round++) {
        List<Run> runs = new ArrayList<>();
        for (int number = 0; number < 1 + random.nextInt(8); number++) {
          Run run = new Run(graph, new JobId("job " + round + "/" + number), number);
          for (int request = 0; request < 1 + random.nextInt(3); request++) {
            run.request(definition.anyEdge(random));
          }
          runs.add(run);
        }
        int patience = departures ? random.nextInt(60) : Integer.MAX_VALUE;
        while (schedule.step()) {
          patience--;
          if (patience == 0 && runs.size() > 1) {
            runs.get(random.nextInt(runs.size())).leave();
            patience = random.nextInt(60);
          }
          if (departures && random.nextInt(200) == 0 && round == 1) {
            toys.results.breakLoads();
          }
          if (losses && random.nextInt(40) == 0) {
            toys.results.hollowOut();
          }
        }
        for (Run run : runs) {
          run.check(definition);
          run.leave();
        }
        while (schedule.step()) {}
        runs.forEach(run -> assertThat(run.isClosed).isTrue());
      }
    }
    return definition;
  }

  /// A job without a thread of its own.
  private static final class Run {
    private final Graph<ToyOp, ToyResult> graph;
    private final GraphJob<ToyOp, ToyResult> job;
    private final List<Asked> asked = new ArrayList<>();
    private boolean isLeaving;
    private boolean isClosed;

    Run(Graph<ToyOp, ToyResult> graph, JobId id, long number) {
      this.graph = graph;
      this.job = new GraphJob<>(id, number, new JobView(ProgressSink.none(), Clock.system()));
    }

    void request(Vertex.Edge<ToyOp> edge) {
      Asked question = new Asked(edge);
      asked.add(question);
      graph.post(
          () ->
              graph
                  .request(job, edge, outcome -> question.answer = Optional.of(outcome))
                  .watching()
                  .forEach(Graph.Watching::begin));
    }

    void leave() {
      if (!isLeaving) {
        isLeaving = true;
        graph.post(
            () ->
                graph.discard(
                    job,
                    () -> {
                      job.view().close();
                      isClosed = true;
                    }));
      }
    }

    void check(RandomGraph definition) {
      for (Asked question : asked) {
        switch (question.answer.orElseThrow(
            () -> new AssertionError("never answered: " + question.edge.vertex().payload().name))) {
          case Outcome.Done<Solved<ToyResult>>(Solved<ToyResult> solved) -> {
            assertThat(Optional.of(solved.result().value()))
                .isEqualTo(definition.expected(question.edge));
            solved.close();
          }
          case Outcome.Broke<Solved<ToyResult>>(Cancelled _) -> assertThat(isLeaving).isTrue();
          case Outcome.Broke<Solved<ToyResult>>(NotFound _) ->
              assertThat(definition.expected(question.edge)).isEmpty();
          case Outcome.Broke<Solved<ToyResult>>(Throwable bug) -> throw new AssertionError(bug);
        }
      }
    }
  }

  private static final class Asked {
    private final Vertex.Edge<ToyOp> edge;
    private Optional<Outcome<Solved<ToyResult>>> answer = Optional.empty();

    Asked(Vertex.Edge<ToyOp> edge) {
      this.edge = edge;
    }
  }
}
