package dev.slipway.frontend.dockerfile.instruction;

import java.util.List;

/// A FROM and the instructions up to the next.
///
/// @param origin of the FROM
/// @param name in lower case; empty when it has none
/// @param base image, stage or `scratch`, variables not substituted
/// @param platform value of `--platform`, variables not substituted; empty when not given
/// @param description the part of a comment above that begins with the name; empty when there is
///   none
public record Stage(
    Origin origin,
    String name,
    String base,
    String platform,
    String description,
    List<Instruction> instructions) {

  public Stage {
    instructions = List.copyOf(instructions);
  }
}
