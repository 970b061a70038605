/// The `Executor` contract and descriptions of processes and containers, all plain values.
///
/// Start at [Executor], [ContainerSpec], [ProcessSpec]. Implementations live in workers;
/// `ScriptedExecutor` (test-jar) is the fake.
@NullMarked
package dev.slipway.executor;

import org.jspecify.annotations.NullMarked;
