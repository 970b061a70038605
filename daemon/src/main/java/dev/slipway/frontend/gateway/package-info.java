/// The gateway: what a frontend outside this process may ask, as the gRPC service LLBBridge. The
/// caller is a client that drives its build itself (buildx and buildctl always do), or a frontend
/// that runs as an image.
///
/// Start at [LlbBridgeService]; [GatewayBuild] is the build it speaks for. [ImageFrontend] runs a
/// frontend's image and serves it on its standard streams; [ProcessCall] is how containers are
/// spoken to.
@NullMarked
package dev.slipway.frontend.gateway;

import org.jspecify.annotations.NullMarked;
