package dev.slipway.history;

import dev.slipway.failure.Exhausted;
import dev.slipway.task.Interruption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/// Hears of builds: first what is there, then the news. One reader; news come from any thread.
/// Guarded by its monitor. Owner closes.
public final class HistoryListener implements AutoCloseable {
  /// News that may wait for a reader; one that falls further behind is cut off.
  private static final int WAITING = 4096;

  private final HistoryQuery query;
  private final Deque<HistoryEvent> events = new ArrayDeque<>();
  private final Runnable onClose;
  private boolean over;
  private boolean overrun;

  HistoryListener(HistoryQuery query, Runnable onClose) {
    this.query = query;
    this.onClose = onClose;
  }

  HistoryQuery query() {
    return query;
  }

  /// Says what is there, in front of the news.
  synchronized void start(List<HistoryEvent> there) {
    there.reversed().forEach(events::addFirst);
    over |= query.once();
  }

  synchronized void tell(HistoryEvent event) {
    if (over || query.once() || !query.means(event.ref())) {
      return;
    }
    if (events.size() >= WAITING) {
      overrun = true;
      over = true;
    } else {
      events.add(event);
    }
    notifyAll();
  }

  /// There will be no more news.
  synchronized void end() {
    over = true;
    notifyAll();
  }

  /// Waits for the next event.
  ///
  /// @return empty when there will be no more
  /// @throws Exhausted the reader was too slow for the news
  public synchronized Optional<HistoryEvent> next() {
    try {
      while (events.isEmpty() && !over) {
        wait();
      }
    } catch (InterruptedException interrupted) {
      throw Interruption.cancelled(interrupted);
    }
    if (events.isEmpty() && overrun) {
      throw new Exhausted(
          "this listener of the build history is " + WAITING + " events behind; listen again");
    }
    return Optional.ofNullable(events.poll());
  }

  @Override
  public void close() {
    onClose.run();
  }
}
