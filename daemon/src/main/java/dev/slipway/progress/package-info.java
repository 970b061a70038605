/// What users watch: everything that happens to a vertex, as events.
///
/// Start at [ProgressEvent] (what can happen), [VertexProgress] (how work reports it),
/// [ProgressSink] (where it goes) and [JobLog] (which keeps a job's events in a file and tells them
/// to any number of readers). The events carry what BuildKit's status stream carries (surface
/// reference 1.4); gRPC stays outside. Thread-safe: sinks accept events from any thread.
@NullMarked
package dev.slipway.progress;

import org.jspecify.annotations.NullMarked;
