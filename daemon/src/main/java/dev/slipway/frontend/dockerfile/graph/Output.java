package dev.slipway.frontend.dockerfile.graph;

/// One output of a node. No output at all stands for scratch wherever an `Optional<Output>` is
/// taken.
public record Output(Node node, int index) {}
