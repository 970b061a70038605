package dev.slipway.solver;

import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.Cancelled;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.solver.CacheDecision.Reason;
import dev.slipway.solver.Job.Solved;
import dev.slipway.solver.VertexNode.Input;
import dev.slipway.solver.VertexNode.Use;
import dev.slipway.task.Clock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/// The graph all jobs share: vertices by identity, who is interested in what, and which turned out
/// to be the same. Confined to the loop: every call comes through [#post(Runnable)], which then
/// lets the edges that were woken react until none is left.
final class Graph<P, R extends Result> {
  private final SolverThreads threads;
  private final Evaluator.Factory<P, R> evaluators;
  private final CacheAccess<R> cache;
  private final Clock clock;
  private final DecisionObserver observer;
  private final ExecutionSlots slots;
  private final VertexTable<P, R> table = new VertexTable<>(this);
  private final ActiveKeys<EdgeNode<P, R>> activeKeys = new ActiveKeys<>();
  private final Deque<EdgeNode<P, R>> woken = new ArrayDeque<>();
  private final Deque<Runnable> endOfTurn = new ArrayDeque<>();

  Graph(
      SolverThreads threads,
      Evaluator.Factory<P, R> evaluators,
      CacheAccess<R> cache,
      SolverLimits limits,
      Clock clock,
      DecisionObserver observer) {
    this.threads = threads;
    this.evaluators = evaluators;
    this.cache = cache;
    this.clock = clock;
    this.observer = observer;
    this.slots = new ExecutionSlots(limits);
  }

  SolverThreads threads() {
    return threads;
  }

  Evaluator.Factory<P, R> evaluators() {
    return evaluators;
  }

  CacheAccess<R> cache() {
    return cache;
  }

  Clock clock() {
    return clock;
  }

  ExecutionSlots slots() {
    return slots;
  }

  ActiveKeys<EdgeNode<P, R>> activeKeys() {
    return activeKeys;
  }

  /// Runs the event on the loop, and then everything that follows from it.
  void post(Runnable event) {
    threads.post(
        () -> {
          event.run();
          while (!woken.isEmpty() || !endOfTurn.isEmpty()) {
            while (!woken.isEmpty()) {
              react(woken.remove());
            }
            Optional.ofNullable(endOfTurn.poll()).ifPresent(Runnable::run);
          }
        });
  }

  /// A mistake in the solver must not leave a build waiting for ever: the edge fails with it.
  private void react(EdgeNode<P, R> edge) {
    try {
      edge.react();
    } catch (RuntimeException bug) {
      edge.broke(bug);
    }
  }

  /// Runs the action when no woken edge is left.
  void atEndOfTurn(Runnable action) {
    endOfTurn.add(action);
  }

  void wake(EdgeNode<P, R> edge) {
    woken.add(edge);
  }

  /// Loads the vertex with all it is made of for the job, and asks for the edge.
  ///
  /// @param answer called once, on the loop
  Begun<P, R> request(
      GraphJob<P, R> job, Vertex.Edge<P> wanted, Consumer<Outcome<Solved<R>>> answer) {
    if (job.isDiscarded()) {
      return cancelled(answer);
    }
    List<Watching> watching = new ArrayList<>();
    VertexNode<P, R> node = load(wanted.vertex(), List.of(job), watching);
    SolveRequest<P, R> request =
        new SolveRequest<>(
            node.edge(wanted.index()),
            (answered, outcome) -> {
              job.requests().remove(answered);
              answer.accept(outcome);
            });
    job.requests().add(request);
    request.begin();
    return new Begun<>(Optional.of(request), watching);
  }

  /// The same on behalf of a vertex that solves a build of its own while it is evaluated: whoever
  /// wants that vertex wants this.
  Begun<P, R> requestWithin(
      VertexNode<P, R> parent, Vertex.Edge<P> wanted, Consumer<Outcome<Solved<R>>> answer) {
    if (parent.isDead()) {
      return cancelled(answer);
    }
    List<Watching> watching = new ArrayList<>();
    VertexNode<P, R> node = load(wanted.vertex(), List.copyOf(parent.interested()), watching);
    SolveRequest<P, R> request =
        new SolveRequest<>(
            node.edge(wanted.index()),
            (_, outcome) -> {
              if (outcome instanceof Outcome.Done<Solved<R>>(Solved<R> solved)) {
                parent.work().solvedWithin(new Input<>(node, wanted.index()), solved.run());
              }
              answer.accept(outcome);
            });
    if (node.needs(parent)) {
      request.failed(
          new InvalidRequest(
              "the build within " + parent.vertex().digest() + " depends on itself"));
    } else {
      parent.uses().add(new Use<>(node, true));
      request.begin();
    }
    return new Begun<>(Optional.of(request), watching);
  }

  /// As [EdgeNode#lose].
  boolean lose(GraphJob<P, R> job, Vertex.Edge<P> of, String run, BuildFailure reason) {
    return !job.isDiscarded()
        && load(of.vertex(), List.of(job), new ArrayList<>()).edge(of.index()).lose(run, reason);
  }

  private VertexNode<P, R> load(
      Vertex<P> vertex, List<GraphJob<P, R>> jobs, List<Watching> watching) {
    return table.load(
        vertex,
        failed -> jobs.stream().anyMatch(failed.interested()::contains),
        (loaded, as) -> arrive(jobs, loaded, Optional.of(VertexLabel.of(as)), watching));
  }

  private Begun<P, R> cancelled(Consumer<Outcome<Solved<R>>> answer) {
    answer.accept(new Outcome.Broke<>(new Cancelled("context canceled")));
    return new Begun<>(Optional.empty(), List.of());
  }

