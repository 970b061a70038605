package dev.slipway.frontend.dockerfile.graph;

import com.google.protobuf.ByteString;
import dev.slipway.failure.Fact.SourceRange;
import dev.slipway.frontend.dockerfile.source.LineSpan;
import dev.slipway.llb.Definition;
import dev.slipway.llb.Input;
import dev.slipway.llb.LlbEncoder;
import dev.slipway.llb.MergeOp;
import dev.slipway.llb.OpMetadata;
import dev.slipway.llb.OpVertex;
import dev.slipway.llb.SourceMaps;
import dev.slipway.llb.SourceOp;
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
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeSet;

/// Writes a graph as a definition: every vertex once, after all it uses. Confined to one
/// definition.
///
/// The order of vertices is the reference's, so that equal builds have equal bytes.
public final class DefinitionWriter {
  private final Platform defaultPlatform;
  private final Optional<SourceFile> file;
  private final IdentityHashMap<Node, OpVertex> written = new IdentityHashMap<>();
  private final SequencedMap<Digest, OpVertex> vertices = new LinkedHashMap<>();
  private final Map<Digest, List<SourceMaps.Location>> locations = new HashMap<>();

  /// @param defaultPlatform of sources that depend on one and do not say which
  /// @param file the nodes' places are lines of it; without it places are left out
  public DefinitionWriter(Platform defaultPlatform, Optional<SourceFile> file) {
    this.defaultPlatform = defaultPlatform;
    this.file = file;
  }

  /// The file people wrote.
  ///
  /// @param definition an encoded definition that produces it
  public record SourceFile(
      String name, String language, ByteString data, Optional<ByteString> definition) {}

  /// @param result what is wanted; empty for scratch
  public Definition write(Optional<Output> result) {
    if (result.isEmpty()) {
      return Definition.SCRATCH;
    }
    Output wanted = result.get();
    writeWithInputs(wanted.node());
    List<SourceMaps.SourceInfo> infos = new ArrayList<>();
    if (locations.values().stream().anyMatch(places -> !places.isEmpty())) {
      file.ifPresent(
          source ->
              infos.add(
                  new SourceMaps.SourceInfo(
                      source.name(), source.language(), source.data(), source.definition())));
    }
    return new Definition(
        vertices,
        Optional.of(input(wanted)),
        headMetadata(),
        Optional.of(new SourceMaps(infos, locations)));
  }

  private OpMetadata headMetadata() {
    TreeSet<String> capabilities = new TreeSet<>(List.of("constraints", "platform"));
    for (OpVertex vertex : vertices.values()) {
      if (vertex.metadata().ignoreCache()) {
        capabilities.add("meta.ignorecache");
      }
      if (!vertex.metadata().description().isEmpty()) {
        capabilities.add("meta.description");
      }
      if (vertex.metadata().exportCache().isPresent()) {
        capabilities.add("meta.exportcache");
      }
    }
    return metadata(NodeNotes.NONE, capabilities);
  }

  /// Depth first without recursion, as chains of steps may be long.
  private void writeWithInputs(Node last) {
    Deque<Pending> open = new ArrayDeque<>();
    open.push(new Pending(last));
    while (!open.isEmpty()) {
      Pending pending = open.peek();
      if (written.containsKey(pending.node)) {
        open.pop();
      } else if (pending.next < pending.inputs.size()) {
        open.push(new Pending(pending.inputs.get(pending.next++).node()));
      } else {
        open.pop();
        write(pending.node);
      }
    }
  }

  /// A node some of whose inputs are not written yet.
  private static final class Pending {
    private final Node node;
    private final List<Output> inputs;
    private int next;

    Pending(Node node) {
      this.node = node;
      this.inputs = DefinitionWriter.inputs(node);
    }
  }

  /// Inputs in the order they are to be written.
  private static List<Output> inputs(Node node) {
    return switch (node) {
      case SourceNode _, ImportedNode _ -> List.of();
      case MergeNode merge -> merge.inputs();
      case FileNode file -> {
        List<Output> inputs = new ArrayList<>(file.copied().reversed());
        file.base().ifPresent(inputs::addFirst);
        yield inputs;
      }
      case ExecNode exec ->
          exec.sortedMounts().stream().flatMap(mount -> mount.source().stream()).toList();
    };
  }

