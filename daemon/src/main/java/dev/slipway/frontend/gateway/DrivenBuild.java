package dev.slipway.frontend.gateway;

import dev.slipway.frontend.FrontendResult;
import java.util.Optional;

/// The part of a build that a frontend in a container drives. It solves in the build it belongs to,
/// but has inputs, containers and a result of its own. Caller closes, which releases its
/// containers; its results live as long as the build.
public interface DrivenBuild extends GatewayBuild, AutoCloseable {
  /// What the frontend gave back.
  ///
  /// @return empty: nothing so far
  /// @throws dev.slipway.failure.BuildFailure the failure that it gave back
  Optional<FrontendResult> returned();

  @Override
  void close();
}
