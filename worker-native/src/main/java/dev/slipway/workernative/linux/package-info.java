/// The only place that calls the kernel by the foreign function interface, and so the only one with
/// `java.lang.foreign`.
///
/// Start at [LinuxKernel], the Linux form of [dev.slipway.kernel.Kernel]. Below it, [Libc] holds
/// one method per C function with the errno returned as a negative number (as the kernel itself
/// does), [CallFrame] owns the native memory of one call, and [Errno] turns errno into a failure.
///
/// Thread policy: everything is thread-safe; calls that may block for long (mounting, copying big
/// files) run on the few platform threads of [dev.slipway.task.PlatformThreads], because a native
/// call pins the carrier of a virtual thread. Nothing here changes the daemon's own namespaces,
/// credentials, umask or working directory.
@NullMarked
package dev.slipway.workernative.linux;

import org.jspecify.annotations.NullMarked;
