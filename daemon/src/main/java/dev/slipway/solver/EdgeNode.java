package dev.slipway.solver;

import dev.slipway.solver.ActiveKeys.Source;
import dev.slipway.solver.EdgeEvent.Answered;
import dev.slipway.solver.EdgeEvent.Broke;
import dev.slipway.solver.EdgeEvent.ContentKnown;
import dev.slipway.solver.EdgeEvent.Executed;
import dev.slipway.solver.EdgeEvent.InputsLost;
import dev.slipway.solver.EdgeEvent.LoadFailed;
import dev.slipway.solver.EdgeEvent.Loaded;
import dev.slipway.solver.EdgeEvent.MapKnown;
import dev.slipway.solver.EdgeEvent.Prepared;
import dev.slipway.solver.EdgeEvent.Refused;
import dev.slipway.solver.EdgeEvent.Wanted;
import dev.slipway.solver.EdgeState.Complete;
import dev.slipway.solver.EdgeState.Executing;
import dev.slipway.solver.EdgeState.Failed;
import dev.slipway.solver.EdgeState.Found;
import dev.slipway.solver.EdgeState.Loading;
import dev.slipway.solver.EdgeState.Searching;
import dev.slipway.solver.VertexWork.Ran;
import dev.slipway.solver.VertexWork.Used;
import dev.slipway.solver.cachekey.KeyMatch;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/// One output of a vertex in the graph. Holds its [EdgeState], turns what the state wants into
/// work, and tells those that depend on it what it shows. Confined to the loop.
final class EdgeNode<P, R extends Result> {
  private final VertexNode<P, R> node;
  private final int output;
  private final EdgeWork<P, R> work;
  private final List<InputSlot<P, R>> slots = new ArrayList<>();
  private final Map<Demander<P, R>, Level> demanders = new LinkedHashMap<>();
  private final Map<Level, Integer> demands = new EnumMap<>(Level.class);
  private final List<CacheKey> aliases = new ArrayList<>();
  private final Deque<EdgeEvent> events = new ArrayDeque<>();
  private EdgeState state;
  private Level wanted = Level.NONE;
  private EdgeView shown = EdgeView.NOTHING;
  private Optional<R> result = Optional.empty();
  private List<Used<P, R>> ranOn = List.of();
  private Optional<String> foundIn = Optional.empty();
  private int losses;
  private boolean isGone;
  private boolean isWoken;
  private boolean isLowering;

  EdgeNode(VertexNode<P, R> node, int output) {
    this.node = node;
    this.output = output;
    this.work = new EdgeWork<>(this);
    this.state = EdgeState.initial(output, node.ignoresCache(), node.inputs().size());
  }

  VertexNode<P, R> node() {
    return node;
  }

  int output() {
    return output;
  }

  EdgeState state() {
    return state;
  }

  EdgeView shown() {
    return shown;
  }

  List<CacheKey> aliases() {
    return aliases;
  }

  /// Its vertex has ended or was merged away.
  boolean isGone() {
    return isGone;
  }

  /// A hold on the result. Caller closes.
  R shareResult() {
    return Holds.share(result.orElseThrow());
  }

  /// The result was found in a cache.
  boolean isFound() {
    return state instanceof Found;
  }

  /// It has a result of which something is known to be gone.
  boolean isLost() {
    return result.filter(Result::isLost).isPresent();
  }

  /// Something that the result is made of is gone, as one who needed it found out. If it came from
  /// a cache, that cache's record is left out from now on, and the search goes on. If it was made
  /// by running the vertex, it is lost with those results that the run used and that are lost:
  /// whoever made them loses what is gone, and the vertex runs again.
  ///
  /// @param run which of the edge's results
  /// @return whether what was needed from it is to be had in another way, or there is a failure
  ///   that says more than this reason; false when that is no loss, or the result was made of what
  ///   is here and would only be lost again
  boolean lose(String run, Throwable reason) {
    if (!runId().equals(run)) {
      return true; // somebody else found out before
    }
    if (isGone || !Loss.mayExplain(reason)) {
      return false;
    }
    return switch (state) {
      case Found(_, Hit hit) -> {
        loseFound(hit, reason);
        yield true;
      }
      case Complete _ -> {
        boolean isLostWithUsed = node.work().lose(ranOn, reason);
        if (isLostWithUsed) {
          loseMade();
        }
        yield isLostWithUsed;
      }
      case Searching _, Loading _, Executing _ -> losses > 0; // on its way to another
      case Failed _ -> false;
    };
  }

  private void loseFound(Hit hit, Throwable reason) {
    if (foundIn.isPresent()) {
      deliver(new Refused(CacheAccess.refusal(foundIn.get(), reason)));
      return;
    }
    losses++;
    work.forget(hit, shareResult(), reason);
    deliver(new LoadFailed(hit));
  }

  private void loseMade() {
    losses++;
    work.forgetMade(shareResult());
    node.work().runAgain(ranOn);
    deliver(new InputsLost());
  }

