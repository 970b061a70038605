package dev.slipway.solver;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.solver.Evaluator.Resource;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ExecutionSlotsTest {
  private final ExecutionSlots slots = new ExecutionSlots(new SolverLimits(1, 1));
  private final List<String> granted = new ArrayList<>();

  @Test
  void jobsTakeTurnsAndWithinAJobTheFirstGoesFirst() {
    for (String step : List.of("a1", "a2", "a3", "b1", "b2", "c1")) {
      slots.request(Resource.STEP, step.substring(0, 1), () -> granted.add(step));
    }
    for (int end = 0; end < 5; end++) {
      slots.release(Resource.STEP);
    }

    assertThat(granted).containsExactly("a1", "a2", "b1", "c1", "a3", "b2");
  }

  @Test
  void whoeverGivesUpIsPassedOver() {
    slots.request(Resource.STEP, "a", () -> granted.add("a1"));
    ExecutionSlots.Ticket leaving = slots.request(Resource.STEP, "a", () -> granted.add("a2"));
    slots.request(Resource.STEP, "a", () -> granted.add("a3"));

    assertThat(leaving.giveUp()).isTrue();
    slots.release(Resource.STEP);

    assertThat(granted).containsExactly("a1", "a3");
    assertThat(leaving.giveUp()).isFalse();
  }

  @Test
  void resourcesDoNotWaitForEachOther() {
    slots.request(Resource.STEP, "a", () -> granted.add("step"));
    slots.request(Resource.STEP, "a", () -> granted.add("second step"));
    slots.request(Resource.EMULATED_STEP, "a", () -> granted.add("emulated"));
    slots.request(Resource.UNBOUNDED, "a", () -> granted.add("free"));
    slots.request(Resource.UNBOUNDED, "a", () -> granted.add("free too"));

    assertThat(granted).containsExactly("step", "emulated", "free", "free too");
  }
}
