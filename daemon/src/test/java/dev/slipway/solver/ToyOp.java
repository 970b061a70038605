package dev.slipway.solver;

import dev.slipway.failure.NotFound;
import dev.slipway.oci.Digest;
import dev.slipway.progress.ProgressEvent.LogStream;
import dev.slipway.task.Interruption;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/// What a toy vertex does. Counts how often it was asked. Settings are made before the first solve.
final class ToyOp {
  final String name;
  final List<Vertex.Edge<ToyOp>> inputs = new ArrayList<>();
  final List<String> keySeeds = new ArrayList<>();
  final Map<Integer, String> selectors = new HashMap<>();
  final Set<Integer> contentKeys = new HashSet<>();
  final Set<Integer> preparations = new HashSet<>();
  final AtomicInteger cacheMaps = new AtomicInteger();
  final AtomicInteger executions = new AtomicInteger();
  final AtomicInteger completions = new AtomicInteger();
  final AtomicInteger contents = new AtomicInteger();
  final AtomicInteger prepared = new AtomicInteger();
  Function<List<String>, String> function;
  int outputs = 1;
  boolean ignoreCache;
  boolean shareable = true;
  boolean composes;
  boolean isHollow;
  final Set<Integer> read = new HashSet<>();
  Evaluator.Resource resource = Evaluator.Resource.STEP;
  Hook onCacheMap = _ -> {};
  Hook onContent = _ -> {};
  Hook onExecute = _ -> {};
  Hook onPrepare = _ -> {};
  Optional<Vertex.Edge<ToyOp>> inner = Optional.empty();
  private volatile EvaluationContext context;

  private ToyOp(String name, Function<List<String>, String> function) {
    this.name = name;
    this.function = function;
    this.keySeeds.add(name);
  }

  /// A vertex without inputs. Its key is its name, unless set otherwise.
  static ToyOp constant(String name, String value) {
    return new ToyOp(name, _ -> value);
  }

  /// Joins its inputs: `name(a,b)`.
  static ToyOp join(String name, ToyOp... inputs) {
    ToyOp op = new ToyOp(name, values -> name + "(" + String.join(",", values) + ")");
    for (ToyOp input : inputs) {
      op.inputs.add(input.edge());
    }
    return op;
  }

  /// A vertex whose result is that of a build of its own.
  static ToyOp within(String name, Vertex.Edge<ToyOp> inner) {
    ToyOp op = new ToyOp(name, values -> values.getFirst());
    op.inner = Optional.of(inner);
    op.resource = Evaluator.Resource.UNBOUNDED;
    return op;
  }

  ToyOp on(Vertex.Edge<ToyOp> input) {
    inputs.add(input);
    return this;
  }

  /// Several cache maps, in order.
  ToyOp keyedBy(String... seeds) {
    keySeeds.clear();
    keySeeds.addAll(List.of(seeds));
    return this;
  }

  ToyOp selecting(int input, String selector) {
    selectors.put(input, selector);
    return this;
  }

  ToyOp byContentOf(int input) {
    contentKeys.add(input);
    return this;
  }

  ToyOp preparing(int input) {
    preparations.add(input);
    return this;
  }

  ToyOp ignoringCache() {
    ignoreCache = true;
    return this;
  }

  /// What it makes shares what its inputs have, as merged trees do.
  ToyOp composing() {
    composes = true;
    return this;
  }

  /// Needs all of that input when it runs, and finds out then if something of it is gone.
  ToyOp reading(int input) {
    read.add(input);
    return this;
  }

  /// What it makes is gone at once.
  ToyOp givingHollow() {
    isHollow = true;
    return this;
  }

  ToyOp unshareable() {
    shareable = false;
    return this;
  }

  ToyOp withOutputs(int number) {
    outputs = number;
    return this;
  }

  ToyOp taking(Evaluator.Resource taken) {
    resource = taken;
    return this;
  }

  ToyOp executing(Hook hook) {
    onExecute = hook;
    return this;
  }

  ToyOp mapping(Hook hook) {
    onCacheMap = hook;
    return this;
  }

  ToyOp readingContent(Hook hook) {
    onContent = hook;
    return this;
  }

  ToyOp preparing(Hook hook) {
    onPrepare = hook;
    return this;
  }

  ToyOp giving(String value) {
    function = _ -> value;
    return this;
  }

  Vertex.Edge<ToyOp> edge() {
    return edge(0);
  }

  Vertex.Edge<ToyOp> edge(int output) {
    return new Vertex.Edge<>(vertex(), output);
  }

