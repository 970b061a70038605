package dev.slipway.solver.cachekey;

import java.util.List;
import java.util.Optional;

/// A graph of cache keys that can be written.
///
/// Life of a key: a step ends and is recorded, which makes its links from the keys of its inputs
/// and gives it a result. Later builds follow the links. When its result is removed (evicted,
/// pruned) the key stays as long as other keys are reached through it, and goes with the last of
/// them. Writes are seen by every later read at once; when they become durable is the form's own
/// matter, because a lost record costs one execution and nothing else. Thread-safe.
public interface CacheKeyStore extends CacheKeyView, AutoCloseable {
  /// Writes how a step can be found again. Where the store knows the key by some alternative of
  /// every input, the record joins that key (so all alternatives lead to it from now on); otherwise
  /// it becomes a new one.
  ///
  /// @param result empty when only the links are to be added
  /// @return the key it is recorded under
  KeyId record(KeyRecord record, Optional<KeyResult> result);

  /// Writes that the record stands for that very key, wherever the key came from.
  void recordAs(KeyId key, KeyRecord record, Optional<KeyResult> result);

  /// Forgets a result in every key that has it, and the keys that are of no use without it. Unknown
  /// ids are ignored.
  void removeResult(String resultId);

  /// The keys that have this result.
  List<KeyId> keysOf(String resultId);

  /// Makes what was written durable and lets go of the file, if any.
  @Override
  void close();
}