  private void write(Node node) {
    switch (node) {
      case SourceNode source -> add(source, vertex(source));
      case MergeNode merge -> add(merge, vertex(merge));
      case FileNode fileNode -> add(fileNode, new FileOpWriter(this).vertex(fileNode));
      case ExecNode exec -> add(exec, new ExecOpWriter(this).vertex(exec));
      case ImportedNode imported -> add(imported);
    }
  }

  private void add(Node node, OpVertex vertex) {
    written.put(node, vertex);
    vertices.merge(
        vertex.digest(),
        vertex,
        (before, again) -> before.withMetadata(before.metadata().mergedWith(again.metadata())));
    List<SourceMaps.Location> places =
        locations.computeIfAbsent(vertex.digest(), _ -> new ArrayList<>());
    if (file.isPresent()) {
      node.notes().place().map(DefinitionWriter::location).ifPresent(places::add);
    }
  }

  private static SourceMaps.Location location(LineSpan span) {
    List<SourceRange> ranges = new ArrayList<>();
    for (int line = span.first(); line <= span.last(); line++) {
      ranges.add(new SourceRange(line, 0, line, 0));
    }
    return new SourceMaps.Location(0, ranges);
  }

  /// Takes over somebody else's vertices, in their order. Their places are in files that are not
  /// ours and are left out.
  private void add(ImportedNode imported) {
    for (OpVertex vertex : imported.definition().vertices().values()) {
      vertices.merge(
          vertex.digest(),
          vertex,
          (before, again) -> before.withMetadata(before.metadata().mergedWith(again.metadata())));
      locations.computeIfAbsent(vertex.digest(), _ -> new ArrayList<>());
    }
    Input head = imported.head();
    written.put(imported, imported.definition().requireVertex(head.vertex()));
  }

  private OpVertex vertex(SourceNode node) {
    SourceNode.Source source = node.source();
    SourceOp op = new SourceOp(source.identifier(), source.attributes());
    boolean onPlatform =
        source.identifier().startsWith("docker-image://")
            || source.identifier().startsWith("oci-layout://");
    Optional<Platform> platform =
        onPlatform ? Optional.of(node.platform().orElse(defaultPlatform)) : Optional.empty();
    return LlbEncoder.vertex(
        List.of(), op, platform, List.of(), metadata(node.notes(), source.capabilities()));
  }

  private OpVertex vertex(MergeNode node) {
    List<Input> inputs = new ArrayList<>();
    List<OptionalInt> indexes = node.inputs().stream().map(input -> index(input, inputs)).toList();
    return LlbEncoder.vertex(
        inputs,
        new MergeOp(indexes),
        Optional.empty(),
        List.of(),
        metadata(node.notes(), Set.of("mergeop")));
  }

  /// The place of an output among a vertex's inputs, where it is put if it is not there yet.
  OptionalInt index(Output output, List<Input> inputs) {
    Input input = input(output);
    int index = inputs.indexOf(input);
    if (index >= 0) {
      return OptionalInt.of(index);
    }
    inputs.add(input);
    return OptionalInt.of(inputs.size() - 1);
  }

  OptionalInt index(Optional<Output> output, List<Input> inputs) {
    return output.map(present -> index(present, inputs)).orElseGet(OptionalInt::empty);
  }

  /// The output of a node that is written already.
  private Input input(Output output) {
    if (output.node() instanceof ImportedNode imported) {
      return imported.head();
    }
    OpVertex vertex = written.get(output.node());
    if (vertex == null) {
      throw new IllegalStateException("an input is written after what uses it");
    }
    return new Input(vertex.digest(), output.index());
  }

  OpMetadata metadata(NodeNotes notes, Set<String> capabilities) {
    return new OpMetadata(
        notes.ignoreCache(),
        notes.description(),
        Optional.empty(),
        new TreeSet<>(capabilities),
        notes
            .group()
            .map(group -> new OpMetadata.ProgressGroup(group.id(), group.name(), group.weak())),
        notes
            .resources()
            .map(
                limits ->
                    new OpMetadata.LinuxResources(
                        limits.memory(),
                        limits.memorySwap(),
                        limits.cpuShares(),
                        limits.cpuPeriod(),
                        limits.cpuQuota(),
                        limits.cpus(),
                        limits.memoryNodes())));
  }
}
