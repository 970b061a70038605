package dev.slipway.solver;

import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.Cancelled;
import dev.slipway.failure.Fact;
import dev.slipway.failure.WrongState;
import dev.slipway.solver.CacheMap.ContentKey;
import dev.slipway.solver.CacheMap.Preparation;
import dev.slipway.solver.Evaluator.Resource;
import dev.slipway.task.Interruption;
import dev.slipway.task.Task;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/// What a vertex has its evaluator do, once for all of its edges: cache maps, content keys and
/// preparations of inputs, the execution. Confined to the loop; the bodies of the tasks run
/// elsewhere.
final class VertexWork<P, R extends Result> {
  private static final Outcome<Boolean> NOT_REAL = new Outcome.Done<>(false);

  private final VertexNode<P, R> node;
  private final List<SharedCall<EdgeNode<P, R>, CacheMap<R>>> maps = new ArrayList<>();
  private final Map<Looked, SharedCall<EdgeNode<P, R>, CacheKey>> contentKeys = new HashMap<>();
  private final Map<Looked, SharedCall<EdgeNode<P, R>, Boolean>> preparations = new HashMap<>();
  private final List<R> results = new ArrayList<>();
  private final List<Used<P, R>> within = new ArrayList<>();
  private SharedCall<EdgeNode<P, R>, Optional<Ran<P, R>>> execution;
  private volatile Optional<Evaluator<R>> evaluator = Optional.empty();

  VertexWork(VertexNode<P, R> node) {
    this.node = node;
    this.execution = newExecution();
  }

  /// What came of a run of the vertex.
  ///
  /// @param results one an output
  /// @param on the results it ran on: one an input, then those of builds that it solved
  record Ran<P, R extends Result>(List<R> results, List<Used<P, R>> on) {
    Ran {
      results = List.copyOf(results);
      on = List.copyOf(on);
    }
  }

  /// A result of another vertex that a run used.
  ///
  /// @param run which of the results that the edge has had
  record Used<P, R extends Result>(VertexNode.Input<P, R> source, String run) {
    EdgeNode<P, R> edge() {
      return source.node().edge(source.output());
    }

    /// The edge has another result now, or is on its way to one.
    boolean isOver() {
      return !edge().runId().equals(run);
    }
  }

  private SharedCall<EdgeNode<P, R>, Optional<Ran<P, R>>> newExecution() {
    return new SharedCall<>(this::startExecution, EdgeNode::executed);
  }

  /// The cache map of that number; those before it are known.
  SharedCall<EdgeNode<P, R>, CacheMap<R>> map(int number) {
    if (number == maps.size()) {
      maps.add(new SharedCall<>(end -> node.start(() -> askMap(number), end), EdgeNode::mapKnown));
    }
    return maps.get(number);
  }

  /// The content key of the result that the input has now.
  SharedCall<EdgeNode<P, R>, CacheKey> contentKey(int input) {
    return contentKeys.computeIfAbsent(
        looked(input),
        _ ->
            new SharedCall<>(
                end -> startContentKey(input, end),
                (edge, outcome) -> edge.contentKnown(input, outcome)));
  }

  /// The preparation of the result that the input has now.
  SharedCall<EdgeNode<P, R>, Boolean> preparation(int input) {
    return preparations.computeIfAbsent(
        looked(input),
        _ ->
            new SharedCall<>(
                end -> startPreparation(input, end),
                (edge, outcome) -> edge.prepared(input, outcome)));
  }

  /// A result of an input that was looked at.
  private record Looked(int input, String run) {}

  private Looked looked(int input) {
    return new Looked(input, node.inputEdge(input).runId());
  }

  SharedCall<EdgeNode<P, R>, Optional<Ran<P, R>>> execution() {
    return execution;
  }

  /// What came of the run on those results is of no use any more; whoever wants the execution from
  /// now on gets another.
  void runAgain(List<Used<P, R>> on) {
    boolean isOfThatRun =
        execution.value().flatMap(ran -> ran).map(Ran::on).equals(Optional.of(on));
    if (isOfThatRun) {
      execution = newExecution();
    }
  }

  /// Has those who made these results lose what is gone of them.
  ///
  /// @return whether any of them has or will have another result; false when nothing is gone that
  ///   could be had in another way
  boolean lose(List<Used<P, R>> used, Throwable reason) {
    boolean isAnyLost = false;
    for (Used<P, R> one : used) {
      EdgeNode<P, R> source = one.edge();
      if (one.isOver() || source.isLost() && source.lose(one.run(), reason)) {
        isAnyLost = true;
      }
    }
    return isAnyLost;
  }

