package dev.slipway.history;

import java.time.Duration;

/// A record that is not pinned goes when it is older than `maxAge` and beyond the `maxEntries`
/// newest.
public record Retention(Duration maxAge, int maxEntries) {}
