package dev.slipway.solver;

import dev.slipway.failure.Cancelled;
import dev.slipway.failure.WrongState;
import dev.slipway.solver.CacheAccess.Recorded;
import dev.slipway.solver.CacheDecision.Reason;
import dev.slipway.solver.VertexWork.Ran;
import dev.slipway.solver.cachekey.KeyId;
import dev.slipway.solver.cachekey.KeyMatch;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntFunction;

/// The work that goes on for one edge: calls of its vertex it waits for, look-ups, a load, the
/// record. Starts what the state wants and is not under way, and stops what it no longer wants.
/// Confined to the loop; the bodies of the tasks run elsewhere.
final class EdgeWork<P, R extends Result> {
  private final EdgeNode<P, R> edge;
  private final Map<Integer, SharedCall<EdgeNode<P, R>, CacheKey>> contentKeys = new HashMap<>();
  private final Map<Integer, SharedCall<EdgeNode<P, R>, Boolean>> preparations = new HashMap<>();
  private Optional<SharedCall<EdgeNode<P, R>, CacheMap<R>>> map = Optional.empty();
  private Optional<Runnable> load = Optional.empty();
  private Optional<SharedCall<EdgeNode<P, R>, Optional<Ran<P, R>>>> execution = Optional.empty();
  private boolean isProbing;
  private boolean isRecording;
  private boolean isExplained;

  EdgeWork(EdgeNode<P, R> edge) {
    this.edge = edge;
  }

  void match(Wants wants) {
    matchMap(wants.cacheMap());
    if (!wants.probes().isEmpty() && !isProbing) {
      probe(wants.probes());
    }
    match(preparations, wants.preparations(), work()::preparation);
    match(contentKeys, wants.contentKeys(), work()::contentKey);
    matchLoad(wants.load());
    matchExecution(wants.execution());
  }

  boolean isBusy() {
    return isProbing
        || execution.isPresent()
        || isRecording
        || map.isPresent()
        || load.isPresent()
        || !contentKeys.isEmpty()
        || !preparations.isEmpty();
  }

  /// The vertex runs for this edge, or will.
  boolean isExecuting() {
    return execution.isPresent() || isRecording;
  }

  void mapEnded() {
    map = Optional.empty();
  }

  void contentEnded(int input) {
    contentKeys.remove(input);
  }

  void preparationEnded(int input) {
    preparations.remove(input);
  }

  void executionEnded() {
    execution = Optional.empty();
  }

  /// The vertex ran: keeps this edge's output under its keys, then completes the edge.
  void record(List<R> results) {
    executionEnded();
    Optional<Knowledge> known = edge.known();
    if (isRecording || known.isEmpty() || edge.isGone()) {
      return;
    }
    if (results.size() <= edge.output()) {
      edge.broke(
          new WrongState(
              "no output "
                  + edge.output()
                  + " of "
                  + node().vertex().digest()
                  + ": it has "
                  + results.size()));
      return;
    }
    isRecording = true;
    R made = Holds.share(results.get(edge.output()));
    List<CacheKey> keys = known.get().keys();
    List<CacheKey> aliases = List.copyOf(edge.aliases());
    node()
        .start(() -> cache().record(keys, aliases, made), outcome -> recorded(outcome, keys, made));
  }

  /// Makes what leads to the aliases lead to the key.
  void link(CacheKey key, List<CacheKey> aliases) {
    node()
        .start(
            () -> {
              aliases.forEach(alias -> cache().link(key, alias));
              return true;
            },
            _ -> {});
  }

  private void recorded(Optional<Outcome<Recorded>> outcome, List<CacheKey> computed, R made) {
    isRecording = false;
    if (edge.isGone()) {
      node().dispose(List.of(made));
    } else if (outcome.isPresent()
        && outcome.get() instanceof Outcome.Done<Recorded>(Recorded recorded)) {
      edge.recorded(recorded, made);
    } else {
      edge.recorded(new Recorded(computed, Optional.empty()), made);
    }
  }

  private void matchMap(boolean wanted) {
    if (wanted && map.isEmpty()) {
      SharedCall<EdgeNode<P, R>, CacheMap<R>> call =
          work().map(edge.known().orElseThrow().maps().size());
      map = Optional.of(call);
      call.want(edge);
    } else if (!wanted && map.isPresent()) {
      SharedCall<EdgeNode<P, R>, CacheMap<R>> call = map.get();
      map = Optional.empty();
      call.unwant(edge);
    }
  }

  private void probe(List<Probe> probes) {
    isProbing = true;
    node()
        .start(
            () -> cache().answer(probes),
            outcome -> {
              isProbing = false;
              if (outcome.isEmpty()) {
                edge.wake();
              } else {
                switch (outcome.get()) {
                  case Outcome.Done<Map<Probe, List<KeyMatch>>>(var answers) ->
                      edge.answered(answers);
                  case Outcome.Broke<Map<Probe, List<KeyMatch>>>(Throwable bug) -> edge.broke(bug);
                }
              }
            });
  }

  private <T> void match(
      Map<Integer, SharedCall<EdgeNode<P, R>, T>> underWay,
      List<Integer> wanted,
      IntFunction<SharedCall<EdgeNode<P, R>, T>> calls) {
    for (Integer input : List.copyOf(underWay.keySet())) {
      if (!wanted.contains(input)) {
        Optional.ofNullable(underWay.remove(input)).ifPresent(call -> call.unwant(edge));
      }
    }
    for (Integer input : wanted) {
      if (!underWay.containsKey(input)) {
        SharedCall<EdgeNode<P, R>, T> call = calls.apply(input);
        underWay.put(input, call);
        call.want(edge);
      }
    }
  }

