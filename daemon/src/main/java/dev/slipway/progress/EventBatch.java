package dev.slipway.progress;

import dev.slipway.oci.Digest;
import dev.slipway.progress.ProgressEvent.StatusChanged;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The events of one read. Of the states of one item only the latest is kept. Not thread-safe.
final class EventBatch {
  private final Map<Object, Placed> events = new LinkedHashMap<>();
  private final Map<Digest, Instant> latest = new HashMap<>();
  private int added;

  boolean isEmpty() {
    return events.isEmpty();
  }

  /// Time must not run backwards within a vertex, whatever the clock did: output would get out of
  /// order.
  void add(ProgressEvent event) {
    Instant place =
        latest.merge(
            event.vertex(),
            event.timestamp(),
            (before, now) -> now.isBefore(before) ? before : now);
    Object identity =
        event instanceof StatusChanged status
            ? new Item(status.vertex(), status.id())
            : Integer.valueOf(added++);
    events.remove(identity);
    events.put(identity, new Placed(event, place));
  }

  List<ProgressEvent> events() {
    List<Placed> ordered = new ArrayList<>(events.values());
    ordered.sort(Comparator.comparing(Placed::place));
    return ordered.stream().map(Placed::event).toList();
  }

  private record Item(Digest vertex, String id) {}

  private record Placed(ProgressEvent event, Instant place) {}
}
