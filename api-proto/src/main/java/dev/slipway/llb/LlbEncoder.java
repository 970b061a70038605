package dev.slipway.llb;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.Message;
import com.google.protobuf.UnknownFieldSet;
import dev.slipway.api.ops.WorkerConstraints;
import dev.slipway.oci.Digest;
import dev.slipway.oci.Platform;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.BiFunction;
import java.util.function.Function;

/// Writes definitions to the wire. Equal vertices always give equal bytes, those of the reference's
/// Go client.
public final class LlbEncoder {
  private static final ByteString PROXY_NETWORK =
      ByteString.copyFromUtf8("\0buildkit.proxy-network.v0");

  private LlbEncoder() {}

  /// Encodes an op as a vertex.
  ///
  /// @param platform of ops that depend on one; empty for files, merges and diffs
  public static OpVertex vertex(
      List<Input> inputs,
      Op op,
      Optional<Platform> platform,
      List<String> workerFilters,
      OpMetadata metadata) {
    var message =
        OpEncoder.encode(op)
            .setConstraints(WorkerConstraints.newBuilder().addAllFilter(workerFilters));
    platform.ifPresent(p -> message.setPlatform(platform(p)));
    ByteString encoded = encode(withInputs(message.build(), inputs));
    return new OpVertex(digest(encoded), encoded, inputs, op, platform, workerFilters, metadata);
  }

  /// The definition as a message; vertices in their order, the one that points at the head last.
  public static dev.slipway.api.ops.Definition encode(Definition definition) {
    var message = dev.slipway.api.ops.Definition.newBuilder();
    definition
        .vertices()
        .values()
        .forEach(
            vertex -> {
              message.addDef(vertex.encoded());
              putMetadata(message, vertex.digest(), vertex.metadata());
            });
    definition
        .head()
        .ifPresent(
            head -> {
              ByteString last =
                  encode(withInputs(dev.slipway.api.ops.Op.getDefaultInstance(), List.of(head)));
              message.addDef(last);
              putMetadata(message, digest(last), definition.headMetadata());
            });
    definition.sources().ifPresent(maps -> message.setSource(SourceMapCodec.encode(maps)));
    return message.build();
  }

  /// The definition as bytes, deterministically.
  public static ByteString encodeBytes(Definition definition) {
    return encode((Message) encode(definition));
  }

  /// The definition with other sources: for each source vertex `change` may give another source op.
  /// Digests of these and of all that use them change.
  public static Definition withSources(
      Definition definition, Function<OpVertex, Optional<SourceOp>> change) {
    return rewritten(
        definition,
        (vertex, renamed) -> {
          Optional<SourceOp> source =
              vertex.op() instanceof SourceOp ? change.apply(vertex) : Optional.empty();
          return changed(vertex, source, renamed);
        });
  }

  /// The definition as one whose steps reach the network through a proxy only: the same ops, but
  /// such steps, and all that use them, have digests of their own, so that they are never taken for
  /// the same steps of a build without proxy (BuildKit v0.32.2, `solver/llbsolver/vertex.go`).
  public static Definition withProxyNetwork(Definition definition) {
    return rewritten(
        definition,
        (vertex, renamed) -> {
          OpVertex after = changed(vertex, Optional.empty(), renamed);
          return after.op() instanceof ExecOp exec && exec.network() != ExecOp.NetworkMode.NONE
              ? after.withDigest(digest(after.encoded().concat(PROXY_NETWORK)))
              : after;
        });
  }

  private static Definition rewritten(
      Definition definition, BiFunction<OpVertex, Map<Digest, Digest>, OpVertex> change) {
    Map<Digest, Digest> renamed = new HashMap<>();
    SequencedMap<Digest, OpVertex> vertices = new LinkedHashMap<>();
    for (OpVertex vertex : definition.vertices().values()) {
      OpVertex after = change.apply(vertex, renamed);
      renamed.put(vertex.digest(), after.digest());
      vertices.merge(
          after.digest(),
          after,
          (one, other) -> one.withMetadata(one.metadata().mergedWith(other.metadata())));
    }
    return new Definition(
        vertices,
        definition.head().map(head -> renamed(head, renamed)),
        definition.headMetadata(),
        definition.sources().map(maps -> renamed(maps, renamed)));
  }

