/// A client for tests: [LoopbackSession] opens a real session and serves over its tunnel whatever
/// services it is given.
@NullMarked
package dev.slipway.session.testing;

import org.jspecify.annotations.NullMarked;
