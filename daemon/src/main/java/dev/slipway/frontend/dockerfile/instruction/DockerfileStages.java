package dev.slipway.frontend.dockerfile.instruction;

import java.util.List;

/// A Dockerfile as stages.
///
/// @param globals the ARGs before the first FROM
public record DockerfileStages(List<Instruction.Arg> globals, List<Stage> stages) {

  public DockerfileStages {
    globals = List.copyOf(globals);
    stages = List.copyOf(stages);
  }
}
