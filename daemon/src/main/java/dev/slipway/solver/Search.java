package dev.slipway.solver;

import dev.slipway.solver.EdgeState.Executing;
import dev.slipway.solver.EdgeState.Loading;
import dev.slipway.solver.EdgeState.Searching;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/// How an edge looks for its result: the rules, applied to what it knows. Pure.
///
/// 1. Ask the op for its cache map, and every input for the keys it has by definition; follow those
///    keys in the store. A key that is reached from *every* input is this edge's, and if it has a
///    result, that is a hit: nothing else is touched.
/// 2. An input whose keys lead nowhere rules out a hit by definition. Such inputs, and only they,
///    are searched harder: first by their own content keys, then, where the cache map has a content
///    key for the input, by making the input and looking at it. Inputs that did lead somewhere are
///    left in peace meanwhile.
/// 3. When every input leads somewhere, but not to one key with a result, the content of the others
///    is looked at too.
/// 4. When some input leads nowhere at all, or nothing is left to be tried, make all inputs and
///    execute.
///
/// A key is enough: an edge that knows one searches no harder on behalf of others. A vertex that
/// ignores the cache goes to 4 at once.
record Search(Knowledge known) {
  /// The state these facts put the edge in.
  EdgeState settle(List<Level> asked) {
    if (known.wanted() == Level.RESULT && known.hit().isPresent()) {
      return new Loading(known, known.hit().get());
    }
    if (isSatisfied()) {
      return new Searching(known, Wants.none(asked.size()));
    }
    if (isReadyToExecute()) {
      return new Executing(known);
    }
    Outlook outlook = Outlook.of(known);
    List<Level> levels = new ArrayList<>();
    for (int input = 0; input < asked.size(); input++) {
      levels.add(asked.get(input).max(wantedOf(known.inputs().get(input), outlook)));
    }
    return new Searching(known, levels);
  }

  /// What others may know of an edge that has no result yet.
  EdgeView view() {
    return new EdgeView(reached(), List.copyOf(known.candidates().keySet()), known.forced());
  }

  /// What is to be done while the inputs are asked for these levels.
  Wants wants(List<Level> asked) {
    if (isSatisfied()) {
      return Wants.nothing(asked.size());
    }
    return Wants.search(
        wantsCacheMap(),
        asked,
        known.openProbes(),
        readyInputs(asked, InputKnowledge::lacksPreparation),
        readyInputs(asked, input -> input.lacksContentKey() && !input.lacksPreparation()));
  }

  private boolean isSatisfied() {
    return known.wanted() != Level.RESULT && reached().reaches(known.wanted());
  }

  private Level reached() {
    if (known.forced() || !known.candidates().isEmpty()) {
      return Level.SLOW;
    }
    if (!known.lastMap()) {
      return Level.NONE;
    }
    if (known.isHopeless()
        || known.inputs().stream().allMatch(InputKnowledge::isExhausted)
            && known.openProbes().isEmpty()) {
      return Level.SLOW;
    }
    return known.isFastSettled() ? Level.FAST : Level.NONE;
  }

  private boolean wantsCacheMap() {
    if (known.maps().isEmpty()) {
      return true;
    }
    if (known.lastMap()) {
      return false;
    }
    boolean isEnough = known.wanted() != Level.RESULT && !known.candidates().isEmpty();
    return known.forced() || known.isFastSettled() && !isEnough;
  }

  private Level wantedOf(InputKnowledge input, Outlook outlook) {
    if (known.forced()) {
      return Level.RESULT;
    }
    if (!known.lastMap()) {
      return Level.FAST;
    }
    if (outlook.isHopeless()) {
      return known.wanted();
    }
    if (!input.isMatched()) {
      return input.isFastDone() ? harder(input) : Level.FAST;
    }
    if (!outlook.allMatched()) {
      return Level.FAST;
    }
    if (!outlook.allSearched()) {
      return atMostWanted(Level.SLOW);
    }
    if (input.lacksContentKey()) {
      return contentLevel();
    }
    return outlook.allContentKnown() ? known.wanted() : atMostWanted(Level.SLOW);
  }

  private Level harder(InputKnowledge input) {
    if (!input.reached().reaches(Level.SLOW)) {
      return atMostWanted(Level.SLOW);
    }
    return input.lacksContentKey() ? contentLevel() : atMostWanted(Level.SLOW);
  }

  /// Content can only be looked at when there is a result; not worth it for keys by definition.
  private Level contentLevel() {
    return known.wanted().reaches(Level.SLOW) ? Level.RESULT : Level.FAST;
  }

  private Level atMostWanted(Level level) {
    return known.wanted().reaches(level) ? level : known.wanted();
  }

  private boolean isReadyToExecute() {
    return known.wanted() == Level.RESULT
        && known.lastMap()
        && known.openProbes().isEmpty()
        && allInputs(
            input ->
                input.reached() == Level.RESULT
                    && !input.lacksContentKey()
                    && !input.lacksPreparation());
  }

  private List<Integer> readyInputs(List<Level> asked, Predicate<InputKnowledge> which) {
    return IntStream.range(0, asked.size())
        .filter(number -> asked.get(number) == Level.RESULT)
        .filter(number -> known.inputs().get(number).reached() == Level.RESULT)
        .filter(number -> which.test(known.inputs().get(number)))
        .boxed()
        .toList();
  }

  private boolean allInputs(Predicate<InputKnowledge> test) {
    return known.inputs().stream().allMatch(test);
  }

  /// How the inputs stand as a whole.
  ///
  /// @param isHopeless no hit is possible any more
  /// @param allMatched every input leads somewhere
  /// @param allSearched no input has keys left to find, short of looking at its content
  /// @param allContentKnown no content is left to be looked at
  private record Outlook(
      boolean isHopeless, boolean allMatched, boolean allSearched, boolean allContentKnown) {
    static Outlook of(Knowledge known) {
      boolean allMatched = true;
      boolean allSearched = true;
      boolean allContentKnown = true;
      for (InputKnowledge input : known.inputs()) {
        allMatched &= input.isMatched();
        allSearched &= input.reached().reaches(Level.SLOW) && input.open().isEmpty();
        allContentKnown &= !input.lacksContentKey();
      }
      return new Outlook(known.isHopeless(), allMatched, allSearched, allContentKnown);
    }
  }
}
