package dev.slipway.snapshot;

import dev.slipway.failure.InvalidRequest;

/// Names a snapshot of any kind, unique within a snapshotter; chosen by the caller. Letters,
/// digits, `-`, `_`, 1 to 64 characters.
public record SnapshotName(String value) {
  public SnapshotName {
    if (!value.matches("[A-Za-z0-9_-]{1,64}")) {
      throw new InvalidRequest("invalid snapshot name \"" + value + "\"");
    }
  }

  @Override
  public String toString() {
    return value;
  }
}
