package dev.slipway.llbsolver;

import dev.slipway.failure.BuildFailure;
import dev.slipway.frontend.FrontendBridge;
import dev.slipway.frontend.FrontendRef;
import dev.slipway.frontend.FrontendResult;
import dev.slipway.frontend.gateway.DrivenBuild;
import dev.slipway.frontend.gateway.GatewayContainers;
import dev.slipway.llb.Definition;
import java.util.Map;
import java.util.Optional;

/// The part of a build that a frontend in a container drives. Thread-safe.
final class ContainedBuild implements DrivenBuild {
  private final Build build;
  private final BuildBridge opener;
  private final Map<String, Definition> inputs;
  private final BuildContainers containers;
  private final FrontendAnswer answer = new FrontendAnswer();

  /// @param opener the bridge of the frontend that runs in the container
  ContainedBuild(
      Build build, BuildBridge opener, Map<String, Definition> inputs, BuildContainers containers) {
    this.build = build;
    this.opener = opener;
    this.inputs = Map.copyOf(inputs);
    this.containers = containers;
  }

  @Override
  public FrontendBridge bridge() {
    return opener;
  }

  @Override
  public Map<String, Definition> inputs() {
    return inputs;
  }

  @Override
  public Optional<FrontendRef> findRef(String id) {
    return build.findRef(id);
  }

  @Override
  public GatewayContainers containers() {
    return containers;
  }

  @Override
  public void giveBack(FrontendResult result) {
    answer.give(result);
  }

  @Override
  public void giveBack(BuildFailure failure) {
    answer.give(failure);
  }

  @Override
  public Optional<FrontendResult> returned() {
    return answer.now();
  }

  @Override
  public void close() {
    containers.close();
  }
}
