package dev.slipway.frontend.dockerfile.convert;

import dev.slipway.frontend.dockerfile.source.LineSpan;
import java.util.List;

/// What a client can set for a target.
///
/// @param name of the target stage
/// @param arguments build arguments that have an effect, in file order
/// @param agents SSH agents
public record Outline(
    String name,
    String description,
    List<Argument> arguments,
    List<Access> secrets,
    List<Access> agents) {

  public Outline {
    arguments = List.copyOf(arguments);
    secrets = List.copyOf(secrets);
    agents = List.copyOf(agents);
  }

  /// @param value default, or what the client set
  public record Argument(String name, String value, String description, LineSpan place) {}

  /// Something of the client's that steps ask for.
  public record Access(String name, boolean required, LineSpan place) {}
}
