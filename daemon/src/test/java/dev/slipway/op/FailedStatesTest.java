package dev.slipway.op;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.Fact.SolveInputs;
import dev.slipway.failure.NotFound;
import dev.slipway.failure.WrongState;
import dev.slipway.ref.ImmutableRef;
import dev.slipway.ref.testing.RefStoreFixture;
import dev.slipway.solver.JobId;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@SuppressWarnings("NullAway.Init")
class FailedStatesTest {
  private static final JobId MINE = new JobId("mine");
  private static final JobId OTHER = new JobId("other");

  @TempDir Path folder;
  private RefStoreFixture refs;
  private final FailedStates states = new FailedStates();

  @BeforeEach
  void open() {
    refs = new RefStoreFixture(folder);
  }

  @AfterEach
  void close() {
    refs.close();
  }

  @Test
  void keepsATreeForTheBuildInWhichItFailedAndForNoOther() {
    try (FailedStates.Keeping _ = states.open(MINE);
        FailedStates.Keeping _ = states.open(OTHER)) {
      String id;
      try (ImmutableRef tree = refs.step(Optional.empty(), "f=what was left")) {
        id = states.keep(List.of(MINE), Optional.of(tree));
      }

      try (RefResult found = states.find(MINE, id).orElseThrow()) {
        assertThat(refs.files(found.ref().orElseThrow())).containsEntry("f", "what was left");
      }
      assertThat(states.find(OTHER, id)).isEmpty();
      assertThat(states.find(MINE, "another")).isEmpty();
    }
  }

  @Test
  void givesTheTreesUpWhenTheBuildEnds() {
    FailedStates.Keeping keeping = states.open(MINE);
    String id;
    try (ImmutableRef tree = refs.step(Optional.empty(), "f=x")) {
      id = states.keep(List.of(MINE), Optional.of(tree));
    }

    keeping.close();

    assertThat(states.find(MINE, id)).isEmpty();
  }

  @Test
  void keepsNothingForABuildThatHasEnded() {
    try (ImmutableRef tree = refs.step(Optional.empty(), "f=x")) {
      assertThat(states.keep(List.of(MINE), Optional.of(tree))).isEmpty();
    }
  }

  @Test
  void anEmptyTreeHasNoName() {
    try (FailedStates.Keeping _ = states.open(MINE)) {
      assertThat(states.keep(List.of(MINE), Optional.empty())).isEmpty();
    }
  }

  @Test
  void whatWentWrongFirstCountsWhenItsStatesAreLost() {
    BuildFailure failure = new NotFound("no such file");
    WrongState lost = new WrongState("disk full");

    BuildFailure told =
        FailedStates.added(
            failure,
            () -> {
              throw lost;
            });

    assertThat(told).hasMessage("no such file").hasSuppressedException(lost);
    assertThat(told.fact(SolveInputs.class)).isEmpty();
  }
}
