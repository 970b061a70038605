/// The gateway: what a frontend outside this process may ask, as the gRPC service LLBBridge. The
/// caller is a client that drives its build itself (buildx and buildctl always do), or a frontend
/// that runs as an image.
///
/// Start at [LlbBridgeService]; [GatewayBuild] is the build it speaks for.
@NullMarked
package dev.slipway.frontend.gateway;

import org.jspecify.annotations.NullMarked;
