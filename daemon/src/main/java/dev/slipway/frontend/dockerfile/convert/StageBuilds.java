package dev.slipway.frontend.dockerfile.convert;

import dev.slipway.frontend.dockerfile.instruction.Instruction;
import dev.slipway.frontend.dockerfile.instruction.MountReader;
import dev.slipway.frontend.dockerfile.instruction.Origin;
import dev.slipway.frontend.dockerfile.instruction.Stage;
import dev.slipway.frontend.dockerfile.shell.GoText;
import dev.slipway.frontend.dockerfile.shell.Variables;
import dev.slipway.frontend.dockerfile.shell.WordProcessor;
import dev.slipway.frontend.dockerfile.source.DockerfileError;
import dev.slipway.frontend.dockerfile.source.LineSpan;
import dev.slipway.frontend.dockerfile.source.Suggestion;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedSet;
import java.util.Set;

/// The stages of one conversion and how they hang together. Mutable, confined to its conversion.
final class StageBuilds {
  static final String SCRATCH = "scratch";

  private final WordProcessor words;
  private final List<StageBuild> all = new ArrayList<>();
  private final Map<String, StageBuild> byName = new HashMap<>();

  StageBuilds(WordProcessor words) {
    this.words = words;
  }

  /// In the order they were added; stages that instructions brought in come last.
  List<StageBuild> all() {
    return Collections.unmodifiableList(all);
  }

  /// Adds a stage; if an earlier one has its base's name it builds on that.
  void add(StageBuild stage) {
    all.add(stage);
    stage.base = Optional.ofNullable(byName.get(stage.baseName));
    stage.base.ifPresent(base -> stage.outline = base.outline.copy());
    if (!stage.stage.name().isEmpty()) {
      byName.put(stage.stage.name(), stage);
    }
  }

  List<String> names() {
    return all.stream().map(stage -> stage.shownName).filter(name -> !name.isEmpty()).toList();
  }

  /// The stage to build: the named one, or the last.
  StageBuild target(String name) {
    if (name.isEmpty()) {
      return all.getLast();
    }
    return find(name)
        .orElseThrow(
            () ->
                new DockerfileError(
                    "target stage "
                        + GoText.quote(name)
                        + " could not be found"
                        + Suggestion.hint(Suggestion.nearest(name, names()))));
  }

  private Optional<StageBuild> find(String name) {
    return Optional.ofNullable(byName.get(name.toLowerCase(Locale.ROOT)));
  }

  /// Finds what every instruction takes files from.
  void link() {
    for (StageBuild stage : List.copyOf(all)) {
      stage.steps = new ArrayList<>();
      for (Instruction instruction : stage.stage.instructions()) {
        Step step = step(instruction, false);
        stage.steps.add(step);
        depend(stage, step);
      }
    }
    requireNoCycle();
    if (all.size() == 1) {
      all.getFirst().shownName = "";
    }
  }

  /// Puts triggers before the instructions of a stage. True when they take files from other stages.
  boolean prepend(StageBuild stage, List<Instruction> triggers) {
    List<Step> steps = new ArrayList<>();
    for (Instruction trigger : triggers) {
      Step step = step(trigger, true);
      steps.add(step);
      depend(stage, step);
    }
    boolean newDependencies = steps.stream().anyMatch(step -> !step.sources().isEmpty());
    steps.addAll(stage.steps);
    stage.steps = steps;
    stage.stepTotal += triggers.size();
    return newDependencies;
  }

  private void depend(StageBuild stage, Step step) {
    for (StageBuild source : step.sources()) {
      stage.dependencies.put(source, step.instruction().origin().place());
      if (!source.written) {
        add(source);
      }
    }
  }

  private Step step(Instruction instruction, boolean trigger) {
    List<StageBuild> sources =
        switch (instruction) {
          case Instruction.Copy copy when !copy.from().isEmpty() -> List.of(copied(copy));
          case Instruction.Run run ->
              run.mounts().stream().map(mount -> mounted(mount, run.origin())).toList();
          default -> List.of();
        };
    return new Step(instruction, sources, trigger);
  }

  private StageBuild copied(Instruction.Copy copy) {
    if (!words.expand(copy.from(), Variables.none()).text().equals(copy.from())) {
      throw new DockerfileError(
          "variable expansion is not supported for --from, define a new stage with FROM using ARG"
              + " from global scope as a workaround");
    }
    if (!copy.from().matches("[-+]?[0-9]{1,9}")) {
      return find(copy.from()).orElseGet(() -> unwritten(copy.from(), copy.origin()));
    }
    int index = Integer.parseInt(copy.from());
    if (index < 0 || index >= all.size()) {
      throw new DockerfileError("invalid stage index " + index);
    }
    return all.get(index);
  }

  private StageBuild mounted(String mount, Origin origin) {
    String from = MountReader.from(mount);
    String name = from.isEmpty() ? SCRATCH : from;
    return find(name).orElseGet(() -> unwritten(name, origin));
  }

  private static StageBuild unwritten(String image, Origin origin) {
    return new StageBuild(
        new Stage(new Origin("", "", origin.place(), List.of()), "", image, "", "", List.of()),
        false,
        image);
  }

  /// The stage and all it needs, itself first.
  static SequencedSet<StageBuild> reachable(StageBuild from) {
    SequencedSet<StageBuild> found = new LinkedHashSet<>();
    reach(from, found);
    return found;
  }

  private static void reach(StageBuild stage, Set<StageBuild> found) {
    if (found.add(stage)) {
      stage.base.ifPresent(base -> reach(base, found));
      stage.dependencies.keySet().forEach(source -> reach(source, found));
    }
  }

  private void requireNoCycle() {
    Set<StageBuild> visited = new HashSet<>();
    for (StageBuild stage : all) {
      List<LineSpan> cycle = findCycle(stage, visited, new HashSet<>(), List.of());
      if (!cycle.isEmpty()) {
        DockerfileError error =
            new DockerfileError("circular dependency detected on stage: " + stage.shownName);
        for (LineSpan place : cycle) {
          error = error.at(place);
        }
        throw error;
      }
    }
  }

  /// The instructions that lead from a stage back to one on the way to it; empty when none do.
  private static List<LineSpan> findCycle(
      StageBuild stage, Set<StageBuild> visited, Set<StageBuild> path, List<LineSpan> way) {
    if (!visited.add(stage)) {
      return List.of();
    }
    path.add(stage);
    for (var dependency : stage.dependencies.entrySet()) {
      List<LineSpan> next = new ArrayList<>(way);
      next.add(dependency.getValue());
      List<LineSpan> cycle =
          path.contains(dependency.getKey())
              ? next
              : findCycle(dependency.getKey(), visited, path, next);
      if (!cycle.isEmpty()) {
        return cycle;
      }
    }
    path.remove(stage);
    return List.of();
  }
}
