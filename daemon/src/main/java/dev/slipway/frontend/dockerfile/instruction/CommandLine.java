package dev.slipway.frontend.dockerfile.instruction;

import dev.slipway.frontend.dockerfile.parser.Heredoc;
import java.util.List;

/// A command to run.
///
/// @param arguments in shell form at most one, the whole text
/// @param inShell whether the stage's shell runs it
/// @param heredocs texts it embeds
public record CommandLine(List<String> arguments, boolean inShell, List<Heredoc> heredocs) {

  public CommandLine {
    arguments = List.copyOf(arguments);
    heredocs = List.copyOf(heredocs);
  }
}
