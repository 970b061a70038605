package dev.slipway.client.command;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Map;

/// What a command has around it: streams, environment, directory.
///
/// @param interactive standard error goes to a person's terminal
record Terminal(
    InputStream in,
    PrintStream out,
    PrintStream err,
    Map<String, String> environment,
    Path home,
    boolean interactive) {
  static Terminal ofThisProcess() {
    return new Terminal(
        new StandardInput(new FileInputStream(FileDescriptor.in).getChannel()),
        System.out,
        System.err,
        System.getenv(),
        Path.of(System.getProperty("user.home", "/root")),
        System.console() != null && System.console().isTerminal());
  }

  String variable(String name, String otherwise) {
    return environment.getOrDefault(name, otherwise);
  }
}