  private static OpVertex changed(
      OpVertex vertex, Optional<SourceOp> source, Map<Digest, Digest> renamed) {
    List<Input> inputs = vertex.inputs().stream().map(input -> renamed(input, renamed)).toList();
    if (source.isEmpty() && inputs.equals(vertex.inputs())) {
      return vertex;
    }
    var message = withInputs(OpEncoder.parse(vertex.encoded()), inputs);
    if (source.isPresent()) {
      message = message.toBuilder().setSource(OpEncoder.source(source.get())).build();
    }
    ByteString encoded = encode(message);
    Op op = source.isPresent() ? source.get() : vertex.op();
    return new OpVertex(
        digest(encoded),
        encoded,
        inputs,
        op,
        vertex.platform(),
        vertex.workerFilters(),
        vertex.metadata());
  }

  private static Input renamed(Input input, Map<Digest, Digest> renamed) {
    return new Input(renamed.getOrDefault(input.vertex(), input.vertex()), input.index());
  }

  private static SourceMaps renamed(SourceMaps maps, Map<Digest, Digest> renamed) {
    Map<Digest, List<SourceMaps.Location>> locations = new HashMap<>();
    maps.locations()
        .forEach((vertex, places) -> locations.put(renamed.getOrDefault(vertex, vertex), places));
    return new SourceMaps(maps.infos(), locations);
  }

  private static void putMetadata(
      dev.slipway.api.ops.Definition.Builder message, Digest digest, OpMetadata metadata) {
    if (!metadata.equals(OpMetadata.NONE)) {
      message.putMetadata(digest.toString(), MetadataCodec.encode(metadata));
    }
  }

  static dev.slipway.api.ops.Op withInputs(dev.slipway.api.ops.Op op, List<Input> inputs) {
    var message = op.toBuilder().clearInputs();
    for (Input input : inputs) {
      message.addInputsBuilder().setDigest(input.vertex().toString()).setIndex(input.index());
    }
    return message.build();
  }

  public static dev.slipway.api.ops.Platform platform(Platform platform) {
    return dev.slipway.api.ops.Platform.newBuilder()
        .setOS(platform.os())
        .setArchitecture(platform.architecture())
        .setVariant(platform.variant())
        .setOSVersion(platform.osVersion())
        .addAllOSFeatures(platform.osFeatures())
        .build();
  }

  /// A source op on its own, as the gateway's answers carry it.
  public static dev.slipway.api.ops.SourceOp source(SourceOp source) {
    return OpEncoder.source(source);
  }

  /// A progress group on its own, as the status stream carries it.
  public static dev.slipway.api.ops.ProgressGroup progressGroup(OpMetadata.ProgressGroup group) {
    return MetadataCodec.encode(group);
  }

  static Digest digest(ByteString encoded) {
    return Digest.ofBytes(encoded.toByteArray());
  }

  /// An op as Go's protobuf library writes it deterministically: what is in a oneof comes last,
  /// whatever its number; otherwise fields by number and maps by key. Digests depend on it.
  static ByteString encode(dev.slipway.api.ops.Op op) {
    var plain = op.toBuilder().clearOp().setUnknownFields(UnknownFieldSet.getDefaultInstance());
    var chosen = op.toBuilder().clearInputs().clearPlatform().clearConstraints();
    return encode((Message) plain.build()).concat(encode((Message) chosen.build()));
  }

  /// Fields by number, maps by key.
  private static ByteString encode(Message message) {
    ByteString.Output bytes = ByteString.newOutput(message.getSerializedSize());
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    out.useDeterministicSerialization();
    try {
      message.writeTo(out);
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException("memory cannot be written", e);
    }
    return bytes.toByteString();
  }
}
