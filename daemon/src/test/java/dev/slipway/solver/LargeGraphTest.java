package dev.slipway.solver;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.progress.ProgressSink;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Sizes and speeds. The bounds are wide, for slow machines; the figures are printed.
@Timeout(400)
class LargeGraphTest {
  @Test
  void thousandsOfVerticesInARowResolve() {
    try (ToySolver toys = ToySolver.start(SolverLimits.unlimited())) {
      ToyOp top = chain(3_000);

      long started = System.nanoTime();
      solve(toys, top);
      long first = System.nanoTime();
      solve(toys, top);

      System.out.printf(
          "chain of 3,000: first %d ms, again %d ms%n",
          millis(first - started), millis(System.nanoTime() - first));
      assertThat(top.executions).hasValue(1);
      assertThat(toys.results.loads).hasValue(1);
    }
  }

  @Test
  void hundredsOfInputsOfOneVertexResolve() {
    try (ToySolver toys = ToySolver.start(SolverLimits.unlimited())) {
      ToyOp base = ToyOp.constant("base", "b");
      ToyOp top = ToyOp.join("top").giving("t");
      for (int number = 0; number < 400; number++) {
        top.on(ToyOp.join("step" + number, base).giving("s").edge());
      }

      long started = System.nanoTime();
      solve(toys, top);
      long first = System.nanoTime();
      solve(toys, top);

      System.out.printf(
          "400 side by side: first %d ms, again %d ms%n",
          millis(first - started), millis(System.nanoTime() - first));
      assertThat(base.executions).hasValue(1);
      assertThat(toys.results.loads).hasValue(1);
    }
  }

  @Test
  void aTreeOfTenThousandVerticesResolves() {
    try (ToySolver toys = ToySolver.start(SolverLimits.unlimited())) {
      List<Vertex.Edge<ToyOp>> level = new ArrayList<>();
      for (int number = 0; number < 7_500; number++) {
        level.add(ToyOp.constant("leaf" + number, "v").edge());
      }
      int made = level.size();
      while (level.size() > 1) {
        List<Vertex.Edge<ToyOp>> next = new ArrayList<>();
        for (int from = 0; from < level.size(); from += 4) {
          ToyOp op = ToyOp.join("node" + made++).giving("v");
          level.subList(from, Math.min(from + 4, level.size())).forEach(op::on);
          next.add(op.edge());
        }
        level = next;
      }
      ToyOp top = level.getFirst().vertex().payload();

      assertThat(solve(toys, top)).isEqualTo("v");
      assertThat(solve(toys, top)).isEqualTo("v");
      assertThat(toys.results.loads).hasValue(1);
      assertThat(made).isGreaterThan(9_990);
    }
  }

  @Test
  void diamondsDoNotMultiply() {
    try (ToySolver toys = ToySolver.start(SolverLimits.unlimited())) {
      ToyOp top = ToyOp.constant("base", "b");
      for (int number = 0; number < 60; number++) {
        Vertex.Edge<ToyOp> below = top.edge();
        top = ToyOp.join("diamond" + number).on(below).on(below).giving("d" + number);
      }

      assertThat(solve(toys, top)).isEqualTo("d59");
      assertThat(solve(toys, top)).isEqualTo("d59");
      assertThat(toys.results.loads).hasValue(1);
    }
  }

  @Test
  void anUnchangedChainOfTwentyTakesMilliseconds() {
    try (ToySolver toys = ToySolver.start(SolverLimits.unlimited())) {
      ToyOp top = chain(20);
      solve(toys, top);
      long[] nanos = new long[300];
      for (int round = 0; round < nanos.length; round++) {
        long started = System.nanoTime();
        solve(toys, top);
        nanos[round] = System.nanoTime() - started;
      }

      Arrays.sort(nanos);
      System.out.printf(
          "20 steps unchanged: median %d us, best %d us%n",
          nanos[nanos.length / 2] / 1_000, nanos[0] / 1_000);
      assertThat(nanos[nanos.length / 2]).isLessThan(100_000_000L);
    }
  }

  private static ToyOp chain(int length) {
    ToyOp top = ToyOp.constant("base", "b");
    List<Vertex.Edge<ToyOp>> below = new ArrayList<>(List.of(top.edge()));
    for (int number = 1; number < length; number++) {
      top = ToyOp.join("step" + number).on(below.getLast()).giving("s" + number);
      below.add(top.edge());
    }
    return top;
  }

  private static String solve(ToySolver toys, ToyOp op) {
    try (Job<ToyOp, ToyResult> job = toys.openJob(ProgressSink.none())) {
      return ToySolver.solve(job, op.edge());
    }
  }

  private static long millis(long nanos) {
    return nanos / 1_000_000;
  }
}
