package dev.slipway.snapshot;

public enum SnapshotKind {
  ACTIVE,
  COMMITTED
}
