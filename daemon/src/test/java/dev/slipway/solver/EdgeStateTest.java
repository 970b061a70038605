package dev.slipway.solver;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.oci.Digest;
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
import dev.slipway.solver.EdgeState.Complete;
import dev.slipway.solver.EdgeState.Executing;
import dev.slipway.solver.EdgeState.Failed;
import dev.slipway.solver.EdgeState.Loading;
import dev.slipway.solver.EdgeState.Searching;
import dev.slipway.solver.MapFacts.InputFacts;
import dev.slipway.solver.cachekey.KeyId;
import dev.slipway.solver.cachekey.KeyMatch;
import dev.slipway.solver.cachekey.KeyResult;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// The search of one edge, step by step, without threads or a store.
class EdgeStateTest {
  private static final CacheKey BASE = CacheKey.ofContent(Digest.ofText("base"));
  private static final CacheKey OTHER = CacheKey.ofContent(Digest.ofText("other"));
  private static final CacheKey CONTENT = CacheKey.ofContent(Digest.ofText("content"));
  private static final KeyMatch HIT = match("hit", "result");
  private static final KeyMatch BARE = new KeyMatch(new KeyId("bare"), List.of());

  @Test
  void nothingIsDoneUntilSomethingIsWanted() {
    assertThat(step(plain()).wants()).isEqualTo(Wants.nothing(1));
  }

  @Test
  void theCacheMapAndTheKeysOfInputsAreAskedTogether() {
    Wants wants = step(plain()).on(new Wanted(Level.RESULT)).wants();

    assertThat(wants.cacheMap()).isTrue();
    assertThat(wants.inputs()).containsExactly(Level.FAST);
  }

  @Test
  void aHitByDefinitionLeavesTheInputsAlone() {
    EdgeState state = known(Level.RESULT, plain()).on(moved(0, Level.FAST, BASE));
    assertThat(state.wants().probes()).hasSize(1);

    state = answer(state, HIT);

    assertThat(state).isInstanceOf(Loading.class);
    assertThat(state.wants().inputs()).containsExactly(Level.NONE);
    assertThat(state.wants().load().orElseThrow().result().id()).isEqualTo("result");
  }

  @Test
  void theNewestOfSeveralResultsIsLoaded() {
    EdgeState state =
        answer(
            known(Level.RESULT, plain()).on(moved(0, Level.FAST, BASE)),
            new KeyMatch(
                new KeyId("k"),
                List.of(
                    new KeyResult("old", Instant.EPOCH),
                    new KeyResult("new", Instant.EPOCH.plusSeconds(2)),
                    new KeyResult("middle", Instant.EPOCH.plusSeconds(1)))));

    assertThat(state.wants().load().orElseThrow().result().id()).isEqualTo("new");
  }

  @Test
  void aHitThatCannotBeLoadedIsAMiss() {
    EdgeState state = answer(known(Level.RESULT, plain()).on(moved(0, Level.FAST, BASE)), HIT);
    Hit hit = state.wants().load().orElseThrow();

    state = state.on(new LoadFailed(hit));

    assertThat(state).isInstanceOf(Searching.class);
    assertThat(state.wants().inputs())
        .as("the input has a key: it must be made")
        .containsExactly(Level.SLOW);
    assertThat(state.on(moved(0, Level.SLOW, BASE)).wants().inputs()).containsExactly(Level.RESULT);
  }

  @Test
  void aResultThatWasFoundAndProvesUselessIsAMiss() {
    EdgeState state = answer(known(Level.RESULT, plain()).on(moved(0, Level.FAST, BASE)), HIT);
    Hit hit = state.wants().load().orElseThrow();
    EdgeState found = state.on(new Loaded(hit));
    assertThat(found.view()).isEqualTo(new EdgeView(Level.RESULT, List.of(hit.key()), false));
    assertThat(found.wants()).isEqualTo(Wants.nothing(1));

    EdgeState lost = found.on(new LoadFailed(hit));

    assertThat(lost).isInstanceOf(Searching.class);
    assertThat(lost.view().reached()).isEqualTo(Level.SLOW);
    assertThat(lost.wants().inputs()).containsExactly(Level.SLOW);
  }

