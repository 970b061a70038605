package dev.slipway.solver;

import dev.slipway.solver.Evaluator.Resource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// Bounds how many executions run at once, by resource, and shares them out fairly: the jobs that
/// wait take turns, and within a job the first to come goes first. So a build of a thousand steps
/// does not hold up one of three. Confined to the loop.
final class ExecutionSlots {
  private final Map<Resource, Line> lines = new EnumMap<>(Resource.class);

  ExecutionSlots(SolverLimits limits) {
    for (Resource resource : Resource.values()) {
      lines.put(resource, new Line(limits.of(resource)));
    }
  }

  /// Runs `granted` as soon as there is a slot, maybe at once. Whoever was granted one calls
  /// [#release(Resource)].
  ///
  /// @param turn whose turn it takes: the oldest job that wants it
  Ticket request(Resource resource, Object turn, Runnable granted) {
    Ticket ticket = new Ticket(granted);
    Line line = line(resource);
    line.waiting.computeIfAbsent(turn, _ -> new ArrayDeque<>()).add(ticket);
    line.grant();
    return ticket;
  }

  void release(Resource resource) {
    Line line = line(resource);
    line.taken--;
    line.grant();
  }

  private Line line(Resource resource) {
    return Optional.ofNullable(lines.get(resource)).orElseThrow();
  }

  /// A place in the line.
  static final class Ticket {
    private final Runnable granted;
    private boolean isSettled;

    private Ticket(Runnable granted) {
      this.granted = granted;
    }

    /// Leaves the line.
    ///
    /// @return false when the slot was granted already
    boolean giveUp() {
      boolean waited = !isSettled;
      isSettled = true;
      return waited;
    }
  }

  private static final class Line {
    private final int slots;
    private final Map<Object, Deque<Ticket>> waiting = new LinkedHashMap<>();
    private int taken;

    Line(int slots) {
      this.slots = slots;
    }

    void grant() {
      while (taken < slots) {
        Optional<Ticket> next = next();
        if (next.isEmpty()) {
          return;
        }
        taken++;
        next.get().isSettled = true;
        next.get().granted.run();
      }
    }

    /// Takes the first of the job whose turn it is, and puts that job at the end.
    private Optional<Ticket> next() {
      while (!waiting.isEmpty()) {
        Map.Entry<Object, Deque<Ticket>> turn = waiting.entrySet().iterator().next();
        Deque<Ticket> tickets = turn.getValue();
        waiting.remove(turn.getKey());
        tickets.removeIf(ticket -> ticket.isSettled);
        if (!tickets.isEmpty()) {
          Ticket ticket = tickets.remove();
          if (!tickets.isEmpty()) {
            waiting.put(turn.getKey(), tickets);
          }
          return Optional.of(ticket);
        }
      }
      return Optional.empty();
    }
  }
}