  /// The run that is under way got this result of a build of its own.
  void solvedWithin(VertexNode.Input<P, R> source, String run) {
    within.add(new Used<>(source, run));
  }

  /// The results of the execution, for the caller to close.
  List<R> takeResults() {
    List<R> taken = List.copyOf(results);
    results.clear();
    return taken;
  }

  private CacheMap<R> askMap(int number) {
    boolean isSource = node.inputs().isEmpty();
    try {
      return isSource ? told(() -> askEvaluator(number)) : askEvaluator(number);
    } catch (Throwable failure) {
      if (!isSource) {
        tellFailure(failure);
      }
      throw inContext(failure, "failed to load cache key");
    }
  }

  private CacheMap<R> askEvaluator(int number) {
    if (evaluator.isEmpty()) {
      evaluator = Optional.of(node.graph().evaluators().evaluatorOf(node.vertex(), node.context()));
    }
    CacheMap<R> map = evaluator.get().cacheMap(node.context(), number);
    if (map.inputs().size() != node.inputs().size()) {
      throw new WrongState(
          "the cache map of "
              + node.vertex().digest()
              + " has "
              + map.inputs().size()
              + " inputs, the vertex "
              + node.inputs().size());
    }
    return map;
  }

  private Runnable startContentKey(int input, Consumer<Optional<Outcome<CacheKey>>> end) {
    ContentKey<R> function =
        knownMaps().stream()
            .flatMap(map -> map.inputs().get(input).contentKey().stream())
            .findFirst()
            .orElseThrow();
    R content = node.inputEdge(input).shareResult();
    return node.start(
        () -> {
          try (content) {
            return CacheKey.ofContent(function.compute(node.context(), content));
          } catch (Throwable failure) {
            tellFailure(failure);
            throw inContext(failure, "failed to compute cache key");
          }
        },
        end);
  }

  /// The input reports what is done to it: it is its layers that are made ready.
  private Runnable startPreparation(int input, Consumer<Optional<Outcome<Boolean>>> end) {
    List<Preparation<R>> functions =
        knownMaps().stream()
            .flatMap(map -> map.inputs().get(input).preparation().stream())
            .limit(1)
            .toList();
    EdgeNode<P, R> source = node.inputEdge(input);
    String run = source.runId();
    R content = source.shareResult();
    EvaluationContext context = source.node().context();
    return node.start(
        () -> {
          try (content) {
            functions.forEach(function -> function.prepare(context, content));
            return true;
          } catch (Throwable failure) {
            if (!Loss.mayExplain(failure)) {
              tellFailure(failure);
            }
            throw inContext(failure, "");
          }
        },
        outcome -> {
          if (!(outcome.orElse(NOT_REAL) instanceof Outcome.Broke<Boolean>(Throwable failure))
              || !Loss.mayExplain(failure)) {
            end.accept(outcome);
          } else if (source.lose(run, failure)) {
            end.accept(Optional.of(NOT_REAL));
          } else {
            tellFailureThen(failure, () -> end.accept(outcome));
          }
        });
  }

  /// Waits for a slot, then runs on what the inputs are now.
  private Runnable startExecution(Consumer<Optional<Outcome<Optional<Ran<P, R>>>>> end) {
    Resource resource = evaluator.orElseThrow().resource();
    ExecutionSlots slots = node.graph().slots();
    List<Runnable> stop = new ArrayList<>();
    List<R> inputs = inputResults();
    List<Used<P, R>> used = usedInputs();
    within.clear();
    Object turn = node.interested().isEmpty() ? node : node.interested().getFirst();
    ExecutionSlots.Ticket ticket =
        slots.request(
            resource,
            turn,
            () ->
                stop.add(
                    node.start(
                        executionOn(inputs),
                        outcome -> {
                          slots.release(resource);
                          executionEnded(outcome, used, end);
                        })));
    return () -> {
      if (ticket.giveUp()) {
        node.dispose(inputs);
        end.accept(Optional.empty());
      } else {
        stop.forEach(Runnable::run);
      }
    };
  }

