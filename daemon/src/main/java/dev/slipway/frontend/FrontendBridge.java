package dev.slipway.frontend;

import dev.slipway.frontend.gateway.DrivenBuild;
import dev.slipway.llb.Definition;
import dev.slipway.llb.SourceOp;
import dev.slipway.llb.SourcePolicy;
import dev.slipway.oci.Digest;
import dev.slipway.oci.Platform;
import dev.slipway.progress.ProgressEvent.WarnedSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What a frontend may ask of the build it runs in. Blocking; thread-safe.
public interface FrontendBridge {
  /// Solves a definition lazily.
  ///
  /// @param policies that hold for it, in addition to the build's
  /// @return empty for a definition of scratch
  Optional<FrontendRef> solve(Definition definition, List<SourcePolicy> policies);

  default Optional<FrontendRef> solve(Definition definition) {
    return solve(definition, List.of());
  }

  /// Solves and computes at once.
  Optional<FrontendRef> solveNow(Definition definition);

  /// Has all that is solved from now on looked up in that cache too. A bridge without caches
  /// ignores it.
  ///
  /// @param type of the place it lies in: `registry`, `local`, …
  default void importCache(String type, Map<String, String> attributes) {}

  /// Runs another frontend in the same build.
  FrontendResult solve(String frontend, Frontend.Request request);

  /// Finds an image's digest and config for a platform.
  ///
  /// @param reference normalised or familiar name
  /// @throws dev.slipway.failure.NotFound
  default ResolvedImage resolveImage(String reference, ImageQuery query) {
    return resolveImage(reference, query, List.of());
  }

  /// @param policies that hold for this question, in addition to the build's
  ResolvedImage resolveImage(String reference, ImageQuery query, List<SourcePolicy> policies);

  /// Finds what a source op would resolve to; the general form, with source policies applied.
  ///
  /// @throws dev.slipway.failure.Denied a policy denies it
  ResolvedSource resolveSource(SourceOp source, SourceQuery query);

  /// @param vertex the op concerned
  /// @param level 1 for lint rules
  void warn(
      Digest vertex,
      int level,
      String summary,
      List<String> detail,
      String url,
      Optional<WarnedSource> source);

  BuildOptions buildOptions();

  /// Opens a part of the build for a frontend in a container to drive. Caller closes.
  ///
  /// @param inputs definitions by name
  DrivenBuild openDriven(Map<String, Definition> inputs);

  /// @param logName name of the vertex shown, such as `[internal] load metadata for
  ///   docker.io/library/alpine:latest`
  /// @param mode `default`, `pull` or `local`
  /// @param store for an OCI layout of the client: where it is
  /// @param noConfig leave the config out
  record ImageQuery(
      Platform platform, String logName, String mode, Optional<OciStore> store, boolean noConfig) {}

  record OciStore(String sessionId, String storeId) {}

  /// @param reference may differ from the one asked for after a source policy
  /// @param digest of the index or manifest the name points at
  /// @param config the image config's exact bytes
  record ResolvedImage(String reference, Digest digest, byte[] config) {}

  /// @param workers platforms of each worker, the first one's first platform being the build
  ///   platform
  /// @param llbCaps ids supported
  /// @param sessionId of the client that drives the build
  record BuildOptions(
      List<WorkerInfo> workers,
      java.util.Set<String> llbCaps,
      java.util.Set<String> frontendCaps,
      String sessionId,
      String product) {}

  record WorkerInfo(String id, Map<String, String> labels, List<Platform> platforms) {}
}
