package dev.slipway.llbsolver;

import dev.slipway.llb.Definition;
import dev.slipway.llb.SourcePolicy;
import dev.slipway.text.TruthValue;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What a client asks for with one Solve.
///
/// @param ref the build's id, chosen by the client
/// @param sessionId the client's session; empty when it has none
/// @param definition LLB to solve; empty when a frontend makes it
/// @param frontend which frontend; empty with no definition means that the client drives the build
///   itself
/// @param inputs definitions given to the frontend by name
/// @param entitlements permissions asked for, such as `network.host`
/// @param internal kept out of the history
/// @param policies about its sources
/// @param compatibility number of the version whose results are wanted; 0 for the current one
/// @param asksForExports the client is asked for more exports once there is a result
/// @param proxyNetwork steps reach the network through a proxy only
public record BuildRequest(
    String ref,
    String sessionId,
    Optional<Definition> definition,
    Optional<String> frontend,
    Map<String, String> frontendOptions,
    Map<String, Definition> inputs,
    List<ExporterRequest> exporters,
    List<CacheOption> cacheExports,
    List<CacheOption> cacheImports,
    List<String> entitlements,
    boolean internal,
    Policies policies,
    long compatibility,
    boolean asksForExports,
    boolean proxyNetwork) {
  public BuildRequest {
    frontendOptions = Map.copyOf(frontendOptions);
    inputs = Map.copyOf(inputs);
    exporters = List.copyOf(exporters);
    cacheExports = List.copyOf(cacheExports);
    cacheImports = List.copyOf(cacheImports);
    entitlements = List.copyOf(entitlements);
  }

  /// @param sources rules that came with the request
  /// @param session of the client that decides about each source; empty when nobody does
  public record Policies(List<SourcePolicy> sources, String session) {
    public static final Policies NONE = new Policies(List.of(), "");

    public Policies {
      sources = List.copyOf(sources);
    }
  }

  public record ExporterRequest(String type, Map<String, String> attributes) {
    public ExporterRequest {
      attributes = Map.copyOf(attributes);
    }
  }

  public record CacheOption(String type, Map<String, String> attributes) {
    public CacheOption {
      attributes = Map.copyOf(attributes);
    }

    /// Whether trouble with the cache is to fail the build (`ignore-error=false`).
    boolean isStrict() {
      return TruthValue.isFalse(attributes.getOrDefault("ignore-error", ""));
    }
  }
}
