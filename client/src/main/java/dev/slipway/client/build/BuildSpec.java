package dev.slipway.client.build;

import dev.slipway.client.session.ContentStores.Store;
import dev.slipway.client.session.OutputSinks.Sink;
import dev.slipway.client.session.SecretFiles.Secret;
import dev.slipway.client.ssh.Forwarded;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// One build as a client asks for it.
///
/// @param frontend such as `dockerfile.v0`; empty with a definition
/// @param definition encoded `pb.Definition`, empty with a frontend
/// @param options of the frontend
/// @param offered what the daemon may read here
/// @param outputs in order
/// @param entitlements asked for
/// @param caches to write and to look into
public record BuildSpec(
    String frontend,
    byte[] definition,
    Map<String, String> options,
    Offered offered,
    List<Output> outputs,
    List<String> entitlements,
    CacheOptions caches) {
  public BuildSpec {
    definition = definition.clone();
    options = Map.copyOf(options);
    outputs = List.copyOf(outputs);
    entitlements = List.copyOf(entitlements);
  }

  /// The same with those options of the frontend.
  public BuildSpec with(Map<String, String> others) {
    return new BuildSpec(frontend, definition, others, offered, outputs, entitlements, caches);
  }

  /// The same where the daemon is not told what to build, but waits to be told step by step.
  BuildSpec withoutFrontend() {
    return new BuildSpec("", new byte[0], Map.of(), offered, outputs, entitlements, caches);
  }

  /// The same with nothing written, and no caches.
  BuildSpec withoutEffect() {
    return new BuildSpec(
        frontend,
        definition,
        options,
        offered,
        List.of(),
        entitlements,
        new CacheOptions(List.of(), List.of()));
  }

  /// Caches elsewhere, in order.
  public record CacheOptions(List<CacheEntry> exports, List<CacheEntry> imports) {
    public CacheOptions {
      exports = List.copyOf(exports);
      imports = List.copyOf(imports);
    }
  }

  /// @param type of the cache: `registry`, `inline`, `local`, …
  public record CacheEntry(String type, Map<String, String> attributes) {
    public CacheEntry {
      attributes = Map.copyOf(attributes);
    }
  }

  /// What of this machine the daemon may read, and nothing else.
  ///
  /// @param locals directories by name
  /// @param stores layouts by the name the daemon asks for, with its kind: `oci:<name>`
  /// @param secrets by id
  /// @param uploads streams to be read once, by id; whoever opened them closes them
  /// @param agents for ssh, by id
  public record Offered(
      Map<String, Path> locals,
      Map<String, Store> stores,
      Map<String, Secret> secrets,
      Map<String, InputStream> uploads,
      Map<String, Forwarded> agents) {
    /// Without uploads and agents.
    public Offered(
        Map<String, Path> locals, Map<String, Store> stores, Map<String, Secret> secrets) {
      this(locals, stores, secrets, Map.of(), Map.of());
    }

    public Offered {
      locals = Map.copyOf(locals);
      stores = Map.copyOf(stores);
      secrets = Map.copyOf(secrets);
      uploads = Map.copyOf(uploads);
      agents = Map.copyOf(agents);
    }
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
