package dev.slipway.client;

import dev.slipway.client.command.CommandLine;
import java.util.List;

/// The program `buildctl`.
public final class Buildctl {
  private Buildctl() {}

  public static void main(String[] arguments) {
    System.exit(CommandLine.buildctl().run(List.of(arguments)));
  }
}