  /// Something happened. The state changes when the edge reacts, not before: what it does in one
  /// reaction follows from one state.
  void deliver(EdgeEvent event) {
    if (!isGone) {
      events.add(event);
      wake();
    }
  }

  /// Sets how much that one wants; it is told what the edge shows, now and whenever that changes,
  /// until it wants nothing.
  void demand(Demander<P, R> demander, Level level) {
    Level before = demanders.getOrDefault(demander, Level.NONE);
    if (before == level) {
      return;
    }
    if (level == Level.NONE) {
      demanders.remove(demander);
    } else {
      demanders.put(demander, level);
    }
    demands.merge(before, -1, Integer::sum);
    demands.merge(level, 1, Integer::sum);
    wake();
    if (before == Level.NONE) {
      tell(demander);
    }
  }

  /// Makes the work match the state. Called by the graph after the edge was woken.
  void react() {
    isWoken = false;
    if (isGone) {
      return;
    }
    takeUpDemand();
    for (EdgeEvent event = events.poll(); event != null; event = events.poll()) {
      state = state.on(event);
    }
    if (node.graph().mergeIfTwin(this)) {
      return;
    }
    Wants wants = state.wants();
    ask(wants.inputs());
    work.match(wants);
    show();
    if (isStuck()) {
      deliver(
          new Broke(
              new IllegalStateException(
                  "the search for " + node.vertex().digest() + " stands still: " + state)));
    }
  }

  /// That less is wanted is taken up only when the turn ends: demand often passes from one edge to
  /// the next within a turn, and work that is stopped for that moment would have to start again.
  private void takeUpDemand() {
    Level now = strongestDemand();
    if (now.compareTo(wanted) > 0) {
      wanted = now;
      events.add(new Wanted(now));
    } else if (now != wanted && !isLowering) {
      isLowering = true;
      node.graph().atEndOfTurn(this::lower);
    }
  }

  private void lower() {
    isLowering = false;
    Level now = strongestDemand();
    if (!isGone && now != wanted) {
      wanted = now;
      deliver(new Wanted(now));
    }
  }

  /// Drops all work and demands; those who depended on it are not told.
  ///
  /// @return the result it had, for the caller to close
  Optional<R> abandon() {
    isGone = true;
    events.clear();
    node.graph().activeKeys().remove(this);
    int inputs = node.inputs().size();
    ask(Wants.none(inputs));
    work.match(Wants.nothing(inputs));
    Optional<R> had = result;
    result = Optional.empty();
    return had;
  }

  /// Hands those who depend on it over to the edge that takes its place.
  ///
  /// @return the result it had and lost, for the caller to close
  Optional<R> handOver(EdgeNode<P, R> target) {
    known().ifPresent(knowledge -> target.adopt(knowledge.keys()));
    Map<Demander<P, R>, Level> moving = new LinkedHashMap<>(demanders);
    demanders.clear();
    demands.clear();
    moving.keySet().forEach(demander -> demander.redirected(target));
    moving.forEach(target::demand);
    return abandon();
  }

  /// Keys of merged vertices lead to this edge's result too.
  private void adopt(List<CacheKey> keys) {
    aliases.addAll(keys);
    if (shown.reached() == Level.RESULT && !shown.keys().isEmpty()) {
      work.link(shown.keys().getFirst(), keys);
    }
  }

  /// What it knows, while that matters.
  Optional<Knowledge> known() {
    return switch (state) {
      case Searching(Knowledge knowledge, _) -> Optional.of(knowledge);
      case Loading(Knowledge knowledge, _) -> Optional.of(knowledge);
      case Executing(Knowledge knowledge) -> Optional.of(knowledge);
      case Found _, Complete _, Failed _ -> Optional.empty();
    };
  }

  /// It neither loads nor runs yet: another edge may still take its place.
  boolean isUndecided() {
    return switch (state) {
      case Searching _ -> true;
      case Executing _ -> !work.isExecuting();
      case Loading _, Found _, Complete _, Failed _ -> false;
    };
  }

  /// By what others could find out that they are the same work: for each cache map, for each input,
  /// what stands for it. Only those where something does for all, and only while the edge is wanted
  /// and undecided.
  List<List<List<Source>>> sources() {
    List<List<List<Source>>> all = new ArrayList<>();
    if (wanted != Level.NONE && isUndecided()) {
      known()
          .ifPresent(
              knowledge ->
                  IntStream.range(0, knowledge.maps().size())
                      .forEach(map -> all.add(sources(knowledge, map))));
      all.removeIf(sources -> sources.stream().anyMatch(List::isEmpty));
    }
    return all;
  }

  private List<List<Source>> sources(Knowledge knowledge, int map) {
    if (knowledge.isRoot()) {
      return List.of(List.of(knowledge.sourceOfRoot(map)));
    }
    List<List<Source>> sources = new ArrayList<>();
    for (int input = 0; input < node.inputs().size(); input++) {
      InputKnowledge facts = knowledge.inputs().get(input);
      List<Source> alternatives = new ArrayList<>(facts.sources(map));
      if (facts.isForcedRun()) {
        alternatives.add(facts.sourceOfRun(map, node.inputEdge(input).runId()));
      }
      sources.add(alternatives);
    }
    return sources;
  }

