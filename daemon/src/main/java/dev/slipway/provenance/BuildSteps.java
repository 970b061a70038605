package dev.slipway.provenance;

import dev.slipway.api.ops.Op;
import dev.slipway.failure.CorruptData;
import dev.slipway.failure.Fact.SourceRange;
import dev.slipway.llb.Definition;
import dev.slipway.llb.Input;
import dev.slipway.llb.LlbDecoder;
import dev.slipway.llb.LlbEncoder;
import dev.slipway.llb.OpVertex;
import dev.slipway.llb.SourceMaps;
import dev.slipway.oci.Descriptor;
import dev.slipway.oci.Digest;
import dev.slipway.oci.json.OciJson;
import dev.slipway.usage.StepUsage;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.function.Function;

/// A definition told step by step, each after all it uses, and where its steps were written.
public final class BuildSteps {
  private final Definition definition;
  private final SequencedMap<Digest, Integer> numbers = new LinkedHashMap<>();
  private final Map<Input, List<Descriptor>> layers;
  private final Function<Digest, Optional<StepUsage>> usage;

  /// @param layers of those outputs that have them as blobs, base first
  /// @param usage what the step of a vertex used, where that is to be told
  public BuildSteps(
      Definition definition,
      Map<Input, List<Descriptor>> layers,
      Function<Digest, Optional<StepUsage>> usage) {
    this.definition = definition;
    this.layers = new LinkedHashMap<>(layers);
    this.usage = usage;
    definition.head().ifPresent(head -> number(head.vertex()));
  }

  private void number(Digest vertex) {
    if (numbers.containsKey(vertex)) {
      return;
    }
    definition.requireVertex(vertex).inputs().forEach(input -> number(input.vertex()));
    numbers.putIfAbsent(vertex, numbers.size());
  }

  /// Chains of layers by output; an output has one chain.
  Map<String, Object> layers() {
    TreeMap<String, Object> json = new TreeMap<>();
    layers.forEach(
        (output, chain) -> {
          if (numbers.containsKey(output.vertex())) {
            json.put(name(output), List.of(chain.stream().map(BuildSteps::layer).toList()));
          }
        });
    return json;
  }

  private static Map<String, Object> layer(Descriptor blob) {
    return OciJson.tree(new Descriptor(blob.mediaType(), blob.digest(), blob.bytes()));
  }

  /// `llbDefinition` and `digestMapping`.
  Map<String, Object> config() {
    TreeMap<String, Object> json = new TreeMap<>();
    if (numbers.isEmpty()) {
      return json;
    }
    dev.slipway.api.ops.Definition encoded = LlbEncoder.encode(definition);
    Digest last = Digest.ofBytes(encoded.getDef(encoded.getDefCount() - 1).toByteArray());
    List<Object> steps = new ArrayList<>();
    numbers.forEach((vertex, number) -> steps.add(step(definition.requireVertex(vertex), number)));
    SequencedMap<String, Object> head = new LinkedHashMap<>();
    head.put("id", "step" + numbers.size());
    head.put("inputs", List.of(name(definition.head().orElseThrow())));
    head.put("op", Map.of("Op", Map.of()));
    steps.add(head);
    json.put("llbDefinition", steps);
    TreeMap<String, Object> mapping = new TreeMap<>();
    numbers.forEach((vertex, number) -> mapping.put(vertex.toString(), "step" + number));
    mapping.put(last.toString(), "step" + numbers.size());
    json.put("digestMapping", mapping);
    return json;
  }

  private Map<String, Object> step(OpVertex vertex, int number) {
    SequencedMap<String, Object> json = new LinkedHashMap<>();
    json.put("id", "step" + number);
    if (!vertex.inputs().isEmpty()) {
      json.put("inputs", vertex.inputs().stream().map(this::name).toList());
    }
    try {
      json.put("op", OpJson.of(Op.parseFrom(vertex.encoded())));
    } catch (com.google.protobuf.InvalidProtocolBufferException damaged) {
      throw new CorruptData("vertex " + vertex.digest() + " cannot be told", damaged);
    }
    usage.apply(vertex.digest()).ifPresent(used -> json.put("resourceUsage", UsageJson.of(used)));
    return json;
  }

  private String name(Input input) {
    return "step" + numbers.get(input.vertex()) + ":" + input.index();
  }

  /// `locations` and `infos`; empty when the definition does not say where it was written.
  Optional<Map<String, Object>> sources() {
    return definition.sources().filter(maps -> !maps.infos().isEmpty()).map(this::sources);
  }

  private Map<String, Object> sources(SourceMaps maps) {
    TreeMap<String, Object> locations = new TreeMap<>();
    numbers.forEach(
        (vertex, number) -> {
          List<SourceMaps.Location> places = maps.locations().get(vertex);
          if (places != null) {
            SequencedMap<String, Object> json = new LinkedHashMap<>();
            if (!places.isEmpty()) {
              json.put("locations", places.stream().map(BuildSteps::place).toList());
            }
            locations.put("step" + number, json);
          }
        });
    SequencedMap<String, Object> json = new LinkedHashMap<>();
    json.put("locations", locations);
    json.put("infos", maps.infos().stream().map(this::info).toList());
    return json;
  }

  private static Map<String, Object> place(SourceMaps.Location location) {
    SequencedMap<String, Object> json = new LinkedHashMap<>();
    if (location.sourceIndex() != 0) {
      json.put("sourceIndex", location.sourceIndex());
    }
    if (!location.ranges().isEmpty()) {
      json.put("ranges", location.ranges().stream().map(BuildSteps::range).toList());
    }
    return json;
  }

  private static Map<String, Object> range(SourceRange range) {
    SequencedMap<String, Object> json = new LinkedHashMap<>();
    json.put("start", position(range.startLine(), range.startCharacter()));
    json.put("end", position(range.endLine(), range.endCharacter()));
    return json;
  }

  private static Map<String, Object> position(int line, int character) {
    SequencedMap<String, Object> json = new LinkedHashMap<>();
    if (line != 0) {
      json.put("line", line);
    }
    if (character != 0) {
      json.put("character", character);
    }
    return json;
  }

  private Map<String, Object> info(SourceMaps.SourceInfo info) {
    SequencedMap<String, Object> json = new LinkedHashMap<>();
    json.put("filename", info.filename());
    if (!info.language().isEmpty()) {
      json.put("language", info.language());
    }
    json.put("data", Base64.getEncoder().encodeToString(info.data().toByteArray()));
    info.definition()
        .filter(bytes -> !bytes.isEmpty())
        .ifPresent(
            bytes ->
                json.putAll(new BuildSteps(LlbDecoder.decode(bytes), Map.of(), usage).config()));
    return json;
  }
}
