package dev.slipway.solver.cachekey;

import java.util.List;

/// A key that was found, and its results (none when they were pruned; the key may still lead on to
/// others that have some).
public record KeyMatch(KeyId key, List<KeyResult> results) {
  public KeyMatch {
    results = List.copyOf(results);
  }
}