  private void matchLoad(Optional<Hit> wanted) {
    if (wanted.isPresent() && load.isEmpty()) {
      start(wanted.get());
    } else if (wanted.isEmpty()) {
      load.ifPresent(Runnable::run);
    }
  }

  private void start(Hit hit) {
    List<CacheKey> aliases = List.copyOf(edge.aliases());
    Reason found = Explanation.ofHit(edge.known().orElseThrow(), hit);
    Runnable stop =
        node().start(() -> load(hit, aliases), outcome -> loadEnded(hit, found, outcome));
    load = Optional.of(stop);
  }

  private void loadEnded(Hit hit, Reason found, Optional<Outcome<Loaded<R>>> outcome) {
    load = Optional.empty();
    if (outcome.isEmpty()) {
      edge.wake();
      return;
    }
    switch (outcome.get()) {
      case Outcome.Done<Loaded<R>>(Loaded<R>(R loaded, Optional<String> from)) -> {
        if (edge.isGone()
            || edge.state() instanceof EdgeState.Complete
            || edge.isFound()
            || edge.state() instanceof EdgeState.Failed) {
          node().dispose(List.of(loaded));
          return;
        }
        decide(Optional.of(hit.key().id()), CacheDecision.Outcome.HIT, found, Optional.empty());
        edge.loaded(hit, loaded, from);
      }
      case Outcome.Broke<Loaded<R>>(CacheAccess.Refused refused) -> edge.broke(refused.failure());
      case Outcome.Broke<Loaded<R>>(Throwable failure) -> {
        unhit(hit, failure);
        edge.loadFailed(hit);
      }
    }
  }

  /// @param from the cache it came from, if that is one that must not lose anything
  private record Loaded<R>(R result, Optional<String> from) {}

  /// A result that was loaded proved useless.
  ///
  /// @param lost that result; closed here
  void forget(Hit hit, R lost, Throwable reason) {
    unhit(hit, reason);
    node()
        .start(
            () -> {
              try (lost) {
                node()
                    .context()
                    .progress()
                    .warn(0, warning(reason), List.of(), "", Optional.empty());
                cache().forget(hit, lost);
              }
              return true;
            },
            _ -> {});
  }

  /// What the vertex made is lost with its inputs; they tell why.
  ///
  /// @param lost closed here
  void forgetMade(R lost) {
    node()
        .start(
            () -> {
              try (lost) {
                cache().forget(lost);
              }
              return true;
            },
            _ -> {});
  }

  private static String warning(Throwable reason) {
    return "a cached result is lost, its step runs again: " + VertexWork.messageOf(reason);
  }

  private void unhit(Hit hit, Throwable reason) {
    Reason gone = new Reason.LoadFailed(VertexWork.messageOf(reason));
    decide(Optional.of(hit.key().id()), CacheDecision.Outcome.UNHIT, gone, Optional.empty());
  }

  private Loaded<R> load(Hit hit, List<CacheKey> aliases) {
    VertexStory.Work told = node().story().begin(true);
    try {
      Optional<String> from = cache().requiredSource(hit);
      R result = cache().load(hit, aliases, node().context());
      told.end(true, Optional.empty());
      return new Loaded<>(result, from);
    } catch (Cancelled cancelled) {
      told.end(false, Optional.of("context canceled"));
      throw cancelled;
    } catch (CacheAccess.Refused refused) {
      told.end(false, Optional.of(VertexWork.messageOf(refused.failure())));
      throw refused;
    } catch (RuntimeException gone) {
      told.end(false, Optional.empty());
      cache().forgetIfGone(hit);
      throw gone;
    }
  }

  private void matchExecution(boolean wanted) {
    if (wanted && execution.isEmpty() && !isRecording) {
      SharedCall<EdgeNode<P, R>, Optional<Ran<P, R>>> call = work().execution();
      execution = Optional.of(call);
      explain();
      call.want(edge);
    } else if (!wanted && execution.isPresent()) {
      SharedCall<EdgeNode<P, R>, Optional<Ran<P, R>>> call = execution.get();
      execution = Optional.empty();
      call.unwant(edge);
    }
  }

  /// Finds out why nothing was found, once.
  private void explain() {
    if (isExplained) {
      return;
    }
    isExplained = true;
    Knowledge known = edge.known().orElseThrow();
    if (known.forced()) {
      decide(
          Optional.empty(), CacheDecision.Outcome.IGNORED, new Reason.Forced(), Optional.empty());
      return;
    }
    Optional<KeyId> key = known.keys().stream().map(CacheKey::id).findFirst();
    node()
        .start(
            () -> Explanation.ofMiss(known, cache().keys()),
            outcome -> {
              if (outcome.isPresent()
                  && outcome.get() instanceof Outcome.Done<Explanation>(Explanation why)) {
                decide(key, CacheDecision.Outcome.MISS, why.reason(), why.nearest());
              }
            });
  }

  private void decide(
      Optional<KeyId> key, CacheDecision.Outcome outcome, Reason reason, Optional<KeyId> nearest) {
    node()
        .graph()
        .decide(
            node(),
            new CacheDecision(
                node().vertex().digest(),
                node().vertex().options().name(),
                edge.output(),
                key,
                outcome,
                reason,
                nearest));
  }

  private VertexNode<P, R> node() {
    return edge.node();
  }

  private VertexWork<P, R> work() {
    return edge.node().work();
  }

  private CacheAccess<R> cache() {
    return edge.node().cache();
  }
}
