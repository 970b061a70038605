package dev.slipway.frontend.dockerfile.convert;

import dev.slipway.frontend.dockerfile.graph.Output;
import dev.slipway.frontend.dockerfile.shell.Variables;
import dev.slipway.oci.Platform;
import java.util.Optional;

/// A stage's tree after some instruction, and the surroundings a step would have there.
///
/// @param root empty for scratch
/// @param directory working directory, absolute
/// @param user empty for root
/// @param platform of the image it began with; absent when it began with nothing
public record BuildState(
    Optional<Output> root,
    Variables env,
    String directory,
    String user,
    Optional<Platform> platform) {

  public static final BuildState SCRATCH =
      new BuildState(Optional.empty(), Variables.none(), "/", "", Optional.empty());

  public static BuildState of(Output root) {
    return SCRATCH.withRoot(Optional.of(root));
  }

  public BuildState withRoot(Optional<Output> other) {
    return new BuildState(other, env, directory, user, platform);
  }

  public BuildState withVariable(String name, String value) {
    return new BuildState(root, env.with(name, value), directory, user, platform);
  }

  public BuildState withDirectory(String path) {
    return new BuildState(root, env, path, user, platform);
  }

  public BuildState withUser(String name) {
    return new BuildState(root, env, directory, name, platform);
  }

  public BuildState withPlatform(Platform other) {
    return new BuildState(root, env, directory, user, Optional.of(other));
  }
}
