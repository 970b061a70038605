/// What steps and the machine used: plain values, how the kernel writes them, and how often they
/// are looked at.
///
/// Start at [StepUsage] (of one step) and [MachineSample] (of the whole machine); [Sampling] looks
/// at something from time to time and keeps a bounded [SampleSeries] of it. What is counted, its
/// names and its units are those of BuildKit v0.32.2 (`executor/resources/types`). Values are
/// immutable, [Sampling] is thread-safe. How a step's cgroup is found and read is the worker's
/// matter.
@NullMarked
package dev.slipway.usage;

import org.jspecify.annotations.NullMarked;
