/// File trees over a wire: the packet protocol of local contexts and exported results, both ways,
/// and what decides which files take part.
///
/// Start at [FsSender] and [FsReceiver] (one transfer each), [FileTree] and [DirectoryTree] (what
/// is sent), [ReceiveTarget] and [DirectoryTarget] (where it goes), [PatternMatcher]
/// (`.dockerignore` rules).
///
/// Uses `failure` and `task`. Everything blocks; transports are the caller's ([PacketTransport]),
/// there is no gRPC here. A transfer starts the few virtual threads it needs and ends them before
/// it returns. Values are immutable.
///
/// The protocol: `fsutil/types/wire.proto`; the reference is `tonistiigi/fsutil` as vendored by
/// BuildKit v0.32.2. What changes file attributes beyond the JDK's reach (owners, devices) does not
/// belong here: targets of the daemon do that.
@NullMarked
package dev.slipway.fsutil;

import org.jspecify.annotations.NullMarked;