  void mapKnown(Outcome<CacheMap<R>> outcome) {
    work.mapEnded();
    deliver(
        switch (outcome) {
          case Outcome.Done<CacheMap<R>>(CacheMap<R> map) ->
              new MapKnown(MapFacts.of(map, node.isExported()), map.last());
          case Outcome.Broke<CacheMap<R>>(Throwable failure) -> new Broke(failure);
        });
  }

  void contentKnown(int input, Outcome<CacheKey> outcome) {
    work.contentEnded(input);
    deliver(
        switch (outcome) {
          case Outcome.Done<CacheKey>(CacheKey key) -> new ContentKnown(input, key);
          case Outcome.Broke<CacheKey>(Throwable failure) -> new Broke(failure);
        });
  }

  /// @param outcome false when the input's result was lost: there will be another
  void prepared(int input, Outcome<Boolean> outcome) {
    work.preparationEnded(input);
    switch (outcome) {
      case Outcome.Done<Boolean>(Boolean isReal) when isReal -> deliver(new Prepared(input));
      case Outcome.Done<Boolean> _ -> wake();
      case Outcome.Broke<Boolean>(Throwable failure) -> deliver(new Broke(failure));
    }
  }

  /// @param outcome empty when results of inputs were lost: the vertex is to run again on others
  void executed(Outcome<Optional<Ran<P, R>>> outcome) {
    switch (outcome) {
      case Outcome.Done<Optional<Ran<P, R>>>(Optional<Ran<P, R>> ran) when ran.isPresent() -> {
        ranOn = ran.get().on();
        work.record(ran.get().results());
      }
      case Outcome.Done<Optional<Ran<P, R>>> _ -> {
        work.executionEnded();
        ask(Wants.none(node.inputs().size())); // who asks anew is told anew
        deliver(new InputsLost());
      }
      case Outcome.Broke<Optional<Ran<P, R>>>(Throwable failure) -> {
        work.executionEnded();
        deliver(new Broke(failure));
      }
    }
  }

  void answered(Map<Probe, List<KeyMatch>> answers) {
    deliver(new Answered(answers));
  }

  /// @param from the cache it came from, if that is one that must not lose anything
  void loaded(Hit hit, R loaded, Optional<String> from) {
    keep(loaded);
    foundIn = from;
    deliver(new Loaded(hit));
  }

  void loadFailed(Hit hit) {
    deliver(new LoadFailed(hit));
  }

  void recorded(CacheAccess.Recorded how, R made) {
    keep(made);
    deliver(new Executed(how.keys(), how.stored()));
  }

  /// A result that was lost is held until there is another: somebody may be about to look at it.
  private void keep(R now) {
    node.dispose(result.stream().toList());
    result = Optional.of(now);
  }

  void broke(Throwable failure) {
    deliver(new Broke(failure));
  }

  void wake() {
    if (!isWoken && !isGone) {
      isWoken = true;
      node.graph().wake(this);
    }
  }

  private void ask(List<Level> levels) {
    if (slots.isEmpty() && levels.stream().allMatch(level -> level == Level.NONE)) {
      return;
    }
    if (slots.isEmpty()) {
      for (int input = 0; input < node.inputs().size(); input++) {
        slots.add(new InputSlot<>(this, input, node.inputEdge(input)));
      }
    }
    for (int input = 0; input < slots.size(); input++) {
      slots.get(input).ask(levels.get(input));
    }
  }

  /// The level shown never falls, unless a result is lost: an edge that finds one more key to try
  /// is not further from its result than before, and all that depend on it, however far up, would
  /// be told twice.
  private void show() {
    EdgeView now = state.view();
    EdgeView view = shown.reached() == Level.RESULT ? now : now.atLeast(shown.reached());
    boolean isFailed = state instanceof Failed;
    if (isFailed) {
      node.fail();
      node.graph().activeKeys().remove(this);
    }
    if (isFailed || !view.equals(shown)) {
      shown = view;
      List.copyOf(demanders.keySet()).forEach(this::tell);
    }
  }

  private void tell(Demander<P, R> demander) {
    if (state instanceof Failed(Throwable failure, _)) {
      demander.failed(failure);
    } else {
      demander.moved(shown);
    }
  }

  private Level strongestDemand() {
    Level strongest = Level.NONE;
    for (Map.Entry<Level, Integer> demand : demands.entrySet()) {
      if (demand.getValue() > 0) {
        strongest = strongest.max(demand.getKey());
      }
    }
    return strongest;
  }

  /// An edge that is wanted must have something to wait for. Anything else is a mistake in the
  /// rules: better a failure than a build that hangs.
  private boolean isStuck() {
    return !isWoken
        && !shown.reached().reaches(wanted)
        && !(state instanceof Failed)
        && !work.isBusy()
        && slots.stream().allMatch(InputSlot::isSettled);
  }

  /// Stands for this very run in the index of active keys, and for the result that it has now.
  String runId() {
    return node.number() + "/" + output + "/" + losses;
  }
}
