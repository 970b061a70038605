package dev.slipway.history;

import dev.slipway.failure.InvalidRequest;
import java.util.List;
import java.util.Optional;

/// Which builds a listener wants to hear of.
///
/// @param ref this one only
/// @param runningOnly nothing of builds that ended before
/// @param once what is there now, and no news
/// @param filters any of which must hold of a record that is there; see [RecordFilter]
/// @param limit of records that ended: only the newest; 0 means all
public record HistoryQuery(
    Optional<String> ref, boolean runningOnly, boolean once, List<String> filters, int limit) {
  public HistoryQuery {
    filters = List.copyOf(filters);
    if (limit < 0) {
      throw new InvalidRequest("invalid limit " + limit);
    }
  }

  boolean means(String build) {
    return ref.isEmpty() || ref.get().equals(build);
  }
}