  private Task<List<R>> executionOn(List<R> inputs) {
    return () -> {
      VertexStory.Work work = node.story().begin(false);
      try {
        List<R> made = evaluator.orElseThrow().execute(node.context(), inputs);
        work.end(false, Optional.empty());
        return made;
      } catch (Throwable failure) {
        boolean mayRunAgain = Loss.mayExplain(failure) && inputs.stream().anyMatch(Result::isLost);
        work.end(false, mayRunAgain ? Optional.empty() : Optional.of(messageOf(failure)));
        throw mayRunAgain ? new OnLostInputs(inContext(failure, "")) : inContext(failure, "");
      } finally {
        inputs.forEach(Result::close);
      }
    };
  }

  /// The vertex could not run because something of its inputs is gone; users were not told.
  private static final class OnLostInputs extends RuntimeException {
    private static final long serialVersionUID = 1;

    final transient RuntimeException reason;

    OnLostInputs(RuntimeException reason) {
      super(reason);
      this.reason = reason;
    }
  }

  private void executionEnded(
      Optional<Outcome<List<R>>> outcome,
      List<Used<P, R>> inputs,
      Consumer<Optional<Outcome<Optional<Ran<P, R>>>>> end) {
    if (outcome.isEmpty()) {
      end.accept(Optional.empty());
      return;
    }
    switch (outcome.get()) {
      case Outcome.Done<List<R>>(List<R> made) when node.isDead() -> {
        node.dispose(made);
        end.accept(Optional.empty());
      }
      case Outcome.Done<List<R>>(List<R> made) -> {
        results.addAll(made);
        List<Used<P, R>> on = new ArrayList<>(inputs);
        on.addAll(within);
        end.accept(Optional.of(new Outcome.Done<>(Optional.of(new Ran<>(made, on)))));
      }
      case Outcome.Broke<List<R>>(OnLostInputs lost) -> {
        if (lose(inputs, lost.reason)) {
          execution = newExecution();
          end.accept(Optional.of(new Outcome.Done<>(Optional.empty())));
        } else {
          tellFailureThen(
              lost.reason, () -> end.accept(Optional.of(new Outcome.Broke<>(lost.reason))));
        }
      }
      case Outcome.Broke<List<R>>(Throwable failure) ->
          end.accept(Optional.of(new Outcome.Broke<>(failure)));
    }
  }

  private List<R> inputResults() {
    List<R> inputs = new ArrayList<>();
    for (int input = 0; input < node.inputs().size(); input++) {
      inputs.add(node.inputEdge(input).shareResult());
    }
    return inputs;
  }

  private List<Used<P, R>> usedInputs() {
    return node.inputs().stream()
        .map(input -> new Used<>(input, input.node().edge(input.output()).runId()))
        .toList();
  }

  private List<CacheMap<R>> knownMaps() {
    return maps.stream().flatMap(call -> call.value().stream()).toList();
  }

  /// Does work that users see start and end.
  private <T> T told(Task<T> body) throws Exception {
    VertexStory.Work work = node.story().begin(false);
    try {
      T value = body.run();
      work.end(false, Optional.empty());
      return value;
    } catch (Throwable failure) {
      work.end(false, Optional.of(messageOf(failure)));
      throw failure;
    }
  }

  private void tellFailure(Throwable failure) {
    node.story().begin(false).end(false, Optional.of(messageOf(failure)));
  }

  private void tellFailureThen(Throwable failure, Runnable next) {
    node.start(
        () -> {
          tellFailure(failure);
          return true;
        },
        _ -> next.run());
  }

  /// As users see it.
  static String messageOf(Throwable failure) {
    return switch (failure) {
      case Cancelled _, InterruptedException _ -> "context canceled";
      case BuildFailure known -> known.text();
      default -> "internal error: " + failure;
    };
  }

  private RuntimeException inContext(Throwable failure, String doing) {
    return switch (failure) {
      case Cancelled cancelled -> cancelled;
      case BuildFailure known -> {
        BuildFailure said = doing.isEmpty() ? known : known.in(doing);
        yield said.fact(Fact.AtVertex.class).isPresent()
            ? said
            : said.with(new Fact.AtVertex(node.vertex().digest()));
      }
      case InterruptedException interrupted -> Interruption.cancelled(interrupted);
      case RuntimeException bug -> bug;
      case Error error -> throw error;
      default ->
          new IllegalStateException(
              "work on " + node.vertex().digest() + " failed: " + failure.getMessage(), failure);
    };
  }
}
