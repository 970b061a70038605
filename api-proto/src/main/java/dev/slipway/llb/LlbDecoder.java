package dev.slipway.llb;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.oci.Digest;
import dev.slipway.oci.Platform;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;

/// Reads definitions from the wire and checks them. What is returned is whole: every input is
/// there, nothing is cyclic, every index is within bounds.
///
/// As the reference does (`solver/llbsolver/vertex.go`), every op is encoded anew,
/// deterministically; when a client's encoding differs from that, digests change and everything
/// that uses the vertex follows.
public final class LlbDecoder {
  static final int MAX_OPS = 100_000;
  static final int MAX_DEPTH = 10_000;

  private final List<Raw> raws = new ArrayList<>();
  private final Map<Digest, Raw> byDigest = new HashMap<>();
  private final Map<Digest, Digest> renamed = new HashMap<>();

  private LlbDecoder() {}

  /// One op as it came.
  private static final class Raw {
    final InvalidOp name;
    final dev.slipway.api.ops.Op op;
    int depth = -1;
    boolean open;

    Raw(InvalidOp name, dev.slipway.api.ops.Op op) {
      this.name = name;
      this.op = op;
    }
  }

  /// @param encoded a `pb.Definition`
  /// @throws InvalidRequest naming the op that is wrong
  public static Definition decode(ByteString encoded) {
    return decode(parseDefinition(encoded));
  }

  /// @throws InvalidRequest naming the op that is wrong
  public static Definition decode(dev.slipway.api.ops.Definition definition) {
    if (definition.getDefCount() == 0) {
      return Definition.SCRATCH;
    }
    if (definition.getDefCount() > MAX_OPS) {
      throw new InvalidRequest(
          "failed to load LLB: " + definition.getDefCount() + " ops, at most " + MAX_OPS);
    }
    return new LlbDecoder().load(definition);
  }

  /// Parses without looking inside.
  static dev.slipway.api.ops.Definition parseDefinition(ByteString encoded) {
    try {
      return dev.slipway.api.ops.Definition.parseFrom(encoded);
    } catch (InvalidProtocolBufferException e) {
      throw new InvalidRequest("failed to load LLB: failed to parse llb definition", e);
    }
  }

  private Definition load(dev.slipway.api.ops.Definition definition) {
    for (ByteString encoded : definition.getDefList()) {
      add(encoded);
    }
    List<Raw> ordered = ordered();
    if (byDigest.size() < 2) {
      throw new InvalidRequest(
          "failed to load LLB: invalid LLB with " + byDigest.size() + " vertexes");
    }
    Raw last = raws.getLast();
    if (last.op.getInputsCount() == 0) {
      throw last.name.because("invalid LLB with no inputs on last vertex");
    }
    Set<Digest> reachable = reachable(Digest.parse(last.op.getInputs(0).getDigest()));
    Map<String, dev.slipway.api.ops.OpMetadata> metadata = definition.getMetadataMap();
    SequencedMap<Digest, OpVertex> vertices = new LinkedHashMap<>();
    for (Raw raw : ordered) {
      if (reachable.contains(raw.name.digest())) {
        OpVertex vertex = vertex(raw, metadata(metadata, raw));
        vertices.put(vertex.digest(), vertex);
        renamed.put(raw.name.digest(), vertex.digest());
      }
    }
    return new Definition(
        vertices,
        Optional.of(inputs(last).getFirst()),
        metadata(metadata, last),
        definition.hasSource()
            ? Optional.of(SourceMapCodec.decode(definition.getSource(), renamed))
            : Optional.empty());
  }

  private void add(ByteString encoded) {
    Digest digest = LlbEncoder.digest(encoded);
    InvalidOp name = new InvalidOp(raws.size(), digest);
    try {
      Raw raw = new Raw(name, dev.slipway.api.ops.Op.parseFrom(encoded));
      raws.add(raw);
      byDigest.put(digest, raw);
    } catch (InvalidProtocolBufferException e) {
      throw name.because("failed to parse llb proto op: " + whyUnreadable(e));
    }
  }

  /// Bytes that end too early are told in the reference's words.
  private static String whyUnreadable(InvalidProtocolBufferException e) {
    String message = String.valueOf(e.getMessage());
    return message.contains("ended unexpectedly") ? "unexpected EOF" : message;
  }