  @Test
  void aLostResultThatNobodyWantsAtThatMomentIsNotSearchedAgain() {
    EdgeState state = answer(known(Level.RESULT, plain()).on(moved(0, Level.FAST, BASE)), HIT);
    Hit hit = state.wants().load().orElseThrow();

    state = state.on(new Loaded(hit)).on(new Wanted(Level.NONE)).on(new LoadFailed(hit));
    assertThat(state.wants()).isEqualTo(Wants.nothing(1));

    state = state.on(new Wanted(Level.RESULT));
    assertThat(state.wants().inputs()).containsExactly(Level.SLOW);
  }

  @Test
  void anInputThatLostItsResultIsPreparedAndReadAnew() {
    InputFacts both = new InputFacts(Optional.empty(), true, true);
    EdgeState state =
        answer(
            known(Level.RESULT, both)
                .on(moved(0, Level.RESULT, BASE))
                .on(new Prepared(0))
                .on(new ContentKnown(0, CONTENT)));
    assertThat(state).isInstanceOf(Executing.class);

    state = answer(known(Level.RESULT, both).on(moved(0, Level.RESULT, BASE)).on(new Prepared(0)));
    state = state.on(moved(0, Level.SLOW, BASE));
    assertThat(state.wants().preparations()).isEmpty();
    assertThat(state.wants().contentKeys()).isEmpty();

    state = state.on(moved(0, Level.RESULT, BASE));
    assertThat(state.wants().preparations()).containsExactly(0);
    assertThat(state.wants().contentKeys()).isEmpty();
  }

  @Test
  void anInputThatLeadsNowhereIsSearchedHarderThenMade() {
    EdgeState state = answer(known(Level.RESULT, plain()).on(moved(0, Level.FAST, BASE)));
    assertThat(state.wants().inputs()).containsExactly(Level.SLOW);

    state = state.on(moved(0, Level.SLOW, BASE));
    assertThat(state.wants().inputs()).containsExactly(Level.RESULT);

    state = state.on(moved(0, Level.RESULT, BASE));
    assertThat(state).isInstanceOf(Executing.class);
    assertThat(state.wants().execution()).isTrue();
  }

  @Test
  void contentIsReadOnlyOfTheInputThatLedNowhere() {
    EdgeState state =
        answer(
            known(Level.RESULT, withContent(), withContent())
                .on(moved(0, Level.FAST, BASE))
                .on(moved(1, Level.FAST, OTHER)),
            Map.of(BASE.id(), List.of(HIT)));
    assertThat(state.wants().inputs()).containsExactly(Level.FAST, Level.SLOW);

    state = state.on(moved(1, Level.SLOW, OTHER));
    assertThat(state.wants().inputs()).containsExactly(Level.FAST, Level.RESULT);

    state = state.on(moved(1, Level.RESULT, OTHER));
    assertThat(state.wants().contentKeys()).containsExactly(1);

    state = answer(state.on(new ContentKnown(1, CONTENT)), Map.of(CONTENT.id(), List.of(HIT)));
    assertThat(state).isInstanceOf(Loading.class);
  }

  @Test
  void whereEveryInputLedSomewhereElseTheContentOfTheOthersIsReadToo() {
    EdgeState state =
        answer(
            known(Level.RESULT, plain(), withContent())
                .on(moved(0, Level.SLOW, BASE))
                .on(moved(1, Level.SLOW, OTHER)),
            Map.of(BASE.id(), List.of(HIT), OTHER.id(), List.of(match("another", "result 2"))));

    assertThat(state.wants().inputs()).containsExactly(Level.SLOW, Level.RESULT);
  }

  @Test
  void withoutAnyContentKeyAllInputsAreMadeAtOnce() {
    EdgeState state =
        answer(
            known(Level.RESULT, plain(), plain())
                .on(moved(0, Level.SLOW, BASE))
                .on(moved(1, Level.FAST, OTHER)),
            Map.of(OTHER.id(), List.of(HIT)));

    assertThat(state.wants().inputs()).containsExactly(Level.RESULT, Level.RESULT);
  }

  @Test
  void preparationComesBeforeContentAndBothBeforeTheExecution() {
    InputFacts both = new InputFacts(Optional.empty(), true, true);
    EdgeState state = answer(known(Level.RESULT, both).on(moved(0, Level.RESULT, BASE)));
    assertThat(state.wants().preparations()).containsExactly(0);
    assertThat(state.wants().contentKeys()).isEmpty();

    state = state.on(new Prepared(0));
    assertThat(state.wants().contentKeys()).containsExactly(0);

    state = answer(state.on(new ContentKnown(0, CONTENT)));
    assertThat(state).isInstanceOf(Executing.class);
  }

