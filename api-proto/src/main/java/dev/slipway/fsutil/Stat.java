package dev.slipway.fsutil;

/// Placeholder shape until the packet protocol lands; its author replaces this file.
public record Stat(String path, int mode, long size) {}
