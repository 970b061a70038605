/// A real server on a unix socket and channels to it, for tests of services. Start at
/// [LoopbackServer].
@NullMarked
package dev.slipway.rpc.testing;

import org.jspecify.annotations.NullMarked;
