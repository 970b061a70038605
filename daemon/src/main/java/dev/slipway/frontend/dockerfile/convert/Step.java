package dev.slipway.frontend.dockerfile.convert;

import dev.slipway.frontend.dockerfile.instruction.Instruction;
import java.util.List;

/// An instruction and the stages it takes files from.
///
/// @param sources for COPY at most one, for RUN one a mount
/// @param trigger whether it came out of an ONBUILD
record Step(Instruction instruction, List<StageBuild> sources, boolean trigger) {

  Step {
    sources = List.copyOf(sources);
  }
}
