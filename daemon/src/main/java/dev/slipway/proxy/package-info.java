/// The proxy for HTTP and HTTPS through which steps reach the network when a build may not let them
/// out otherwise: it asks the build's source policies about every address, and notes what was
/// fetched.
///
/// Start at [StepProxies], [StepProxy], [NetworkPolicy]. It knows `executor` (whose contract
/// [dev.slipway.executor.NetworkProxy] it fills); how a container is made to reach it is the
/// worker's business. Each connection is a virtual thread; the peer is a step, so not trusted.
///
/// Behaviour: BuildKit v0.32.2, `util/network/proxyprovider`, `docs/proxy.md`. HTTP/1.1 (RFC 9112).
@NullMarked
package dev.slipway.proxy;

import org.jspecify.annotations.NullMarked;
