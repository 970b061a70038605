package dev.slipway.frontend.sbom;

import dev.slipway.llb.Definition;
import dev.slipway.llb.Input;
import dev.slipway.llb.OpMetadata;
import dev.slipway.llb.OpVertex;
import dev.slipway.llb.SourceMaps;
import dev.slipway.llb.SourceMaps.Location;
import dev.slipway.llb.SourceMaps.SourceInfo;
import dev.slipway.oci.Digest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SequencedMap;

/// A definition that grows out of others: their vertices, each once, and those that use them.
/// Confined to one thread.
final class JoinedDefinitions {
  private final SequencedMap<Digest, OpVertex> vertices = new LinkedHashMap<>();
  private final List<SourceInfo> files = new ArrayList<>();
  private final Map<Digest, List<Location>> places = new HashMap<>();
  private final List<Input> inputs = new ArrayList<>();

  /// Takes over a definition.
  ///
  /// @return the number of its head among the inputs of what comes next; empty for scratch
  OptionalInt input(Definition definition) {
    if (definition.head().isEmpty()) {
      return OptionalInt.empty();
    }
    definition.vertices().values().forEach(this::add);
    definition.sources().ifPresent(this::add);
    return input(definition.head().get());
  }

  /// Takes over a vertex without inputs, whose first output is the input.
  OptionalInt input(OpVertex source) {
    add(source);
    return input(new Input(source.digest(), 0));
  }

  private OptionalInt input(Input head) {
    int known = inputs.indexOf(head);
    if (known >= 0) {
      return OptionalInt.of(known);
    }
    inputs.add(head);
    return OptionalInt.of(inputs.size() - 1);
  }

  List<Input> inputs() {
    return List.copyOf(inputs);
  }

  private void add(OpVertex vertex) {
    vertices.merge(
        vertex.digest(),
        vertex,
        (before, again) -> before.withMetadata(before.metadata().mergedWith(again.metadata())));
  }

  private void add(SourceMaps maps) {
    List<Integer> numbers = maps.infos().stream().map(this::number).toList();
    maps.locations()
        .forEach(
            (vertex, found) -> {
              List<Location> all = places.computeIfAbsent(vertex, _ -> new ArrayList<>());
              for (Location each : found) {
                Location renumbered = new Location(numbers.get(each.sourceIndex()), each.ranges());
                if (!all.contains(renumbered)) {
                  all.add(renumbered);
                }
              }
            });
  }

  private int number(SourceInfo file) {
    int known = files.indexOf(file);
    if (known >= 0) {
      return known;
    }
    files.add(file);
    return files.size() - 1;
  }

  /// The definition of an output of a vertex that uses the inputs.
  Definition define(OpVertex last, int output, OpMetadata headMetadata) {
    add(last);
    return new Definition(
        vertices,
        Optional.of(new Input(last.digest(), output)),
        headMetadata,
        Optional.of(new SourceMaps(files, places)));
  }
}
