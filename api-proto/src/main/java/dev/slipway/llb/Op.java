package dev.slipway.llb;

/// What a vertex of a definition does. Data only.
public sealed interface Op
    permits SourceOp, ExecOp, FileOp, BuildOp, MergeOp, DiffOp, PassthroughOp {}