  /// All ops, each after those it uses; as they came where that is so already.
  private List<Raw> ordered() {
    List<Raw> ordered = new ArrayList<>();
    for (Raw start : raws) {
      Deque<Raw> path = new ArrayDeque<>();
      path.push(start);
      while (!path.isEmpty()) {
        Raw raw = path.peek();
        if (raw.depth >= 0) {
          path.pop();
        } else if (raw.open) {
          raw.depth = depth(raw);
          ordered.add(raw);
          path.pop();
        } else {
          raw.open = true;
          raw.op.getInputsList().reversed().forEach(input -> visit(raw, input, path));
        }
      }
    }
    return ordered;
  }

  private void visit(Raw user, dev.slipway.api.ops.Input input, Deque<Raw> path) {
    Raw used = used(user, input);
    if (used.depth < 0) {
      if (used.open) {
        throw user.name.because("cyclic definition: uses itself by way of " + input.getDigest());
      }
      path.push(used);
    }
  }

  private Raw used(Raw user, dev.slipway.api.ops.Input input) {
    String text = input.getDigest();
    Raw used = Digest.isDigest(text) ? byDigest.get(Digest.parse(text)) : null;
    if (used == null) {
      throw user.name.because("invalid missing input digest " + InvalidOp.clip(text));
    }
    return used;
  }

  private int depth(Raw raw) {
    int depth = 0;
    for (dev.slipway.api.ops.Input input : raw.op.getInputsList()) {
      depth = Math.max(depth, used(raw, input).depth + 1);
    }
    if (depth > MAX_DEPTH) {
      throw raw.name.because("a chain of more than " + MAX_DEPTH + " ops");
    }
    return depth;
  }

  private Set<Digest> reachable(Digest head) {
    Set<Digest> reachable = new HashSet<>();
    Deque<Digest> open = new ArrayDeque<>();
    open.add(head);
    while (!open.isEmpty()) {
      Digest digest = open.remove();
      Raw raw = byDigest.get(digest);
      if (raw != null && reachable.add(digest)) {
        raw.op.getInputsList().forEach(input -> open.add(Digest.parse(input.getDigest())));
      }
    }
    return reachable;
  }

  private OpVertex vertex(Raw raw, OpMetadata metadata) {
    List<Input> inputs = inputs(raw);
    ByteString encoded = LlbEncoder.encode(LlbEncoder.withInputs(raw.op, inputs));
    return new OpVertex(
        LlbEncoder.digest(encoded),
        encoded,
        inputs,
        new OpDecoder(raw.op, raw.name).decode(),
        raw.op.hasPlatform() ? Optional.of(platform(raw.op.getPlatform())) : Optional.empty(),
        raw.op.getConstraints().getFilterList(),
        metadata);
  }

  private List<Input> inputs(Raw raw) {
    List<Input> inputs = new ArrayList<>();
    for (dev.slipway.api.ops.Input input : raw.op.getInputsList()) {
      if (input.getIndex() < 0 || input.getIndex() > Integer.MAX_VALUE) {
        throw raw.name.because(
            "invalid input " + inputs.size() + " output index " + input.getIndex());
      }
      Digest digest = Digest.parse(input.getDigest());
      inputs.add(new Input(renamed.getOrDefault(digest, digest), (int) input.getIndex()));
    }
    return inputs;
  }

  private static OpMetadata metadata(
      Map<String, dev.slipway.api.ops.OpMetadata> metadata, Raw raw) {
    var found = metadata.get(raw.name.digest().toString());
    return found == null ? OpMetadata.NONE : MetadataCodec.decode(found);
  }

  /// A platform message in normal form.
  public static Platform platform(dev.slipway.api.ops.Platform platform) {
    return new Platform(
        platform.getOS(),
        platform.getArchitecture(),
        platform.getVariant(),
        platform.getOSVersion(),
        platform.getOSFeaturesList());
  }

  /// A source op on its own, as the gateway's requests carry it.
  public static SourceOp source(dev.slipway.api.ops.SourceOp source) {
    return new SourceOp(source.getIdentifier(), source.getAttrsMap());
  }

  /// The process of an interactive container, as the gateway's requests carry it.
  public static ExecMeta execMeta(dev.slipway.api.ops.Meta meta) {
    return OpDecoder.meta(meta);
  }
}
