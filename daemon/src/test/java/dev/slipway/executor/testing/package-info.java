/// An executor for tests: [ScriptedExecutor].
@NullMarked
package dev.slipway.executor.testing;

import org.jspecify.annotations.NullMarked;
