package dev.slipway.solver;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.failure.Cancelled;
import dev.slipway.failure.NotFound;
import dev.slipway.solver.RandomGraph.Traits;
import dev.slipway.task.TaskScope;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Eight jobs at a time on real threads, some of which leave in the middle.
class ConcurrentJobsTest {
  private static final int ROUNDS = Integer.getInteger("slipway.rounds", 60);
  private static final int JOBS = 8;

  @Test
  @Timeout(240)
  void concurrentJobsGetTheSequentialResultsAndLeaveNothing() {
    for (int round = 0; round < ROUNDS; round++) {
      SplittableRandom random = new SplittableRandom(round);
      RandomGraph graph =
          new RandomGraph(random, 4 + random.nextInt(30), new Traits(true, true, true));
      try (ToySolver toys = ToySolver.start(new SolverLimits(3, 1));
          TaskScope scope = TaskScope.open("jobs")) {
        for (int number = 0; number < JOBS; number++) {
          SplittableRandom own = random.split();
          scope.fork(() -> solveSome(toys, graph, own));
        }
        scope.join();
      } catch (AssertionError | RuntimeException failure) {
        throw new AssertionError("round " + round + ": " + failure.getMessage(), failure);
      }
    }
  }

  @Test
  @Timeout(240)
  void concurrentJobsRunEachStepOnce() {
    for (int round = 0; round < ROUNDS; round++) {
      SplittableRandom random = new SplittableRandom(round);
      RandomGraph graph =
          new RandomGraph(random, 4 + random.nextInt(30), new Traits(false, false, false));
      try (ToySolver toys = ToySolver.start(new SolverLimits(3, 1));
          TaskScope scope = TaskScope.open("jobs")) {
        for (int number = 0; number < JOBS; number++) {
          SplittableRandom own = random.split();
          scope.fork(
              () -> {
                Vertex.Edge<ToyOp> edge = graph.anyEdge(own);
                assertThat(Optional.of(toys.solve(edge))).isEqualTo(graph.expected(edge));
                return true;
              });
        }
        scope.join();
      }
      for (ToyOp op : graph.ops) {
        assertThat(op.completions.get())
            .as("round %d: executions of %s", round, op.name)
            .isLessThanOrEqualTo(1);
      }
    }
  }

  private static boolean solveSome(ToySolver toys, RandomGraph graph, SplittableRandom random) {
    for (int job = 0; job < 3; job++) {
      Job<ToyOp, ToyResult> open = toys.openJob();
      try (TaskScope leaving = TaskScope.open("leaving")) {
        boolean leaves = random.nextInt(4) == 0;
        if (leaves) {
          int pause = random.nextInt(200);
          leaving.forkAction(
              () -> {
                for (int turn = 0; turn < pause; turn++) {
                  Thread.yield();
                }
                open.close();
              });
        }
        for (int request = 0; request < 3; request++) {
          Vertex.Edge<ToyOp> edge = graph.anyEdge(random);
          try {
            assertThat(Optional.of(ToySolver.solve(open, edge))).isEqualTo(graph.expected(edge));
          } catch (Cancelled left) {
            assertThat(leaves).isTrue();
          } catch (NotFound broken) {
            assertThat(graph.expected(edge)).isEmpty();
          }
        }
      } finally {
        open.close();
      }
    }
    return true;
  }
}
