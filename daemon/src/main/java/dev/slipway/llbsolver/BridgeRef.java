package dev.slipway.llbsolver;

import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.WrongState;
import dev.slipway.frontend.FrontendRef;
import dev.slipway.fsutil.Stat;
import dev.slipway.llb.Definition;
import dev.slipway.llb.Input;
import dev.slipway.llb.SourceOp;
import dev.slipway.oci.Descriptor;
import dev.slipway.oci.Digest;
import dev.slipway.op.LlbVertex;
import dev.slipway.op.RefResult;
import dev.slipway.ref.ImmutableRef;
import dev.slipway.ref.RefLayer;
import dev.slipway.solver.Job.Solved;
import dev.slipway.solver.Vertex;
import dev.slipway.solver.Vertex.Edge;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;

/// A result of a build, solved when first needed; the answer is kept until the build ends.
/// Thread-safe: concurrent callers share one evaluation, since equal edges of one job are joined by
/// the solver.
final class BridgeRef implements FrontendRef, LossRecovery.Exported, AutoCloseable {
  private final String id;
  private final Definition definition;
  private final Edge<LlbVertex> edge;
  private final Build build;
  private final TreeReader reader;
  private final UnaryOperator<BuildFailure> located;
  private final List<Solved<RefResult>> lost = new ArrayList<>();
  private Optional<Solved<RefResult>> solved = Optional.empty();
  private boolean closed;

  /// @param located adds to a failure where in the user's source its vertex was written
  BridgeRef(
      String id,
      Definition definition,
      Edge<LlbVertex> edge,
      Build build,
      TreeReader reader,
      UnaryOperator<BuildFailure> located) {
    this.id = id;
    this.definition = definition;
    this.edge = edge;
    this.build = build;
    this.reader = reader;
    this.located = located;
  }

  @Override
  public String id() {
    return id;
  }

  @Override
  public Definition definition() {
    return definition;
  }

  @Override
  public Digest madeBy() {
    return edge.vertex().digest();
  }

  /// The vertex as it is solved.
  Vertex<LlbVertex> vertex() {
    return edge.vertex();
  }

  @Override
  public void evaluate() {
    solved();
  }

  /// Whether it was needed so far.
  synchronized boolean isSolved() {
    return solved.isPresent();
  }

  /// Layers of the result and of the images it is made from, where they are blobs.
  Map<Input, List<Descriptor>> layers() {
    Map<Input, List<Descriptor>> layers = new LinkedHashMap<>();
    images(edge.vertex(), new HashSet<>())
        .forEach(
            image -> {
              try (Solved<RefResult> found = build.job().solve(image)) {
                putLayers(image, found.result().ref(), layers);
              }
            });
    putLayers(edge, tree(), layers);
    return layers;
  }

  private static void putLayers(
      Edge<LlbVertex> of, Optional<ImmutableRef> tree, Map<Input, List<Descriptor>> layers) {
    List<RefLayer> chain = tree.map(ImmutableRef::layers).orElse(List.of());
    List<Descriptor> blobs = chain.stream().flatMap(layer -> layer.blob().stream()).toList();
    if (!blobs.isEmpty() && blobs.size() == chain.size()) {
      layers.put(new Input(of.vertex().digest(), of.index()), blobs);
    }
  }

  private static List<Edge<LlbVertex>> images(Vertex<LlbVertex> vertex, Set<Digest> seen) {
    List<Edge<LlbVertex>> images = new ArrayList<>();
    if (seen.add(vertex.digest())) {
      vertex.inputs().forEach(input -> images.addAll(images(input.vertex(), seen)));
      if (vertex.payload().op() instanceof SourceOp source
          && (source.scheme().equals("docker-image") || source.scheme().equals("oci-layout"))) {
        images.add(new Edge<>(vertex, 0));
      }
    }
    return images;
  }

  @Override
  public Optional<ImmutableRef> tree() {
    return solved().result().ref();
  }

  /// The result with all its files here; stays this ref's. What was found in a cache and turns out
  /// to be lost is made anew.
  ///
  /// @return empty for an empty tree
  Optional<ImmutableRef> realTree() {
    while (true) {
      Solved<RefResult> now = solved();
      try {
        now.result().ref().ifPresent(reader::bring);
        return now.result().ref();
      } catch (BuildFailure failure) {
        if (!lose(now, failure)) {
          throw failure;
        }
      }
    }
  }

  @Override
  public boolean isLost() {
    return solved().result().isLost();
  }

  @Override
  public boolean lose(BuildFailure reason) {
    return lose(solved(), reason);
  }

  /// Those who look at it at this moment may do so until the build ends.
  private boolean lose(Solved<RefResult> found, BuildFailure reason) {
    if (!build.job().lose(edge, found, reason)) {
      return false;
    }
    synchronized (this) {
      if (solved.filter(now -> now == found).isPresent()) {
        lost.add(found);
        solved = Optional.empty();
      }
    }
    return true;
  }

  /// The result with its key; stays this ref's.
  Solved<RefResult> solved() {
    synchronized (this) {
      if (closed) {
        throw new WrongState("the build of result " + id + " has ended");
      }
      if (solved.isPresent()) {
        return solved.get();
      }
    }
    Solved<RefResult> fresh;
    try {
      fresh = build.job().solve(edge);
    } catch (BuildFailure failure) {
      throw located.apply(failure);
    }
    synchronized (this) {
      if (closed || solved.isPresent()) {
        fresh.close();
      } else {
        solved = Optional.of(fresh);
      }
      return solved.orElseThrow(() -> new WrongState("the build of result " + id + " has ended"));
    }
  }

  @Override
  public byte[] readFile(String path, Optional<ByteRange> range) {
    return reader.readFile(reader.opening(realTree()), path, range);
  }

  @Override
  public List<Stat> readDirectory(String path, Optional<String> pattern) {
    return reader.readDirectory(reader.opening(realTree()), path, pattern);
  }

  @Override
  public Stat stat(String path) {
    return reader.stat(reader.opening(realTree()), path);
  }

  @Override
  public synchronized void close() {
    closed = true;
    lost.forEach(Solved::close);
    lost.clear();
    solved.ifPresent(Solved::close);
    solved = Optional.empty();
  }
}
