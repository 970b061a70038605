package dev.slipway.frontend.gateway;

import dev.slipway.failure.BuildFailure;
import dev.slipway.frontend.FrontendBridge;
import dev.slipway.frontend.FrontendRef;
import dev.slipway.frontend.FrontendResult;
import dev.slipway.llb.Definition;
import java.util.Map;
import java.util.Optional;

/// A build that is driven through the gateway.
public interface GatewayBuild {
  FrontendBridge bridge();

  /// Definitions the client gave with its request, by name.
  Map<String, Definition> inputs();

  /// A result this build has handed out before.
  Optional<FrontendRef> findRef(String id);

  GatewayContainers containers();

  /// Ends the frontend's part with a result.
  ///
  /// @throws dev.slipway.failure.WrongState it was ended before
  void giveBack(FrontendResult result);

  /// Ends the frontend's part with a failure.
  ///
  /// @throws dev.slipway.failure.WrongState it was ended before
  void giveBack(BuildFailure failure);

  /// The builds that are under way.
  interface Registry {
    /// Waits up to three seconds for the build to register (its Solve may be on the way).
    ///
    /// @throws dev.slipway.failure.NotFound `no such job <ref>`
    GatewayBuild require(String ref);
  }
}
