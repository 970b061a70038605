package dev.slipway.history;

/// What listeners are told.
public sealed interface HistoryEvent {
  String ref();

  /// A build runs.
  record Started(BuildRecord record) implements HistoryEvent {
    @Override
    public String ref() {
      return record.ref();
    }
  }

  /// A build ended, or the record of one that had ended was changed.
  record Completed(BuildRecord record) implements HistoryEvent {
    @Override
    public String ref() {
      return record.ref();
    }
  }

  /// A record is gone.
  record Deleted(String ref) implements HistoryEvent {}
}