  @Test
  void forDefinitionKeysAloneNoContentIsRead() {
    EdgeState state = answer(known(Level.FAST, withContent()).on(moved(0, Level.FAST, BASE)));

    assertThat(state.view().reached()).isEqualTo(Level.FAST);
    assertThat(state.wants()).as("satisfied").isEqualTo(Wants.nothing(1));
  }

  @Test
  void aKeyIsEnoughForThoseWhoOnlyWantKeys() {
    EdgeState state = answer(known(Level.SLOW, withContent()).on(moved(0, Level.FAST, BASE)), BARE);

    assertThat(state.view().reached()).isEqualTo(Level.SLOW);
    assertThat(state.view().keys()).extracting(CacheKey::id).containsExactly(BARE.key());
    assertThat(state.wants()).isEqualTo(Wants.nothing(1));
  }

  @Test
  void theNextCacheMapIsAskedWhenTheFirstLedNowhere() {
    EdgeState state =
        root(false).on(new Wanted(Level.FAST)).on(new MapKnown(map("manifest"), false));
    assertThat(state.wants().cacheMap()).isFalse();

    state = answer(state);
    assertThat(state.wants().cacheMap()).isTrue();
    assertThat(state.view().reached()).isEqualTo(Level.NONE);

    state = answer(state.on(new MapKnown(map("chain"), true)), HIT);
    assertThat(state.view().keys()).hasSize(1);
    assertThat(state.view().reached()).isEqualTo(Level.SLOW);
  }

  @Test
  void forcedWorkAsksTheStoreNothingAndShowsNoKeys() {
    EdgeState state = EdgeState.initial(0, true, 1).on(new Wanted(Level.SLOW));
    assertThat(state.view()).isEqualTo(new EdgeView(Level.SLOW, List.of(), true));
    assertThat(state.wants()).isEqualTo(Wants.nothing(1));

    state = state.on(new Wanted(Level.RESULT)).on(new MapKnown(map("run", plain()), true));
    assertThat(state.wants().inputs()).containsExactly(Level.RESULT);
    assertThat(state.wants().probes()).isEmpty();

    state = state.on(moved(0, Level.RESULT, BASE));
    assertThat(state).isInstanceOf(Executing.class);
    assertThat(state.on(executed(BASE)).view().isForced()).isTrue();
  }

  @Test
  void whatIsMadeOfForcedWorkIsNotLookedUpByItsKeys() {
    EdgeState state =
        known(Level.RESULT, plain())
            .on(new InputMoved(0, new EdgeView(Level.RESULT, List.of(BASE), true)));

    assertThat(state).isInstanceOf(Executing.class);
    assertThat(state.on(executed(OTHER)).view().isForced()).isTrue();
  }

  @Test
  void contentEndsTheSpellOfForcedWork() {
    EdgeState state =
        known(Level.RESULT, withContent())
            .on(new InputMoved(0, new EdgeView(Level.RESULT, List.of(BASE), true)))
            .on(new ContentKnown(0, CONTENT));
    assertThat(state.wants().probes()).extracting(Probe::key).containsExactly(CONTENT.id());

    state = answer(state);
    assertThat(state).isInstanceOf(Executing.class);
    assertThat(state.on(executed(OTHER)).view().isForced()).isFalse();
  }

  @Test
  void whatIsNotWantedAnyMoreStopsAndIsTakenUpAgainWithFreshQuestions() {
    EdgeState state = answer(known(Level.RESULT, plain()).on(moved(0, Level.RESULT, BASE)));
    assertThat(state).isInstanceOf(Executing.class);

    state = state.on(new Wanted(Level.NONE));
    assertThat(state.wants()).isEqualTo(Wants.nothing(1));

    state = state.on(new Wanted(Level.RESULT));
    assertThat(state.wants().probes()).as("somebody may have recorded it meanwhile").hasSize(1);
  }

