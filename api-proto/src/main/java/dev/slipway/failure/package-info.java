/// What can go wrong, as few types: one unchecked root [BuildFailure], a closed set of kinds, and
/// the facts a failure carries.
///
/// The kind answers "what should the caller do next" and decides the gRPC status (in
/// `dev.slipway.wire`); the facts become BuildKit's typed error details. Nobody catches by message.
/// No I/O; immutable but for suppressed failures.
@NullMarked
package dev.slipway.failure;

import org.jspecify.annotations.NullMarked;
