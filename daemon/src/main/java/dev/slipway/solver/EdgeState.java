package dev.slipway.solver;

import dev.slipway.solver.EdgeEvent.Answered;
import dev.slipway.solver.EdgeEvent.Broke;
import dev.slipway.solver.EdgeEvent.ContentKnown;
import dev.slipway.solver.EdgeEvent.Executed;
import dev.slipway.solver.EdgeEvent.InputMoved;
import dev.slipway.solver.EdgeEvent.InputsLost;
import dev.slipway.solver.EdgeEvent.LoadFailed;
import dev.slipway.solver.EdgeEvent.Loaded;
import dev.slipway.solver.EdgeEvent.MapKnown;
import dev.slipway.solver.EdgeEvent.Prepared;
import dev.slipway.solver.EdgeEvent.Refused;
import dev.slipway.solver.EdgeEvent.Wanted;
import java.util.List;
import java.util.Optional;

/// Where an edge stands. A pure value: [#on(EdgeEvent)] gives the next state, [#wants()] what is to
/// be done in it, [#view()] what others see of it. No threads, no store, no results. What is
/// searched, and when, is decided in [Search].
///
/// ```
///            hit known                loaded
/// Searching ───────────▶ Loading ──────────────▶ Found
///  ▲  │  ▲                  │                      │
///  │  │  └──────────────────┴──────────────────────┘
///  │  │            gone (un-hit)
///  │  │ nothing left to try
///  │  └───────────────────▶ Executing ──▶ Complete      any of the others ──▶ Failed
///  ├─── not wanted any more ────┤            │
///  └─── lost with an input ─────┴────────────┘
/// ```
sealed interface EdgeState {
  EdgeView view();

  Wants wants();

  static EdgeState initial(int output, boolean forced, int inputs) {
    return new Searching(Knowledge.nothing(output, forced, inputs), Wants.none(inputs));
  }

  /// The state after the event.
  default EdgeState on(EdgeEvent event) {
    return switch (this) {
      case Complete complete -> keep(complete, event);
      case Failed failed -> failed;
      case Searching(Knowledge before, List<Level> asked) ->
          ended(before, event).orElseGet(() -> search(before, event, asked));
      case Loading(Knowledge before, Hit hit) ->
          ended(before, event).orElseGet(() -> load(before, event, hit));
      case Found(Knowledge before, Hit hit) -> find(before, event, hit);
      case Executing(Knowledge before) ->
          ended(before, event).orElseGet(() -> execute(before, event));
    };
  }

  /// Looking for a key the cache knows, or waiting to be wanted.
  ///
  /// @param asked how much of each input was asked for; it only grows while the search goes on, so
  ///   that work begun is not dropped
  record Searching(Knowledge knowledge, List<Level> asked) implements EdgeState {
    public Searching {
      asked = List.copyOf(asked);
    }

    @Override
    public EdgeView view() {
      return new Search(knowledge).view();
    }

    @Override
    public Wants wants() {
      return new Search(knowledge).wants(asked);
    }
  }

  /// A result of one of the edge's keys is being loaded; inputs are left alone.
  record Loading(Knowledge knowledge, Hit hit) implements EdgeState {
    @Override
    public EdgeView view() {
      return new Search(knowledge).view();
    }

    @Override
    public Wants wants() {
      return Wants.load(hit, knowledge.inputs().size());
    }
  }

  /// The vertex runs, or waits for its turn. It goes on while anybody asks about the edge at all,
  /// even if only for keys: the one who wanted the result may have left, and those who stay will
  /// mostly want it too.
  record Executing(Knowledge knowledge) implements EdgeState {
    @Override
    public EdgeView view() {
      return new Search(knowledge).view();
    }

    @Override
    public Wants wants() {
      return Wants.execution(knowledge.inputs().size());
    }
  }

  /// There is a result, which was found in a cache. Whoever needs what it is made of may find out
  /// that it is gone; then the search goes on without it.
  record Found(Knowledge knowledge, Hit hit) implements EdgeState {
    @Override
    public EdgeView view() {
      return new EdgeView(Level.RESULT, List.of(hit.key()), false);
    }

    @Override
    public Wants wants() {
      return Wants.nothing(knowledge.inputs().size());
    }
  }