  @Test
  void endsAreFinal() {
    EdgeState failed =
        step(plain()).on(new Wanted(Level.RESULT)).on(new Broke(new IllegalStateException("x")));
    assertThat(failed).isInstanceOf(Failed.class);
    assertThat(failed.on(new Loaded(new Hit(BASE, new KeyResult("result", Instant.EPOCH)))))
        .isSameAs(failed);

    EdgeState complete = step(plain()).on(executed(BASE));
    assertThat(complete).isInstanceOf(Complete.class);
    assertThat(complete.on(new Broke(new IllegalStateException("x")))).isSameAs(complete);
    assertThat(complete.view()).isEqualTo(new EdgeView(Level.RESULT, List.of(BASE), false));
  }

  @Test
  void whatWasMadeOfLostInputsIsMadeAgainOfWhatTheyBecome() {
    EdgeState state =
        answer(known(Level.RESULT, withContent()).on(moved(0, Level.RESULT, BASE)))
            .on(new ContentKnown(0, CONTENT));
    state = answer(state);
    assertThat(state).isInstanceOf(Executing.class);
    EdgeState complete = state.on(new Executed(List.of(OTHER), Optional.of("made")));

    EdgeState again = complete.on(new InputsLost());
    assertThat(again.view().reached()).isNotEqualTo(Level.RESULT);

    again = again.on(moved(0, Level.RESULT, BASE));
    assertThat(again.wants().contentKeys()).as("of the new result").containsExactly(0);

    again =
        answer(
            again.on(new ContentKnown(0, CONTENT)),
            new KeyMatch(OTHER.id(), List.of(new KeyResult("made", Instant.EPOCH))));
    assertThat(again).as("what was lost is no hit").isInstanceOf(Executing.class);
  }

  @Test
  void aRunThatFoundItsInputsLostWaitsForThem() {
    EdgeState state = answer(known(Level.RESULT, plain()).on(moved(0, Level.RESULT, BASE)));
    assertThat(state).isInstanceOf(Executing.class);

    state = state.on(new InputsLost());
    assertThat(state.wants().execution()).isFalse();
    assertThat(state.view().reached()).isEqualTo(Level.NONE);

    assertThat(answer(state.on(moved(0, Level.RESULT, BASE)))).isInstanceOf(Executing.class);
  }

  @Test
  void aLossThatIsNotToBeBorneFailsWhatWasFound() {
    Hit hit = new Hit(BASE, new KeyResult("result", Instant.EPOCH));
    EdgeState found = step(plain()).on(new Loaded(hit));

    assertThat(found.on(new Refused(new IllegalStateException("x")))).isInstanceOf(Failed.class);
  }

  private static EdgeEvent executed(CacheKey key) {
    return new Executed(List.of(key), Optional.empty());
  }

  private static InputFacts plain() {
    return new InputFacts(Optional.empty(), false, false);
  }

  private static InputFacts withContent() {
    return new InputFacts(Optional.empty(), true, false);
  }

  private static MapFacts map(String name, InputFacts... inputs) {
    return new MapFacts(Digest.ofText(name), true, true, List.of(inputs));
  }

  private static EdgeState root(boolean forced) {
    return EdgeState.initial(0, forced, 0);
  }

  private static EdgeState step(InputFacts... inputs) {
    return EdgeState.initial(0, false, inputs.length);
  }

  /// An edge of which that much is wanted, and whose only cache map is known.
  private static EdgeState known(Level wanted, InputFacts... inputs) {
    return step(inputs).on(new Wanted(wanted)).on(new MapKnown(map("run", inputs), true));
  }

  private static EdgeEvent moved(int input, Level reached, CacheKey key) {
    return new InputMoved(input, new EdgeView(reached, List.of(key), false));
  }

  private static KeyMatch match(String key, String result) {
    return new KeyMatch(new KeyId(key), List.of(new KeyResult(result, Instant.EPOCH)));
  }

  /// Answers every open question with these.
  private static EdgeState answer(EdgeState state, KeyMatch... matches) {
    Map<Probe, List<KeyMatch>> answers = new HashMap<>();
    state.wants().probes().forEach(probe -> answers.put(probe, List.of(matches)));
    return state.on(new Answered(answers));
  }

  /// Answers by key; with nothing for the others.
  private static EdgeState answer(EdgeState state, Map<KeyId, List<KeyMatch>> matches) {
    Map<Probe, List<KeyMatch>> answers = new HashMap<>();
    state
        .wants()
        .probes()
        .forEach(probe -> answers.put(probe, matches.getOrDefault(probe.key(), List.of())));
    return state.on(new Answered(answers));
  }
}
