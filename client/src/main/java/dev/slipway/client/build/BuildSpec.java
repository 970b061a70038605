package dev.slipway.client.build;

import dev.slipway.client.session.OutputSinks.Sink;
import dev.slipway.client.session.SecretFiles.Secret;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// One build as a client asks for it.
///
/// @param frontend such as `dockerfile.v0`; empty with a definition
/// @param definition encoded `pb.Definition`, empty with a frontend
/// @param options of the frontend
/// @param locals directories the daemon may read, by name
/// @param outputs in order
/// @param entitlements asked for
public record BuildSpec(
    String frontend,
    byte[] definition,
    Map<String, String> options,
    Map<String, Path> locals,
    List<Output> outputs,
    Map<String, Secret> secrets,
    List<String> entitlements) {
  public BuildSpec {
    definition = definition.clone();
    options = Map.copyOf(options);
    locals = Map.copyOf(locals);
    outputs = List.copyOf(outputs);
    secrets = Map.copyOf(secrets);
    entitlements = List.copyOf(entitlements);
  }

  /// @param type of the exporter: `image`, `oci`, `docker`, `local`, `tar`
  /// @param attributes of the exporter, without `dest`
  /// @param sink where its output goes here
  public record Output(String type, Map<String, String> attributes, Sink sink) {
    public Output {
      attributes = Map.copyOf(attributes);
    }
  }
}
