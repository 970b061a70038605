package dev.slipway.llb;

import java.util.List;

/// Placeholder shape until the typed model lands; the model's author replaces this file.
public record Definition(List<byte[]> ops) {}
