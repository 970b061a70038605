package dev.slipway.llbsolver;

import dev.slipway.device.DeviceRegistry;
import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.failure.Unsupported;
import dev.slipway.llb.Definition;
import dev.slipway.llb.ExecOp;
import dev.slipway.llb.Input;
import dev.slipway.llb.OpMetadata;
import dev.slipway.llb.OpVertex;
import dev.slipway.llb.VertexNames;
import dev.slipway.oci.Digest;
import dev.slipway.oci.Platform;
import dev.slipway.op.CacheMounts;
import dev.slipway.op.LlbVertex;
import dev.slipway.progress.ProgressEvent.ProgressGroup;
import dev.slipway.solver.Vertex;
import dev.slipway.solver.Vertex.Edge;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Loads a definition into vertices of the graph: every op gets a platform and a name, capabilities
/// and entitlements are checked before anything runs (BuildKit v0.32.2,
/// `solver/llbsolver/vertex.go`). Thread-safe.
public final class VertexLoader {
  private final Platform defaultPlatform;
  private final DeviceRegistry devices;
  private final CacheMounts cacheMounts;

  /// @param defaultPlatform of ops that name none
  /// @param devices that there are to give
  /// @param cacheMounts emptied for steps that ignore the cache
  public VertexLoader(Platform defaultPlatform, DeviceRegistry devices, CacheMounts cacheMounts) {
    this.defaultPlatform = defaultPlatform;
    this.devices = devices;
    this.cacheMounts = cacheMounts;
  }

  /// @return the edge that is the definition's result; empty for scratch
  /// @throws Unsupported a capability that this daemon does not have
  /// @throws dev.slipway.failure.Denied an entitlement that the build does not have
  Optional<Edge<LlbVertex>> load(
      Definition definition, Entitlements entitlements, NetworkAccess access) {
    requireCaps(definition);
    Map<Digest, String> names = VertexNames.of(definition);
    Map<Digest, Vertex<LlbVertex>> loaded = new HashMap<>();
    for (OpVertex vertex : definition.vertices().values()) {
      requireEntitlements(vertex, entitlements);
      loaded.put(
          vertex.digest(),
          load(
              payload(
                  withDevices(vertex, entitlements),
                  names.getOrDefault(vertex.digest(), ""),
                  access),
              loaded));
    }
    cacheMounts.retireIgnored(definition);
    return definition.head().map(head -> edge(head, loaded));
  }

  /// The vertex with the devices that the build may have; its digest stays.
  private OpVertex withDevices(OpVertex vertex, Entitlements entitlements) {
    if (!(vertex.op() instanceof ExecOp exec) || exec.cdiDevices().isEmpty()) {
      return vertex;
    }
    try {
      ExecOp granted = entitlements.devices().granted(exec, devices);
      return new OpVertex(
          vertex.digest(),
          vertex.encoded(),
          vertex.inputs(),
          granted,
          vertex.platform(),
          vertex.workerFilters(),
          vertex.metadata());
    } catch (BuildFailure failure) {
      throw failure.in("failed to load LLB");
    }
  }

  private LlbVertex payload(OpVertex vertex, String name, NetworkAccess access) {
    return new LlbVertex(
        vertex, vertex.platform().orElse(defaultPlatform), name, access.isProxied(vertex.op()));
  }

  private static Vertex<LlbVertex> load(LlbVertex payload, Map<Digest, Vertex<LlbVertex>> loaded) {
    OpVertex vertex = payload.vertex();
    List<Edge<LlbVertex>> inputs = new ArrayList<>();
    vertex.inputs().forEach(input -> inputs.add(edge(input, loaded)));
    OpMetadata metadata = vertex.metadata();
    Vertex.Options options =
        new Vertex.Options(
            payload.name(),
            metadata.ignoreCache(),
            metadata.exportCache(),
            metadata
                .progressGroup()
                .map(group -> new ProgressGroup(group.id(), group.name(), group.weak())));
    return new Vertex<>(vertex.digest(), payload, inputs, options);
  }

  private static Edge<LlbVertex> edge(Input input, Map<Digest, Vertex<LlbVertex>> loaded) {
    Vertex<LlbVertex> vertex = loaded.get(input.vertex());
    if (vertex == null) {
      throw new InvalidRequest(
          "failed to load LLB: invalid missing input digest " + input.vertex());
    }
    return new Edge<>(vertex, input.index());
  }

  private static void requireCaps(Definition definition) {
    for (String cap : definition.caps()) {
      if (!OfferedCaps.LLB.contains(cap)) {
        throw new Unsupported(
            "failed to load LLB: requested feature "
                + cap
                + " is not supported by this build daemon; a newer one may have it");
      }
    }
  }

  private static void requireEntitlements(OpVertex vertex, Entitlements entitlements) {
    if (vertex.op() instanceof ExecOp exec) {
      if (exec.network() == ExecOp.NetworkMode.HOST) {
        entitlements.require(Entitlements.NETWORK_HOST);
      }
      if (exec.security() == ExecOp.SecurityMode.INSECURE) {
        entitlements.require(Entitlements.SECURITY_INSECURE);
      }
    }
  }
}
