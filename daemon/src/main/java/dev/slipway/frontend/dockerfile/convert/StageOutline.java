package dev.slipway.frontend.dockerfile.convert;

import dev.slipway.frontend.dockerfile.instruction.Instruction.ArgDeclaration;
import dev.slipway.frontend.dockerfile.source.LineSpan;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What a client can set for one stage. Mutable, confined to its conversion.
final class StageOutline {
  private final Map<String, Declared> declared = new LinkedHashMap<>();
  private final Set<String> used = new LinkedHashSet<>();
  private final Map<String, Outline.Access> secrets = new LinkedHashMap<>();
  private final Map<String, Outline.Access> agents = new LinkedHashMap<>();

  private record Declared(Outline.Argument argument, Set<String> dependsOn) {}

  /// The same to go on from: for a stage on top of another.
  StageOutline copy() {
    StageOutline copy = new StageOutline();
    copy.declared.putAll(declared);
    copy.used.addAll(used);
    copy.secrets.putAll(secrets);
    copy.agents.putAll(agents);
    return copy;
  }

  /// @param dependsOn arguments its value was made of; one declared on top of itself keeps what it
  ///   depended on before
  void declare(ArgDeclaration argument, LineSpan place, Collection<String> dependsOn) {
    Set<String> all = new LinkedHashSet<>(dependsOn);
    Declared before = declared.get(argument.name());
    if (all.remove(argument.name()) && before != null) {
      all.addAll(before.dependsOn());
    }
    declared.put(
        argument.name(),
        new Declared(
            new Outline.Argument(
                argument.name(), argument.valueText(), argument.description(), place),
            all));
  }

  Set<String> declaredNames() {
    return Set.copyOf(declared.keySet());
  }

  void use(Collection<String> names) {
    used.addAll(names);
  }

  void useSecret(String id, boolean required, LineSpan place) {
    secrets.putIfAbsent(id, new Outline.Access(id, required, place));
  }

  void useAgent(String id, boolean required, LineSpan place) {
    agents.putIfAbsent(id, new Outline.Access(id, required, place));
  }

  private Set<String> usedWithDependencies() {
    Set<String> all = new LinkedHashSet<>();
    List<String> open = new ArrayList<>(used);
    while (!open.isEmpty()) {
      String name = open.removeLast();
      Declared argument = declared.get(name);
      if (all.add(name) && argument != null) {
        open.addAll(argument.dependsOn());
      }
    }
    return all;
  }

  /// All stages that `target` needs, itself first, taken together; of two with one name the nearer
  /// one counts.
  static Outline of(StageBuild target) {
    Map<String, Outline.Argument> arguments = new LinkedHashMap<>();
    Map<String, Outline.Access> secrets = new LinkedHashMap<>();
    Map<String, Outline.Access> agents = new LinkedHashMap<>();
    for (StageBuild stage : StageBuilds.reachable(target)) {
      StageOutline outline = stage.outline;
      for (String name : outline.usedWithDependencies()) {
        Declared argument = outline.declared.get(name);
        if (argument != null) {
          arguments.putIfAbsent(name, argument.argument());
        }
      }
      outline.secrets.forEach(secrets::putIfAbsent);
      outline.agents.forEach(agents::putIfAbsent);
    }
    return new Outline(
        target.stage.name(),
        target.stage.description(),
        arguments.values().stream()
            .sorted(Comparator.comparingInt(argument -> argument.place().first()))
            .toList(),
        sorted(secrets.values()),
        sorted(agents.values()));
  }

  private static List<Outline.Access> sorted(Collection<Outline.Access> all) {
    return all.stream().sorted(Comparator.comparingInt(access -> access.place().first())).toList();
  }
}
