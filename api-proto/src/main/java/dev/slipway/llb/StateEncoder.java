package dev.slipway.llb;

import dev.slipway.failure.InvalidRequest;
import dev.slipway.llb.Constraints.Origin;
import dev.slipway.llb.Constraints.SourceFile;
import dev.slipway.llb.PendingOp.Parts;
import dev.slipway.llb.SourceMaps.Location;
import dev.slipway.llb.SourceMaps.SourceInfo;
import dev.slipway.oci.Digest;
import dev.slipway.oci.Platform;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.stream.Stream;

/// Turns a state into a definition: inputs before what uses them, equal ops once. Used once,
/// confined to one thread.
final class StateEncoder {
  private final Constraints defaults;
  private final Map<PendingOp, Digest> encoded = new IdentityHashMap<>();
  private final SequencedMap<Digest, OpVertex> vertices = new LinkedHashMap<>();
  private final List<SourceFile> files = new ArrayList<>();
  private final Map<Digest, List<Location>> locations = new HashMap<>();

  StateEncoder(Constraints defaults) {
    this.defaults = defaults;
  }

  Definition define(State state) {
    if (state.op().isEmpty()) {
      return Definition.SCRATCH;
    }
    encodeAll(state.op().get());
    return new Definition(
        vertices, input(state), headMetadata(), Optional.of(new SourceMaps(infos(), locations)));
  }

  private void encodeAll(PendingOp head) {
    Deque<PendingOp> path = new ArrayDeque<>();
    path.push(head);
    while (!path.isEmpty()) {
      PendingOp op = path.peek();
      Optional<PendingOp> missing =
          op.uses().stream()
              .flatMap(state -> state.op().stream())
              .filter(used -> !encoded.containsKey(used))
              .findFirst();
      if (missing.isPresent()) {
        path.push(missing.get());
      } else {
        path.pop();
        if (!encoded.containsKey(op)) {
          encode(op);
        }
      }
    }
  }

  private void encode(PendingOp op) {
    Parts parts = op.parts(this::input, defaults);
    Constraints own = op.constraints();
    OpMetadata metadata = defaults.metadata().mergedWith(own.metadata());
    for (String cap : parts.caps()) {
      metadata = metadata.withCap(cap);
    }
    OpVertex vertex =
        LlbEncoder.vertex(
            parts.inputs(),
            parts.op(),
            parts.platformSpecific() ? Optional.of(platform(own)) : Optional.empty(),
            Stream.concat(defaults.workerFilters().stream(), own.workerFilters().stream()).toList(),
            metadata);
    encoded.put(op, vertex.digest());
    vertices.merge(
        vertex.digest(),
        vertex,
        (one, other) -> one.withMetadata(one.metadata().mergedWith(other.metadata())));
    locate(vertex.digest(), own.origins());
  }

  private Platform platform(Constraints own) {
    return own.platform()
        .or(defaults::platform)
        .orElseThrow(() -> new InvalidRequest("no platform given for the definition"));
  }

  private Optional<Input> input(State state) {
    return state.op().map(op -> new Input(Objects.requireNonNull(encoded.get(op)), state.number()));
  }

  private void locate(Digest vertex, List<Origin> origins) {
    List<Location> places = locations.computeIfAbsent(vertex, _ -> new ArrayList<>());
    for (Origin origin : origins) {
      int index = indexOf(origin.file());
      places.add(new Location(index, origin.ranges()));
    }
  }

  private int indexOf(SourceFile file) {
    for (int i = 0; i < files.size(); i++) {
      SourceFile known = files.get(i);
      if (known.filename().equals(file.filename())
          && known.language().equals(file.language())
          && known.data().equals(file.data())) {
        return i;
      }
    }
    files.add(file);
    return files.size() - 1;
  }

  private List<SourceInfo> infos() {
    return files.stream()
        .map(
            file ->
                new SourceInfo(
                    file.filename(),
                    file.language(),
                    file.data(),
                    file.state().map(state -> LlbEncoder.encodeBytes(state.define(defaults)))))
        .toList();
  }

  private OpMetadata headMetadata() {
    OpMetadata head = OpMetadata.NONE.withCap(Caps.CONSTRAINTS).withCap(Caps.PLATFORM);
    for (OpVertex vertex : vertices.values()) {
      OpMetadata metadata = vertex.metadata();
      if (metadata.ignoreCache()) {
        head = head.withCap(Caps.META_IGNORE_CACHE);
      }
      if (!metadata.description().isEmpty()) {
        head = head.withCap(Caps.META_DESCRIPTION);
      }
      if (metadata.exportCache().isPresent()) {
        head = head.withCap(Caps.META_EXPORT_CACHE);
      }
    }
    return head;
  }
}
