package dev.slipway.client;

import dev.slipway.client.command.CommandLine;
import java.util.List;

/// The program `slipway`.
public final class Slipway {
  private Slipway() {}

  public static void main(String[] arguments) {
    System.exit(CommandLine.slipway().run(List.of(arguments)));
  }
}
