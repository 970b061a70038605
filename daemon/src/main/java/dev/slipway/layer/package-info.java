/// Layer bytes to file tree and back: tar and whiteout rules, compression, differ and applier.
///
/// Start at [Applier] (a blob's bytes into a directory) and [LayerWriter] (an overlay's upper
/// directory into a blob).
///
/// May use `content` (where blobs go), `kernel` (owners, nodes, attributes), `progress`.
/// Thread-safe unless a class says it is confined. The uncompressed bytes written are those that
/// buildkitd v0.32.2 writes for the same tree (Go's `archive/tar` through containerd's
/// `archive.ChangeWriter`), so diff ids agree.
///
/// Specification: <https://github.com/opencontainers/image-spec/blob/main/layer.md>. What does not
/// belong here: which layers a tree has, and when they are made (`ref`).
@NullMarked
package dev.slipway.layer;

import org.jspecify.annotations.NullMarked;
