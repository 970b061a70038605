package dev.slipway.frontend.dockerfile;

import dev.slipway.task.Interruption;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;

/// Work that is done once for a key, by whoever comes first; others wait for it. Its failure is
/// everybody's too. Thread-safe: the first caller is decided by the map, results are handed over by
/// futures.
final class OnceByKey<K, V> {
  private final Map<K, CompletableFuture<V>> results = new ConcurrentHashMap<>();

  V get(K key, Supplier<V> work) {
    CompletableFuture<V> own = new CompletableFuture<>();
    CompletableFuture<V> first = results.putIfAbsent(key, own);
    if (first != null) {
      return await(first);
    }
    try {
      V value = work.get();
      own.complete(value);
      return value;
    } catch (RuntimeException | Error e) {
      own.completeExceptionally(e);
      throw e;
    }
  }

  private static <V> V await(CompletableFuture<V> result) {
    try {
      return result.get();
    } catch (InterruptedException e) {
      throw Interruption.cancelled(e);
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case RuntimeException failure -> throw failure;
        case Error error -> throw error;
        case null, default -> throw new IllegalStateException("work failed without a failure", e);
      }
    }
  }
}
