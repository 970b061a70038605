package dev.slipway.frontend.gateway;

import dev.slipway.failure.BuildFailure;
import dev.slipway.frontend.FrontendBridge;
import dev.slipway.frontend.FrontendRef;
import dev.slipway.frontend.FrontendRef.ByteRange;
import dev.slipway.frontend.FrontendResult;
import dev.slipway.fsutil.Stat;
import dev.slipway.llb.Definition;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A build that has one container and nothing else.
record FakeBuild(GatewayContainer container) implements GatewayBuild, GatewayContainers {
  /// A container that only runs processes.
  interface RunningOnly extends GatewayContainer {
    @Override
    default byte[] readFile(int mount, String path, Optional<ByteRange> range) {
      throw new UnsupportedOperationException();
    }

    @Override
    default List<Stat> readDirectory(int mount, String path, Optional<String> pattern) {
      throw new UnsupportedOperationException();
    }

    @Override
    default Stat stat(int mount, String path) {
      throw new UnsupportedOperationException();
    }
  }

  @Override
  public GatewayContainers containers() {
    return this;
  }

  @Override
  public Optional<GatewayContainer> find(String id) {
    return id.equals("container") ? Optional.of(container) : Optional.empty();
  }

  @Override
  public void open(Request request) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void release(String id) {
    throw new UnsupportedOperationException();
  }

  @Override
  public FrontendBridge bridge() {
    throw new UnsupportedOperationException();
  }

  @Override
  public Map<String, Definition> inputs() {
    return Map.of();
  }

  @Override
  public Optional<FrontendRef> findRef(String id) {
    return Optional.empty();
  }

  @Override
  public void giveBack(FrontendResult result) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void giveBack(BuildFailure failure) {
    throw new UnsupportedOperationException();
  }
}
