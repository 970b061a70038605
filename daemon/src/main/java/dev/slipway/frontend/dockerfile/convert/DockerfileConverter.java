package dev.slipway.frontend.dockerfile.convert;

import dev.slipway.frontend.dockerfile.graph.DefinitionWriter;
import dev.slipway.frontend.dockerfile.graph.Output;
import dev.slipway.frontend.dockerfile.ignore.IgnoreMatcher;
import dev.slipway.frontend.dockerfile.instruction.DockerfileStages;
import dev.slipway.frontend.dockerfile.instruction.Instruction;
import dev.slipway.frontend.dockerfile.instruction.Stage;
import dev.slipway.frontend.dockerfile.instruction.StageReader;
import dev.slipway.frontend.dockerfile.lint.LintRule;
import dev.slipway.frontend.dockerfile.parser.DockerfileParser;
import dev.slipway.frontend.dockerfile.parser.ParsedDockerfile;
import dev.slipway.frontend.dockerfile.parser.Statement;
import dev.slipway.frontend.dockerfile.shell.Variables;
import dev.slipway.frontend.dockerfile.shell.WordProcessor;
import dev.slipway.frontend.dockerfile.source.DockerfileError;
import dev.slipway.frontend.dockerfile.source.LineSpan;
import dev.slipway.llb.Definition;
import dev.slipway.oci.Platform;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicReference;

/// Converts one Dockerfile for one platform. Confined to the call that made it.
///
/// The order of work: parse; evaluate the ARGs before the first FROM; name the stages and see what
/// they start from; find which stages the target needs; look up their base images, whose triggers
/// may need more stages; then run every needed stage's instructions in file order; last, describe
/// the build context, of which only now all uses are known.
public final class DockerfileConverter {
  private static final String EPOCH = "SOURCE_DATE_EPOCH";
  private static final int MOST_STAGES = 4096;

  private final ConversionRequest request;
  private final BuildContexts contexts;
  private final StageOutline globalOutline = new StageOutline();

  private DockerfileConverter(ConversionRequest request, BuildContexts contexts) {
    this.request = request;
    this.contexts = contexts;
  }

  /// Blocks while images are looked up; interruption cancels. Fails with a [DockerfileError] that
  /// names the lines.
  public static Conversion convert(ConversionRequest request, BuildContexts contexts) {
    return new DockerfileConverter(request, contexts).convert();
  }

  /// What a client can set for the target. Blocks and fails as a conversion does.
  public static Outline outline(ConversionRequest request, BuildContexts contexts) {
    return new DockerfileConverter(request, contexts).outline();
  }

  private Conversion convert() {
    Plan plan = plan();
    Optional<Output> buildContext = run(plan);
    return result(
        plan.target(), plan.scope(), ScanTargets.of(plan.target(), buildContext, plan.scope()));
  }

  private Outline outline() {
    Plan plan = plan();
    run(plan);
    return StageOutline.of(plan.target());
  }

  /// What is to be converted.
  private record Plan(StageBuild target, StageBuilds stages, Set<StageBuild> needed, Scope scope) {}

  private Plan plan() {
    if (request.dockerfile().isEmpty()) {
      throw new DockerfileError("the Dockerfile cannot be empty");
    }
    ParsedDockerfile parsed = DockerfileParser.parse(request.dockerfile());
    for (LineSpan gap : parsed.emptyContinuations()) {
      request.linter().warn(LintRule.NO_EMPTY_CONTINUATION, gap, "Empty continuation line");
    }
    DockerfileStages file = StageReader.read(parsed, request.linter());
    if (file.stages().isEmpty()) {
      throw new DockerfileError("dockerfile contains no stages to build");
    }
    if (file.stages().size() > MOST_STAGES) {
      throw new DockerfileError("the Dockerfile has more than " + MOST_STAGES + " stages");
    }
    LintChecks.stageNames(file.stages(), request.linter());
    LintChecks.keywordCasing(file.stages(), request.linter());

    Scope scope = scope(file, new WordProcessor(parsed.escape()));
    StageBuilds stages = new StageNamer(scope, contexts, globalOutline).name(file.stages());
    StageBuild target = stages.target(request.config().target());
    stages.link();
    return new Plan(target, stages, resolve(stages, target, scope), scope);
  }