  /// As in LLB, the digest covers the op and its inputs, not the options.
  Vertex<ToyOp> vertex() {
    StringBuilder text = new StringBuilder(name);
    inputs.forEach(
        input ->
            text.append('\n').append(input.vertex().digest()).append('@').append(input.index()));
    Vertex.Options options =
        new Vertex.Options(name, ignoreCache, Optional.empty(), Optional.empty());
    return new Vertex<>(Digest.ofText(text.toString()), this, inputs, options);
  }

  /// Waits until an evaluation of this op is wanted by that many jobs.
  void awaitJobs(int number) {
    while (context.jobs().size() < number) {
      Thread.onSpinWait();
    }
  }

  /// Called where the op is asked something; may block or throw.
  @FunctionalInterface
  interface Hook {
    void run(EvaluationContext context) throws Exception;
  }

  Evaluator<ToyResult> evaluator(
      ToyResults results, Function<EvaluationContext, ToyResult> solveInner) {
    return new Evaluator<>() {
      @Override
      public CacheMap<ToyResult> cacheMap(EvaluationContext context, int number) {
        cacheMaps.incrementAndGet();
        run(onCacheMap, context);
        List<CacheMap.Input<ToyResult>> facts = new ArrayList<>();
        for (int input = 0; input < inputs.size(); input++) {
          facts.add(input(input));
        }
        return new CacheMap<>(
            Digest.ofText(keySeeds.get(number)), facts, number == keySeeds.size() - 1, shareable);
      }

      private CacheMap.Input<ToyResult> input(int number) {
        Optional<CacheMap.ContentKey<ToyResult>> content =
            contentKeys.contains(number)
                ? Optional.of((context, given) -> contentOf(number, context, given))
                : Optional.empty();
        Optional<CacheMap.Preparation<ToyResult>> preparation =
            preparations.contains(number) ? Optional.of(this::prepare) : Optional.empty();
        return new CacheMap.Input<>(
            Optional.ofNullable(selectors.get(number)).map(Digest::ofText), content, preparation);
      }

      private void prepare(EvaluationContext context, ToyResult input) {
        prepared.incrementAndGet();
        run(onPrepare, context);
        require(input);
      }

      private void require(ToyResult input) {
        if (input.isLost()) {
          throw new NotFound("blob of " + input.value() + " is gone");
        }
      }

      private Digest contentOf(int number, EvaluationContext context, ToyResult input) {
        contents.incrementAndGet();
        run(onContent, context);
        if (preparations.contains(number)) {
          requireReal(input);
        }
        return Digest.ofText("content " + input.value());
      }

      @Override
      public List<ToyResult> execute(EvaluationContext context, List<ToyResult> inputs) {
        executions.incrementAndGet();
        ToyOp.this.context = context;
        context
            .progress()
            .log(
                LogStream.STDOUT,
                ("run " + name).getBytes(StandardCharsets.UTF_8),
                0,
                4 + name.length());
        run(onExecute, context);
        preparations.forEach(number -> requireReal(inputs.get(number)));
        read.forEach(number -> require(inputs.get(number)));
        if (inner.isPresent()) {
          try (ToyResult solved = solveInner.apply(context)) {
            List<ToyResult> all = new ArrayList<>(inputs);
            all.addFirst(solved);
            return made(all, List.of(solved));
          }
        }
        return made(inputs, composes ? inputs : List.of());
      }

      private List<ToyResult> made(List<ToyResult> of, List<ToyResult> parts) {
        Interruption.check();
        String value = function.apply(of.stream().map(ToyResult::value).toList());
        List<ToyResult> made = new ArrayList<>();
        for (int output = 0; output < outputs; output++) {
          String each = output == 0 ? value : value + "#" + output;
          ToyResult result = results.make(each, parts);
          result.kept().isHollow = isHollow;
          made.add(result);
        }
        completions.incrementAndGet();
        return made;
      }

      @Override
      public Resource resource() {
        return resource;
      }
    };
  }

  private static void requireReal(ToyResult input) {
    if (input.isLost()) {
      throw new IllegalStateException(input.value() + " was not prepared");
    }
  }

  private static void run(Hook hook, EvaluationContext context) {
    try {
      hook.run(context);
    } catch (InterruptedException interrupted) {
      throw Interruption.cancelled(interrupted);
    } catch (RuntimeException failure) {
      throw failure;
    } catch (Exception checked) {
      throw new IllegalStateException(checked);
    }
  }
}
