/// gRPC plumbing shared by the services: listeners, TLS, who is calling, translation of failures,
/// cancellation, draining.
///
/// Start at [RpcServer] (all listeners of a daemon), [FailureInterceptor] (the only place where
/// failures become statuses), [Caller] (who asks). Handlers run on virtual threads and block; when
/// the caller cancels, the handler's thread is interrupted.
///
/// Not here: what any service does.
@NullMarked
package dev.slipway.rpc;

import org.jspecify.annotations.NullMarked;