  private Scope scope(DockerfileStages file, WordProcessor words) {
    BuildConfig config = request.config();
    boolean implicit = request.target().isEmpty();
    Platform target = request.target().orElse(request.buildPlatforms().getFirst());
    String stage = config.target().isEmpty() ? file.stages().getLast().name() : config.target();
    Variables automatic =
        GlobalArguments.platform(
            request.buildPlatforms().getFirst(), target, stage, config.arguments());
    checkDefaultImages(file, automatic, words);
    Variables globals =
        GlobalArguments.declared(
            automatic, file.globals(), words, config.arguments(), globalOutline);

    SortedMap<String, String> arguments = new TreeMap<>(config.arguments());
    Optional<String> epochText =
        Optional.ofNullable(arguments.get(EPOCH))
            .or(() -> globals.find(EPOCH).filter(text -> !text.isEmpty()));
    Optional<Instant> epoch = Optional.empty();
    Variables withEpoch = globals;
    if (epochText.isPresent()) {
      epoch =
          new EpochResolver(contexts, file.stages(), globals, arguments, words)
              .resolve(epochText.get());
      Optional<String> seconds = epoch.map(time -> Long.toString(time.getEpochSecond()));
      if (arguments.containsKey(EPOCH)) {
        seconds.ifPresentOrElse(text -> arguments.put(EPOCH, text), () -> arguments.remove(EPOCH));
      }
      if (globals.find(EPOCH).isPresent()) {
        withEpoch =
            seconds.map(text -> globals.with(EPOCH, text)).orElseGet(() -> globals.without(EPOCH));
      }
    }
    return new Scope(
        config,
        arguments,
        withEpoch,
        words,
        target,
        implicit,
        request.buildPlatforms(),
        request.capabilities(),
        epoch,
        request.linter(),
        request.labs(),
        request.groupIds());
  }

  /// Warns about FROM lines that name nothing when nobody gives arguments.
  private void checkDefaultImages(DockerfileStages file, Variables automatic, WordProcessor words) {
    try {
      Variables defaults =
          GlobalArguments.declared(
              automatic, file.globals(), words, new TreeMap<>(), new StageOutline());
      for (Stage stage : file.stages()) {
        String name = words.expand(stage.base(), defaults).text();
        try {
          ImageName.parse(name);
        } catch (DockerfileError e) {
          request
              .linter()
              .warn(
                  LintRule.INVALID_DEFAULT_ARG_IN_FROM,
                  stage.origin().place(),
                  "Default value for ARG "
                      + stage.base()
                      + " results in empty or invalid base image name");
        }
      }
    } catch (DockerfileError e) {
      return; // reported with its place when the arguments given are used
    }
  }

  /// Looks up what the target needs, until triggers of base images need nothing more.
  private Set<StageBuild> resolve(StageBuilds stages, StageBuild target, Scope scope) {
    BaseImages images = new BaseImages(scope, contexts, stages);
    while (true) {
      Set<StageBuild> needed = StageBuilds.reachable(target);
      if (request.allStages()) {
        needed.addAll(stages.all());
      }
      images.resolve(needed);
      boolean more = false;
      for (StageBuild stage : needed) {
        more |= takeTriggers(stage, stages);
      }
      if (!more) {
        return needed;
      }
    }
  }

