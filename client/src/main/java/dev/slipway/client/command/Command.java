package dev.slipway.client.command;

import dev.slipway.client.connect.DaemonConnection;
import java.util.List;

/// One command of a program.
@FunctionalInterface
interface Command {
  /// @return exit code
  int run(List<String> arguments, DaemonConnection daemon, Terminal terminal);
}
