package dev.slipway.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.app.Rehearsal.Plan;
import dev.slipway.app.Rehearsal.Stage;
import dev.slipway.failure.Unavailable;
import dev.slipway.task.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class RehearsalTest {
  private static final Duration LONG = Duration.ofHours(1);
  private static final Duration MOMENT = Duration.ofMillis(1);

  private final BuildWatch watch = new BuildWatch();
  private final Theatre theatre = new Theatre();

  @Test
  void buildsAsOftenAsPlannedAndTakesTheStageDown() throws Exception {
    try (Rehearsal rehearsal = start(new Plan(3, MOMENT, LONG))) {
      theatre.awaitClosed();

      assertThat(theatre.events)
          .containsExactly("clear", "open", "build 0", "build 1", "build 2", "close");
      assertThat(rehearsal).isNotNull();
    }
  }

  @Test
  void makesWayForABuildAndGoesOnWhenThatHasEnded() throws Exception {
    theatre.onBuild =
        number -> {
          if (theatre.opened() == 1 && number == 1) {
            watch.begin();
            Clock.system().sleep(LONG);
          }
        };
    try (Rehearsal rehearsal = start(new Plan(3, MOMENT, LONG))) {
      theatre.awaitClosed();
      assertThat(theatre.events).containsExactly("clear", "open", "build 0", "build 1", "close");

      watch.end();
      theatre.awaitClosed();

      assertThat(theatre.events.subList(5, theatre.events.size()))
          .containsExactly("open", "build 0", "build 1", "close");
      assertThat(rehearsal).isNotNull();
    }
  }

  @Test
  void aFailureEndsIt() throws Exception {
    theatre.onBuild =
        number -> {
          throw new Unavailable("no disk");
        };
    try (Rehearsal rehearsal = start(new Plan(3, MOMENT, LONG))) {
      theatre.awaitClosed();
      assertThat(rehearsal).isNotNull();
    }

    assertThat(theatre.events).containsExactly("clear", "open", "build 0", "close");
  }

  @Test
  void whereNothingIsPlannedOnlyLeftOversAreRemoved() throws Exception {
    Rehearsal rehearsal = start(Plan.NOTHING);
    theatre.cleared.await();

    rehearsal.close();

    assertThat(theatre.events).containsExactly("clear");
  }

  @Test
  void stoppingEndsABuildAndWaitsForTheStage() throws Exception {
    theatre.onBuild = number -> Clock.system().sleep(LONG);
    Rehearsal rehearsal = start(new Plan(3, MOMENT, LONG));
    theatre.building.take();

    rehearsal.close();

    assertThat(theatre.events).containsExactly("clear", "open", "build 0", "close");
  }

  @Test
  void stoppingEndsTheWaitForQuiet() {
    watch.begin();

    start(new Plan(3, LONG, LONG)).close();

    assertThat(theatre.events).doesNotContain("open");
  }

  @Test
  void takesNoMoreThanItsTime() throws Exception {
    theatre.onBuild = number -> Clock.system().sleep(LONG);
    try (Rehearsal rehearsal = start(new Plan(3, MOMENT, Duration.ofMillis(20)))) {
      theatre.awaitClosed();
      assertThat(rehearsal).isNotNull();
    }

    assertThat(theatre.opened()).isEqualTo(1);
    assertThat(theatre.events).endsWith("close");
  }

  private Rehearsal start(Plan plan) {
    return Rehearsal.start(plan, watch, theatre, Clock.system());
  }

  @FunctionalInterface
  private interface OnBuild {
    void build(int number);
  }

  /// Notes what happens.
  private static final class Theatre implements Rehearsal.Theatre {
    final List<String> events = Collections.synchronizedList(new ArrayList<>());
    final CountDownLatch cleared = new CountDownLatch(1);
    final BlockingQueue<Integer> building = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> closed = new LinkedBlockingQueue<>();
    volatile OnBuild onBuild = number -> {};

    int opened() {
      return Collections.frequency(List.copyOf(events), "open");
    }

    void awaitClosed() throws InterruptedException {
      closed.take();
    }

    @Override
    public void clear() {
      events.add("clear");
      cleared.countDown();
    }

    @Override
    public Stage open() {
      events.add("open");
      return new Stage() {
        @Override
        public void build(int number) {
          events.add("build " + number);
          building.add(number);
          onBuild.build(number);
        }

        @Override
        public void close() {
          events.add("close");
          closed.add("closed");
        }
      };
    }
  }
}
