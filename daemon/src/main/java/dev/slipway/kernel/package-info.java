/// What the daemon needs of the operating system beyond the JDK, in domain words: mounts,
/// ownership, extended attributes, device nodes, times, and paths resolved inside a root. Contract
/// only: the one Linux form lives in `worker-native`, a recording fake in
/// `dev.slipway.kernel.testing`.
///
/// Start at [Kernel]. Nothing here changes the daemon itself (no namespaces, credentials, umask,
/// directory). Thread-safe.
@NullMarked
package dev.slipway.kernel;

import org.jspecify.annotations.NullMarked;
