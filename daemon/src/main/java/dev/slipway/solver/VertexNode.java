package dev.slipway.solver;

import dev.slipway.progress.VertexProgress;
import dev.slipway.task.Task;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Consumer;

/// A vertex in the shared graph: who is interested in it, its edges, the tasks that run for it. It
/// lives from the first job that loads it to the last one that leaves. Confined to the loop, but
/// for its story, context and cache.
final class VertexNode<P, R extends Result> {
  private final Graph<P, R> graph;
  private final long number;
  private final Vertex<P> vertex;
  private final List<Input<P, R>> inputs;
  private final VertexStory story;
  private final NodeContext context;
  private final VertexWork<P, R> work;
  private final SortedSet<GraphJob<P, R>> interested =
      new TreeSet<>(Comparator.comparingLong(GraphJob::number));
  private final Set<GraphJob<P, R>> viewers = new HashSet<>();
  private final List<Use<P, R>> uses = new ArrayList<>();
  private final Map<Integer, EdgeNode<P, R>> edges = new LinkedHashMap<>();
  private final List<CacheDecision> decisions = new ArrayList<>();
  private final Map<Object, Runnable> stops = new HashMap<>();
  private final List<Runnable> whenQuiet = new ArrayList<>();
  private Optional<VertexNode<P, R>> mergedInto = Optional.empty();
  private volatile CacheAccess<R> cache;
  private boolean isDead;
  private boolean hasFailed;

  /// @param number tells it from all others, ever
  VertexNode(Graph<P, R> graph, long number, Vertex<P> vertex, List<Input<P, R>> inputs) {
    this.graph = graph;
    this.number = number;
    this.vertex = vertex;
    this.inputs = List.copyOf(inputs);
    this.story = new VertexStory(VertexLabel.of(vertex), graph.clock());
    this.context = new NodeContext(this, new VertexProgress(vertex.digest(), story, graph.clock()));
    this.work = new VertexWork<>(this);
    this.cache = graph.cache();
    inputs.forEach(input -> uses.add(new Use<>(input.node(), true)));
  }

  Graph<P, R> graph() {
    return graph;
  }

  long number() {
    return number;
  }

  Vertex<P> vertex() {
    return vertex;
  }

  List<Input<P, R>> inputs() {
    return inputs;
  }

  VertexStory story() {
    return story;
  }

  NodeContext context() {
    return context;
  }

  VertexWork<P, R> work() {
    return work;
  }

  SortedSet<GraphJob<P, R>> interested() {
    return interested;
  }

  Set<GraphJob<P, R>> viewers() {
    return viewers;
  }

  List<Use<P, R>> uses() {
    return uses;
  }

  List<CacheDecision> decisions() {
    return decisions;
  }

  Collection<EdgeNode<P, R>> edges() {
    return edges.values();
  }

  boolean ignoresCache() {
    return vertex.options().ignoreCache();
  }

  /// Whether its results may go into exported caches.
  boolean isExported() {
    return vertex.options().exportCache().orElse(true);
  }

  boolean isDead() {
    return isDead;
  }

  boolean isMerged() {
    return mergedInto.isPresent();
  }

  /// Whether it, or the vertex that took its place, has failed: only jobs that saw it keep the
  /// failure.
  boolean hasFailed() {
    return current().hasFailed;
  }

  void fail() {
    hasFailed = true;
  }

  /// This vertex, or the one it was merged into.
  VertexNode<P, R> current() {
    VertexNode<P, R> node = this;
    while (node.mergedInto.isPresent()) {
      node = node.mergedInto.get();
    }
    return node;
  }

  /// The edge of that output; of the vertex this one was merged into, if it was.
  EdgeNode<P, R> edge(int output) {
    VertexNode<P, R> node = current();
    return node.edges.computeIfAbsent(output, index -> new EdgeNode<>(node, index));
  }

  EdgeNode<P, R> inputEdge(int number) {
    return inputs.get(number).node().edge(inputs.get(number).output());
  }

  void mergeInto(VertexNode<P, R> target) {
    mergedInto = Optional.of(target);
    uses.add(new Use<>(target, false));
  }

  /// Whether work on this vertex needs that one, however far down.
  boolean needs(VertexNode<P, R> other) {
    Set<VertexNode<P, R>> seen = new HashSet<>(Set.of(this));
    List<VertexNode<P, R>> open = new ArrayList<>(List.of(this));
    while (!open.isEmpty()) {
      VertexNode<P, R> next = open.removeLast();
      if (next == other) {
        return true;
      }
      next.uses.stream().map(Use::node).filter(seen::add).forEach(open::add);
    }
    return false;
  }

  /// Tells the evaluator who is interested now, and looks where those who are want it to.
  void interestChanged() {
    context.jobs(interested.stream().map(GraphJob::id).toList());
    cache = graph.cache().with(interested.stream().flatMap(job -> job.imports().stream()).toList());
  }

  /// Where this vertex looks for its results. May be called on any thread.
  CacheAccess<R> cache() {
    return cache;
  }

  /// Runs a task for this vertex.
  ///
  /// @param end called on the loop when it has ended; empty when it failed only because it was
  ///   interrupted, or because a job whose help it may have needed has left: then it may run again
  ///   for those that remain
  /// @return interrupts it
  <T> Runnable start(Task<T> task, Consumer<Optional<Outcome<T>>> end) {
    Object token = new Object();
    Set<GraphJob<P, R>> helpers = Set.copyOf(interested);
    boolean[] interrupted = {false};
    SolverThreads.Started started =
        graph
            .threads()
            .start(
                () -> {
                  Outcome<T> outcome = Outcome.of(task);
                  graph.post(
                      () -> {
                        stops.remove(token);
                        boolean counts =
                            outcome instanceof Outcome.Done<T>
                                || !interrupted[0] && interested.containsAll(helpers);
                        end.accept(counts ? Optional.of(outcome) : Optional.empty());
                        tellIfQuiet();
                      });
                });
    Runnable stop =
        () -> {
          interrupted[0] = true;
          started.interrupt();
        };
    stops.put(token, stop);
    return stop;
  }

  /// Closes holds on a thread of their own; closing may block.
  void dispose(List<R> holds) {
    if (!holds.isEmpty()) {
      start(
          () -> {
            holds.forEach(Result::close);
            return true;
          },
          _ -> {});
    }
  }

  /// Ends: interrupts all work and gives every result up.
  void die() {
    isDead = true;
    List.copyOf(stops.values()).forEach(Runnable::run);
    List<R> holds = new ArrayList<>(work.takeResults());
    edges.values().forEach(edge -> edge.abandon().ifPresent(holds::add));
    dispose(holds);
  }

  /// Calls back when no task runs for this vertex, maybe at once.
  void whenQuiet(Runnable call) {
    whenQuiet.add(call);
    tellIfQuiet();
  }

  private void tellIfQuiet() {
    if (stops.isEmpty()) {
      List<Runnable> calls = List.copyOf(whenQuiet);
      whenQuiet.clear();
      calls.forEach(Runnable::run);
    }
  }

  /// An input of the vertex.
  record Input<P, R extends Result>(VertexNode<P, R> node, int output) {}

  /// Another vertex that work on this one needs.
  ///
  /// @param isVisible whoever watches this one watches that one too
  record Use<P, R extends Result>(VertexNode<P, R> node, boolean isVisible) {}
}