  /// Puts the triggers of a stage's base before its own instructions. True when they need other
  /// stages.
  private static boolean takeTriggers(StageBuild stage, StageBuilds stages) {
    List<String> triggers = new ArrayList<>();
    if (stage.base.isEmpty()) {
      triggers.addAll(stage.image.triggers);
      stage.image.triggers = List.of();
    } else if (!stage.triggersTaken) {
      for (Step step : stage.base.get().steps) {
        if (step.instruction() instanceof Instruction.Onbuild onbuild) {
          triggers.add(onbuild.trigger());
        }
      }
    }
    stage.triggersTaken = true;
    if (triggers.isEmpty()) {
      return false;
    }
    try {
      List<Instruction> instructions = triggers.stream().map(text -> trigger(text, stage)).toList();
      return stages.prepend(stage, instructions);
    } catch (DockerfileError e) {
      throw e.onlyAt(stage.stage.origin().place());
    }
  }

  private static Instruction trigger(String text, StageBuild stage) {
    List<Statement> statements = DockerfileParser.parse(text).statements();
    if (statements.size() != 1) {
      throw new DockerfileError("onbuild trigger should be a single expression");
    }
    return StageReader.readTrigger(statements.getFirst().at(stage.stage.origin().place()));
  }

  /// @return the main context
  private Optional<Output> run(Plan plan) {
    Scope scope = plan.scope();
    List<String> patterns = contexts.ignorePatterns();
    Optional<IgnoreMatcher> ignored =
        patterns.isEmpty() ? Optional.empty() : Optional.of(IgnoreMatcher.of(patterns));
    AtomicReference<List<String>> contextPaths = new AtomicReference<>(List.of());
    Optional<Output> buildContext = contexts.mainContext(contextPaths::get);
    InstructionConverter converter = new InstructionConverter(scope, buildContext, ignored);
    Set<String> used = new TreeSet<>();
    for (StageBuild stage : List.copyOf(plan.stages().all())) {
      if (plan.needed().contains(stage) && (request.allStages() || !stage.converted)) {
        new StageStart(scope, stage).begin();
        for (Step step : stage.steps) {
          convert(converter, stage, step);
        }
        Advice.give(stage, scope);
        used.addAll(stage.contextPaths);
      }
    }
    contextPaths.set(BaseImages.usedPaths(used));
    plan.target().usedPaths.add("/");
    plan.target().image.labels.putAll(scope.config().labels());
    scope.linter().requireClean();
    return buildContext;
  }

  private static void convert(InstructionConverter converter, StageBuild stage, Step step) {
    try {
      converter.convert(stage, step);
    } catch (DockerfileError e) {
      throw e.at(step.instruction().origin().place());
    }
  }

  private Conversion result(StageBuild target, Scope scope, ScanTargets scanned) {
    ImageDraft image = target.image;
    if (!scope.implicitTarget()) {
      setPlatform(image, scope.target());
    }
    Optional<Platform> platform = image.platform();
    platform.ifPresent(image::setPlatform);
    SortedMap<String, Definition> extras = new TreeMap<>();
    scanned.extras().forEach((name, tree) -> extras.put(name, define(tree, scope)));
    return new Conversion(
        define(target.state.root(), scope),
        ImageJson.write(image),
        platform,
        target.baseImage.map(ImageJson::write),
        scope.epoch(),
        extras,
        scanned.ignoreCache());
  }

  private Definition define(Optional<Output> tree, Scope scope) {
    return new DefinitionWriter(scope.target(), request.file()).write(tree);
  }

  /// Makes the image say what was asked for, keeping what that leaves open.
  private static void setPlatform(ImageDraft image, Platform platform) {
    boolean same =
        platform.os().equals(image.os) && platform.architecture().equals(image.architecture);
    image.os = platform.os();
    image.architecture = platform.architecture();
    if (!platform.variant().isEmpty() || !same) {
      image.variant = platform.variant();
    }
    if (!platform.osVersion().isEmpty() || !same) {
      image.osVersion = platform.osVersion();
    }
    if (!platform.osFeatures().isEmpty()) {
      image.osFeatures = platform.osFeatures();
    }
  }
}