  /// Makes the job's vertices look into that cache too.
  void consult(GraphJob<P, R> job, ImportedCache<R> cache) {
    if (job.imports().stream().noneMatch(known -> known.id().equals(cache.id()))) {
      job.imports().add(cache);
      job.nodes().forEach(VertexNode::interestChanged);
    }
  }

  /// Ends the job's interest in everything.
  ///
  /// @param done called on the loop when all work that ends with it has ended
  void discard(GraphJob<P, R> job, Runnable done) {
    job.discard();
    List.copyOf(job.requests()).forEach(SolveRequest::cancel);
    job.requests().clear();
    List<VertexNode<P, R>> ending = new ArrayList<>();
    for (VertexNode<P, R> node : job.nodes()) {
      node.interested().remove(job);
      node.viewers().remove(job);
      node.interestChanged();
      if (node.interested().isEmpty()) {
        ending.add(node);
      }
    }
    job.nodes().clear();
    ending.forEach(table::drop);
    ending.forEach(VertexNode::die);
    Countdown countdown = new Countdown(ending.size() + 1, done);
    ending.forEach(node -> node.whenQuiet(countdown::count));
    countdown.count();
  }

  /// Merges the edge's vertex into one that is the same work, if there is one.
  boolean mergeIfTwin(EdgeNode<P, R> edge) {
    for (List<List<ActiveKeys.Source>> sources : edge.sources()) {
      activeKeys.add(edge, sources);
      Optional<EdgeNode<P, R>> twin =
          activeKeys.find(sources, other -> canMerge(edge.node(), other.node()));
      if (twin.isPresent()) {
        merge(edge.node(), twin.get().node());
        return true;
      }
    }
    return false;
  }

  void decide(VertexNode<P, R> node, CacheDecision decision) {
    node.decisions().add(decision);
    node.viewers().forEach(job -> job.decisions().add(decision));
    observer.decided(node.context().jobs(), decision);
  }

  /// Nothing is left: for tests.
  boolean isEmpty() {
    return table.isEmpty() && activeKeys.isEmpty() && woken.isEmpty();
  }

  /// A plain vertex may take the result of one that ignores the cache, not the other way round; and
  /// nothing waits for itself.
  private boolean canMerge(VertexNode<P, R> from, VertexNode<P, R> into) {
    return from != into
        && !from.isMerged()
        && !into.isMerged()
        && !into.isDead()
        && !into.hasFailed()
        && (into.ignoresCache() || !from.ignoresCache())
        && from.edges().stream().allMatch(EdgeNode::isUndecided)
        && !into.needs(from);
  }

  private void merge(VertexNode<P, R> from, VertexNode<P, R> into) {
    from.mergeInto(into);
    List.copyOf(from.interested())
        .forEach(job -> arrive(List.of(job), into, Optional.empty(), new ArrayList<>()));
    for (EdgeNode<P, R> edge : List.copyOf(from.edges())) {
      Optional<R> lost = edge.handOver(into.edge(edge.output()));
      from.dispose(lost.stream().toList());
    }
    from.start(
        () -> {
          from.story().continueIn(into.story());
          return true;
        },
        _ -> {});
    decide(
        from,
        new CacheDecision(
            from.vertex().digest(),
            from.vertex().options().name(),
            0,
            Optional.empty(),
            CacheDecision.Outcome.MERGED,
            new Reason.SameKeyAs(into.vertex().digest()),
            Optional.empty()));
  }

  /// Makes the jobs interested in the vertex and all it needs.
  ///
  /// @param label how they know it; empty when they do not watch it, only need it
  private void arrive(
      Iterable<GraphJob<P, R>> jobs,
      VertexNode<P, R> first,
      Optional<VertexLabel> label,
      List<Watching> watching) {
    for (GraphJob<P, R> job : jobs) {
      if (job.isDiscarded()) {
        continue;
      }
      Deque<Arrival<P, R>> open =
          new ArrayDeque<>(List.of(new Arrival<>(first, label.isPresent())));
      while (!open.isEmpty()) {
        Arrival<P, R> next = open.pop();
        VertexNode<P, R> node = next.node();
        boolean isNew = node.interested().add(job);
        boolean watchesNow = next.watches() && node.viewers().add(job);
        if (isNew) {
          job.nodes().add(node);
          node.interestChanged();
        }
        if (watchesNow) {
          VertexLabel own =
              node == first && label.isPresent() ? label.get() : VertexLabel.of(node.vertex());
          watching.add(new Watching(node.story(), job.view(), own));
          job.decisions().addAll(node.decisions());
        }
        if (isNew || watchesNow) {
          for (Use<P, R> use : node.uses()) {
            open.push(new Arrival<>(use.node(), next.watches() && use.isVisible()));
          }
        }
      }
    }
  }

  private record Arrival<P, R extends Result>(VertexNode<P, R> node, boolean watches) {}

  /// A request that was begun, and what the caller has to do off the loop: let the jobs watch.
  record Begun<P, R extends Result>(
      Optional<SolveRequest<P, R>> request, List<Watching> watching) {}

  /// A job that watches a vertex from now on.
  record Watching(VertexStory story, JobView view, VertexLabel label) {
    void begin() {
      story.attach(view, label);
    }
  }

  private static final class Countdown {
    private final Runnable done;
    private int left;

    Countdown(int left, Runnable done) {
      this.left = left;
      this.done = done;
    }

    void count() {
      left--;
      if (left == 0) {
        done.run();
      }
    }
  }
}
