package dev.slipway.solver.cachekey;

import dev.slipway.oci.Digest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/// Reads a graph of cache keys. Thread-safe; may block on a disk for microseconds, never on a
/// network.
///
/// @see CacheKeyStore
public interface CacheKeyView {
  /// The key itself, when the store knows a result of it or a link from it.
  Optional<KeyMatch> find(KeyId key);

  /// The keys that this link leads to from that key. Empty when the store has never seen it.
  List<KeyMatch> follow(KeyId source, KeyLink link);

  /// Every link that leads to the key; empty for roots. With [#follow(KeyId, KeyLink)] in mind: how
  /// else it can be found.
  List<Origin> origins(KeyId key);

  /// Every link that leads from the key.
  List<Continuation> continuations(KeyId key);

  /// Some key of that operation and output with inputs, newest first. Explains misses.
  Optional<KeyId> anyOf(Digest operation, int output);

  /// Every key that has a result or a link from it, in no order. The store may change meanwhile.
  void walk(Consumer<KeyId> to);

  /// The keys that are reached from *every* input by at least one of its alternatives; for a record
  /// without inputs its root, when the store knows it.
  default List<KeyMatch> matches(KeyRecord record) {
    if (record.inputs().isEmpty()) {
      return find(record.freshId()).stream().toList();
    }
    Map<KeyId, KeyMatch> all = new LinkedHashMap<>();
    for (int input = 0; input < record.inputs().size(); input++) {
      Map<KeyId, KeyMatch> reached = new LinkedHashMap<>();
      for (Alternative alternative : record.inputs().get(input)) {
        KeyLink link = alternative.asInput(input, record.operation(), record.output());
        follow(alternative.key(), link).forEach(match -> reached.putIfAbsent(match.key(), match));
      }
      if (input == 0) {
        all = reached;
      } else {
        all.keySet().retainAll(reached.keySet());
      }
      if (all.isEmpty()) {
        return List.of();
      }
    }
    return new ArrayList<>(all.values());
  }

  /// A link seen from its end.
  record Origin(KeyId source, KeyLink link) {}

  /// A link seen from its start.
  record Continuation(KeyLink link, KeyId target) {}
}