  /// The vertex has run, and there is a result. It is lost only with a result that it is made of:
  /// an input's, or that of a build within it.
  ///
  /// @param stored id under which it was stored
  record Complete(Knowledge knowledge, List<CacheKey> keys, Optional<String> stored)
      implements EdgeState {
    @Override
    public EdgeView view() {
      return new EdgeView(Level.RESULT, keys, knowledge.isTainted());
    }

    @Override
    public Wants wants() {
      return Wants.nothing(knowledge.inputs().size());
    }
  }

  /// There will be no result, as long as this vertex lives. Final.
  record Failed(Throwable failure, int inputs) implements EdgeState {
    @Override
    public EdgeView view() {
      return EdgeView.NOTHING;
    }

    @Override
    public Wants wants() {
      return Wants.nothing(inputs);
    }
  }

  private static EdgeState search(Knowledge before, EdgeEvent event, List<Level> asked) {
    Knowledge now = learn(before, event);
    boolean lessWanted = !now.wanted().reaches(before.wanted());
    return new Search(now).settle(lessWanted ? Wants.none(asked.size()) : asked);
  }

  private static EdgeState load(Knowledge before, EdgeEvent event, Hit hit) {
    Knowledge now = learn(before, event);
    boolean goesOn = now.wanted() == Level.RESULT && !now.dead().contains(hit.result().id());
    return goesOn ? new Loading(now, hit) : new Search(now).settle(Wants.none(now.inputs().size()));
  }

  private static EdgeState find(Knowledge before, EdgeEvent event, Hit hit) {
    if (event instanceof Refused(Throwable failure)) {
      return new Failed(failure, before.inputs().size());
    }
    Knowledge now = learn(before, event);
    return now.dead().contains(hit.result().id())
        ? new Search(now).settle(Wants.none(now.inputs().size()))
        : new Found(now, hit);
  }

  private static EdgeState execute(Knowledge before, EdgeEvent event) {
    Knowledge now = learn(before, event);
    int inputs = now.inputs().size();
    return now.wanted() == Level.NONE || event instanceof InputsLost
        ? new Search(now).settle(Wants.none(inputs))
        : new Executing(now);
  }

  /// What becomes of its inputs once it has run is not its concern, until it is to run again.
  private static EdgeState keep(Complete before, EdgeEvent event) {
    return switch (event) {
      case Wanted(Level level) ->
          new Complete(before.knowledge().withWanted(level), before.keys(), before.stored());
      case InputsLost _ -> {
        Knowledge now = learn(before.knowledge(), event);
        Knowledge all = before.stored().map(now::withDead).orElse(now);
        yield new Search(all).settle(Wants.none(all.inputs().size()));
      }
      case MapKnown _,
          InputMoved _,
          Answered _,
          ContentKnown _,
          Prepared _,
          Loaded _,
          LoadFailed _,
          Executed _,
          Refused _,
          Broke _ ->
          before;
    };
  }

  private static Optional<EdgeState> ended(Knowledge before, EdgeEvent event) {
    int inputs = before.inputs().size();
    return switch (event) {
      case Loaded(Hit hit) -> Optional.of(new Found(before, hit));
      case Executed(List<CacheKey> keys, Optional<String> stored) ->
          Optional.of(new Complete(before, keys, stored));
      case Broke(Throwable failure) -> Optional.of(new Failed(failure, inputs));
      case Refused(Throwable failure) -> Optional.of(new Failed(failure, inputs));
      case Wanted _,
          MapKnown _,
          InputMoved _,
          Answered _,
          ContentKnown _,
          Prepared _,
          InputsLost _,
          LoadFailed _ ->
          Optional.empty();
    };
  }

  private static Knowledge learn(Knowledge before, EdgeEvent event) {
    return switch (event) {
      case Wanted(Level level) -> before.withWanted(level);
      case MapKnown(MapFacts map, boolean last) -> before.withMap(map, last);
      case InputMoved(int input, EdgeView view) ->
          before.withInput(input, before.inputs().get(input).withView(view));
      case Answered(var answers) -> before.withAnswers(answers);
      case ContentKnown(int input, CacheKey key) ->
          before.withInput(input, before.inputs().get(input).withContent(key));
      case Prepared(int input) -> before.withInput(input, before.inputs().get(input).asPrepared());
      case LoadFailed(Hit hit) -> before.withDead(hit.result().id());
      case InputsLost _ -> before.withoutInputs();
      case Loaded _, Executed _, Refused _, Broke _ -> before;
    };
  }
}
