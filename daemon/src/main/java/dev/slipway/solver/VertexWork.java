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
  private final SharedCall<EdgeNode<P, R>, List<R>> execution;
  private final List<R> results = new ArrayList<>();
  private volatile Optional<Evaluator<R>> evaluator = Optional.empty();

  VertexWork(VertexNode<P, R> node) {
    this.node = node;
    this.execution = new SharedCall<>(this::startExecution, EdgeNode::executed);
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

  SharedCall<EdgeNode<P, R>, List<R>> execution() {
    return execution;
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
    boolean isFound = source.isFound();
    R content = source.shareResult();
    EvaluationContext context = source.node().context();
    return node.start(
        () -> {
          try (content) {
            functions.forEach(function -> function.prepare(context, content));
            return true;
          } catch (Throwable failure) {
            if (!isFound || !Loss.mayExplain(failure)) {
              tellFailure(failure);
            }
            throw inContext(failure, "");
          }
        },
        outcome ->
            end.accept(
                outcome.map(
                    how ->
                        how instanceof Outcome.Broke<Boolean>(Throwable failure)
                                && source.lose(run, failure)
                            ? NOT_REAL
                            : how)));
  }

  /// Waits for a slot, then runs on what the inputs are now.
  private Runnable startExecution(Consumer<Optional<Outcome<List<R>>>> end) {
    Resource resource = evaluator.orElseThrow().resource();
    ExecutionSlots slots = node.graph().slots();
    List<Runnable> stop = new ArrayList<>();
    List<R> inputs = inputResults();
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
                          end.accept(outcome.flatMap(this::kept));
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
      try {
        return told(() -> evaluator.orElseThrow().execute(node.context(), inputs));
      } catch (Throwable failure) {
        throw inContext(failure, "");
      } finally {
        inputs.forEach(Result::close);
      }
    };
  }

  private Optional<Outcome<List<R>>> kept(Outcome<List<R>> outcome) {
    if (!(outcome instanceof Outcome.Done<List<R>>(List<R> made))) {
      return Optional.of(outcome);
    }
    if (node.isDead()) {
      node.dispose(made);
      return Optional.empty();
    }
    results.addAll(made);
    return Optional.of(outcome);
  }

  private List<R> inputResults() {
    List<R> inputs = new ArrayList<>();
    for (int input = 0; input < node.inputs().size(); input++) {
      inputs.add(node.inputEdge(input).shareResult());
    }
    return inputs;
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
