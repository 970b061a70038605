package dev.slipway.solver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.failure.Cancelled;
import dev.slipway.failure.NotFound;
import dev.slipway.oci.Digest;
import dev.slipway.progress.ProgressEvent;
import dev.slipway.progress.ProgressEvent.Logged;
import dev.slipway.progress.ProgressEvent.VertexChanged;
import dev.slipway.solver.SharingTest.Gate;
import dev.slipway.solver.ToySolver.Events;
import dev.slipway.task.TaskScope;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class EventsTest {
  @Test
  void aVertexIsAnnouncedStartedAndCompleted() {
    try (ToySolver toys = ToySolver.start()) {
      Events events = new Events();
      ToyOp base = ToyOp.constant("base", "b");
      ToyOp top = ToyOp.join("top", base);
      try (Job<ToyOp, ToyResult> job = toys.openJob(events)) {
        ToySolver.solve(job, top.edge());
      }

      assertThat(events.storyOf(top)).containsExactly("announced", "started", "completed");
      assertThat(events.storyOf(base))
          .as("its cache map, then its execution")
          .containsExactly("announced", "started", "completed", "started", "completed");
      VertexChanged announced = events.of(top).getFirst();
      assertThat(announced.inputs()).containsExactly(base.vertex().digest());
      assertThat(announced.name()).isEqualTo("top");
    }
  }

  @Test
  void aHitShowsAsCachedAndSoDoTheInputsThatWereNotNeeded() {
    try (ToySolver toys = ToySolver.start()) {
      ToyOp base = ToyOp.constant("base", "b");
      ToyOp middle = ToyOp.join("middle", base);
      ToyOp top = ToyOp.join("top", middle);
      toys.solve(top);
      Events events = new Events();
      try (Job<ToyOp, ToyResult> job = toys.openJob(events)) {
        ToySolver.solve(job, top.edge());
      }

      assertThat(events.storyOf(top)).containsExactly("announced", "started", "cached");
      assertThat(events.storyOf(middle)).containsExactly("announced", "cached");
      assertThat(indexOf(events, middle, "cached")).isLessThan(indexOf(events, top, "started"));
      VertexChanged skipped = events.of(middle).getLast();
      assertThat(skipped.started()).isEqualTo(skipped.completed());
    }
  }

  @Test
  void anUnhitStartsAgainWithoutAnError() {
    try (ToySolver toys = ToySolver.start()) {
      ToyOp top = ToyOp.join("top", ToyOp.constant("base", "b"));
      toys.solve(top);
      toys.results.breakLoads();
      Events events = new Events();
      try (Job<ToyOp, ToyResult> job = toys.openJob(events)) {
        ToySolver.solve(job, top.edge());
      }

      assertThat(events.storyOf(top))
          .containsExactly("announced", "started", "completed", "started", "completed");
    }
  }

  @Test
  void aFailureShowsAtItsVertexOnly() {
    try (ToySolver toys = ToySolver.start()) {
      Events events = new Events();
      ToyOp failing =
          ToyOp.join("failing", ToyOp.constant("base", "b"))
              .executing(
                  _ -> {
                    throw new NotFound("no such file");
                  });
      ToyOp top = ToyOp.join("top", failing);
      try (Job<ToyOp, ToyResult> job = toys.openJob(events)) {
        assertThatThrownBy(() -> ToySolver.solve(job, top.edge())).isInstanceOf(NotFound.class);
      }

      assertThat(events.storyOf(failing))
          .containsExactly("announced", "started", "failed: no such file");
      assertThat(events.storyOf(top)).containsExactly("announced");
    }
  }

  @Test
  void whatIsOpenWhenTheJobEndsIsClosedAsCancelled() {
    try (ToySolver toys = ToySolver.start();
        TaskScope scope = TaskScope.open("test")) {
      Gate gate = new Gate();
      ToyOp slow = ToyOp.join("slow", ToyOp.constant("base", "b")).executing(_ -> gate.pass());
      Events leavingEvents = new Events();
      Events stayingEvents = new Events();
      Job<ToyOp, ToyResult> leaving = toys.openJob(leavingEvents);
      Job<ToyOp, ToyResult> staying = toys.openJob(stayingEvents);
      scope.fork(() -> cancelled(leaving, slow));
      gate.awaitArrival();
      TaskScope.Forked<Boolean> other = scope.fork(() -> cancelled(staying, slow));
      slow.awaitJobs(2);

      leaving.close();
      int told = leavingEvents.all.size();
      assertThat(leavingEvents.storyOf(slow)).endsWith("failed: context canceled");

      gate.open();
      assertThat(other.result()).isFalse();
      staying.close();
      assertThat(stayingEvents.storyOf(slow)).containsExactly("announced", "started", "completed");
      assertThat(leavingEvents.all).as("nothing comes after the end").hasSize(told);
    }
  }

  @Test
  void whoeverJoinsLateIsToldEverythingFromTheStart() {
    try (ToySolver toys = ToySolver.start();
        TaskScope scope = TaskScope.open("test")) {
      Gate gate = new Gate();
      ToyOp slow = ToyOp.join("slow", ToyOp.constant("base", "b")).executing(_ -> gate.pass());
      Events early = new Events();
      Events late = new Events();
      try (Job<ToyOp, ToyResult> first = toys.openJob(early);
          Job<ToyOp, ToyResult> second = toys.openJob(late)) {
        TaskScope.Forked<String> one = scope.fork(() -> ToySolver.solve(first, slow.edge()));
        gate.awaitArrival();
        TaskScope.Forked<String> two = scope.fork(() -> ToySolver.solve(second, slow.edge()));
        slow.awaitJobs(2);
        gate.open();
        one.result();
        two.result();
      }

      assertThat(late.storyOf(slow)).containsExactly("announced", "started", "completed");
      assertThat(output(late, slow.vertex().digest())).containsExactly("run slow");
      assertThat(late.of(slow).get(1).started())
          .as("the time it really started")
          .isEqualTo(early.of(slow).get(1).started());
    }
  }

  @Test
  void aMergedVertexShowsTheWorkUnderItsOwnNameInAnotherJob() {
    try (ToySolver toys = ToySolver.start();
        TaskScope scope = TaskScope.open("test")) {
      Gate gate = new Gate();
      ToyOp slow =
          ToyOp.join("slow", ToyOp.constant("one", "i").keyedBy("image"))
              .keyedBy("run")
              .executing(_ -> gate.pass());
      ToyOp twin =
          ToyOp.join("twin", ToyOp.constant("two", "i").keyedBy("image"))
              .keyedBy("run")
              .executing(_ -> gate.pass());
      Events events = new Events();
      try (Job<ToyOp, ToyResult> first = toys.openJob();
          Job<ToyOp, ToyResult> second = toys.openJob(events)) {
        TaskScope.Forked<String> one = scope.fork(() -> ToySolver.solve(first, slow.edge()));
        gate.awaitArrival();
        TaskScope.Forked<String> two = scope.fork(() -> ToySolver.solve(second, twin.edge()));
        while (second.decisions().stream().noneMatch(decision -> decision.name().equals("twin"))) {
          Thread.onSpinWait();
        }
        gate.open();
        one.result();
        assertThat(two.result()).isEqualTo("slow(i)");
      }

      assertThat(events.storyOf(twin)).startsWith("announced").endsWith("completed");
      assertThat(events.all).noneMatch(event -> event.vertex().equals(slow.vertex().digest()));
    }
  }

  @Test
  void twinsOfOneJobShowTheWorkOnceAndTheOtherAsCached() {
    try (ToySolver toys = ToySolver.start()) {
      ToyOp one = ToyOp.join("one", ToyOp.constant("base", "b")).keyedBy("run");
      ToyOp two = ToyOp.join("two", ToyOp.constant("base", "b")).keyedBy("run");
      Events events = new Events();
      try (Job<ToyOp, ToyResult> job = toys.openJob(events)) {
        ToySolver.solve(job, ToyOp.join("top", one, two).edge());
      }

      assertThat(List.of(events.storyOf(one).getLast(), events.storyOf(two).getLast()))
          .containsExactlyInAnyOrder("completed", "cached");
      assertThat(
              events.all.stream()
                  .filter(Logged.class::isInstance)
                  .filter(event -> !event.vertex().equals(digestOf("top", events))))
          .hasSize(2);
    }
  }

  @Test
  void aBuildWithinABuildIsShownToo() {
    try (ToySolver toys = ToySolver.start()) {
      ToyOp inner = ToyOp.constant("inner", "i");
      ToyOp outer = ToyOp.within("outer", inner.edge());
      Events events = new Events();
      try (Job<ToyOp, ToyResult> job = toys.openJob(events)) {
        assertThat(ToySolver.solve(job, outer.edge())).isEqualTo("i");
      }

      assertThat(events.storyOf(inner)).startsWith("announced").endsWith("completed");
    }
  }

  private static Digest digestOf(String name, Events events) {
    return events.all.stream()
        .filter(event -> event instanceof VertexChanged change && change.name().equals(name))
        .findFirst()
        .map(ProgressEvent::vertex)
        .orElseThrow();
  }

  private static List<String> output(Events events, Digest vertex) {
    return events.all.stream()
        .filter(event -> event instanceof Logged && event.vertex().equals(vertex))
        .map(event -> new String(((Logged) event).data(), StandardCharsets.UTF_8))
        .toList();
  }

  private static int indexOf(Events events, ToyOp op, String what) {
    VertexChanged change = events.of(op).get(events.storyOf(op).indexOf(what));
    return events.all.indexOf(change);
  }

  private static boolean cancelled(Job<ToyOp, ToyResult> job, ToyOp op) {
    try {
      ToySolver.solve(job, op.edge());
      return false;
    } catch (Cancelled expected) {
      return true;
    }
  }
}
