package dev.slipway.llb;

import java.util.Map;

/// Placeholder shape until the typed model lands; the model's author replaces this file.
public record SourceOp(String identifier, Map<String, String> attributes) {}
