package dev.slipway.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.failure.Cancelled;
import dev.slipway.failure.Unavailable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class TaskScopeTest {
  private static void awaitFailure(TaskScope scope) throws InterruptedException {
    while (scope.failure().isEmpty()) {
      Thread.sleep(1);
    }
  }

  @Test
  void resultsOfAllTasksAreThereAfterTheJoin() {
    try (var scope = TaskScope.open("add")) {
      var one = scope.fork(() -> 1);
      var two = scope.fork(() -> 2);
      scope.join();
      assertThat(one.result() + two.result()).isEqualTo(3);
    }
  }

  @Test
  void joinThrowsTheFirstFailureAndInterruptsTheOthers() throws Exception {
    var interrupted = new AtomicBoolean();
    try (var scope = TaskScope.open("fetch")) {
      var waiting = new CountDownLatch(1);
      scope.forkAction(
          () -> {
            waiting.countDown();
            try {
              new CountDownLatch(1).await();
            } catch (InterruptedException asked) {
              interrupted.set(true);
              throw asked;
            }
          });
      waiting.await();
      scope.forkAction(
          () -> {
            throw new Unavailable("registry is down");
          });
      assertThatThrownBy(scope::join)
          .isInstanceOf(Unavailable.class)
          .hasMessage("registry is down");
    }
    assertThat(interrupted).isTrue();
  }

  @Test
  void forkAfterAFailureStartsNothingAndLeavesTheFailureToTheJoin() throws Exception {
    var started = new AtomicInteger();
    try (var scope = TaskScope.open("fetch")) {
      scope.forkAction(
          () -> {
            throw new Unavailable("registry is down");
          });
      awaitFailure(scope);
      var late = scope.fork(started::incrementAndGet);
      assertThatThrownBy(scope::join).isInstanceOf(Unavailable.class);
      assertThatThrownBy(late::result).isInstanceOf(Cancelled.class);
    }
    assertThat(started).hasValue(0);
  }

  @Test
  void closeWaitsForTasksThatStillRunAndEndsTheScope() {
    var ended = new AtomicBoolean();
    var scope = TaskScope.open("work");
    scope.forkAction(
        () -> {
          try {
            new CountDownLatch(1).await();
          } finally {
            ended.set(true);
          }
        });
    scope.close();
    assertThat(ended).isTrue();
    assertThatThrownBy(() -> scope.fork(() -> 1))
        .isInstanceOf(Cancelled.class)
        .hasMessageContaining("the scope has ended");
  }
}
