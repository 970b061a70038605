/// The build definition (LLB): its typed model, its bytes, and a builder.
///
/// Start at [Definition] (what a client sends), [OpVertex] and [Op] (what it consists of),
/// [LlbDecoder] and [LlbEncoder] (to and from protobuf; nothing else touches the generated types),
/// [State] (to make a definition). [Caps] lists capability ids.
///
/// Everything here is immutable and free of I/O, but for [State], which is immutable too and
/// encodes when asked. Uses `oci` and `failure` only. What an op *does* does not belong here.
///
/// Wire form: `pb/ops.proto`; digests are sha256 over the deterministic encoding of one `pb.Op`.
@NullMarked
package dev.slipway.llb;

import org.jspecify.annotations.NullMarked;
