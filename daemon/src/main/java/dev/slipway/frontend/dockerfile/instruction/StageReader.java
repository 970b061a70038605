package dev.slipway.frontend.dockerfile.instruction;

import dev.slipway.frontend.dockerfile.instruction.Flags.Kind;
import dev.slipway.frontend.dockerfile.lint.LintRule;
import dev.slipway.frontend.dockerfile.lint.Linter;
import dev.slipway.frontend.dockerfile.parser.DockerfileParser;
import dev.slipway.frontend.dockerfile.parser.ParsedDockerfile;
import dev.slipway.frontend.dockerfile.parser.Statement;
import dev.slipway.frontend.dockerfile.shell.GoText;
import dev.slipway.frontend.dockerfile.source.DockerfileError;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/// Gathers instructions into stages. Confined to the call that made it.
public final class StageReader {
  private static final Pattern STAGE_NAME = Pattern.compile("[a-z][a-z0-9-_.]*");

  private static final String NO_STAGE = "no build stage in current context";

  private final Linter linter;
  private final List<Instruction.Arg> globals = new ArrayList<>();
  private final List<Stage> stages = new ArrayList<>();
  private List<Instruction> instructions = new ArrayList<>();

  private StageReader(Linter linter) {
    this.linter = linter;
  }

  /// Reads all stages. Fails with a [DockerfileError] that names the lines.
  public static DockerfileStages read(ParsedDockerfile file, Linter linter) {
    StageReader reader = new StageReader(linter);
    for (Statement statement : file.statements()) {
      reader.add(statement);
    }
    reader.finishStage();
    return new DockerfileStages(reader.globals, reader.stages);
  }

  /// All that is wrong with instructions of a file, each on its own, in order of the lines. That
  /// there is no stage yet is told once, and not of what follows a wrong FROM or may follow one.
  /// Fails where [DockerfileParser#parse(String, java.util.function.Consumer)] does.
  public static List<DockerfileError> problems(String text) {
    List<DockerfileError> problems = new ArrayList<>();
    ParsedDockerfile file = DockerfileParser.parse(text, problems::add);
    StageReader reader = new StageReader(Linter.silent());
    boolean stageless = problems.isEmpty();
    for (Statement statement : file.statements()) {
      stageless &= !isFrom(statement);
      try {
        reader.add(statement);
      } catch (DockerfileError problem) {
        boolean noStage = problem.message().equals(NO_STAGE);
        if (stageless || !noStage) {
          problems.add(problem);
        }
        stageless &= !noStage;
      }
    }
    problems.sort(Comparator.comparingInt(problem -> problem.places().getFirst().first()));
    return problems;
  }

  private static boolean isFrom(Statement statement) {
    return statement.keyword().toLowerCase(Locale.ROOT).equals("from");
  }

  /// Reads one instruction that is not part of a file, such as a trigger of a base image.
  public static Instruction readTrigger(Statement statement) {
    try {
      return InstructionReader.read(statement, Linter.silent());
    } catch (DockerfileError e) {
      throw e.at(statement.place());
    }
  }

  private void add(Statement statement) {
    Linter own = linter.within(statement.comments());
    try {
      if (isFrom(statement)) {
        Stage stage = from(statement, own);
        finishStage();
        stages.add(stage);
        return;
      }
      Instruction instruction = InstructionReader.read(statement, own);
      if (!stages.isEmpty()) {
        instructions.add(instruction);
        return;
      }
      if (instruction instanceof Instruction.Arg arg) {
        globals.add(arg);
        return;
      }
    } catch (DockerfileError e) {
      throw e.at(statement.place())
          .withPrefix("dockerfile parse error on line " + statement.place().first() + ": ");
    }
    throw new DockerfileError(NO_STAGE, statement.place());
  }

  private void finishStage() {
    if (!stages.isEmpty()) {
      Stage open = stages.removeLast();
      stages.add(
          new Stage(
              open.origin(),
              open.name(),
              open.base(),
              open.platform(),
              open.description(),
              instructions));
    }
    instructions = new ArrayList<>();
  }

  private static Stage from(Statement statement, Linter linter) {
    List<String> words = statement.arguments().words();
    checkCasing(statement, words, linter);
    String name = "";
    if (words.size() == 3 && words.get(1).equalsIgnoreCase("as")) {
      name = words.get(2).toLowerCase(Locale.ROOT);
      if (!STAGE_NAME.matcher(name).matches()) {
        throw new DockerfileError(
            "invalid name for build stage: "
                + GoText.quote(words.get(2))
                + ", name can't start with a number or contain symbols");
      }
    } else if (words.size() != 1) {
      throw new DockerfileError("FROM requires either one or three arguments");
    }
    Flags flags = Flags.parse(statement.flags(), Map.of("platform", Kind.TEXT));
    if (!name.isEmpty()) {
      checkDescription("FROM", List.of(name), statement, linter);
    }
    return new Stage(
        InstructionReader.origin(statement),
        name,
        words.getFirst(),
        flags.text("platform"),
        description(statement.comments(), name),
        List.of());
  }

  private static void checkCasing(Statement statement, List<String> words, Linter linter) {
    if (words.size() == 3 && !isLower(words.get(2))) {
      linter.warn(
          LintRule.STAGE_NAME_CASING,
          statement.place(),
          "Stage name '" + words.get(2) + "' should be lowercase");
    }
    String keyword = statement.keyword();
    if (words.size() < 3 || (!isLower(keyword) && !isUpper(keyword))) {
      return;
    }
    if (isLower(keyword) ? !isLower(words.get(1)) : !isUpper(words.get(1))) {
      linter.warn(
          LintRule.FROM_AS_CASING,
          statement.place(),
          "'" + words.get(1) + "' and '" + keyword + "' keywords' casing do not match");
    }
  }

  private static boolean isLower(String text) {
    return text.equals(text.toLowerCase(Locale.ROOT));
  }

  private static boolean isUpper(String text) {
    return text.equals(text.toUpperCase(Locale.ROOT));
  }

  /// What a comment `# name …` above a definition says about it.
  static String description(List<String> comments, String name) {
    if (name.isEmpty()) {
      return "";
    }
    return comments.stream()
        .filter(comment -> comment.startsWith(name + " "))
        .map(comment -> comment.substring(name.length() + 1))
        .findFirst()
        .orElse("");
  }

  static void checkDescription(
      String keyword, List<String> names, Statement statement, Linter linter) {
    if (statement.comments().isEmpty() || names.isEmpty()) {
      return;
    }
    String last = statement.comments().getLast();
    int space = last.indexOf(' ');
    if (names.contains(space < 0 ? last : last.substring(0, space))) {
      return;
    }
    String example = names.size() > 1 ? "<arg_key>" : names.getFirst();
    linter.warn(
        LintRule.INVALID_DEFINITION_DESCRIPTION,
        statement.place(),
        "Comment for " + keyword + " should follow the format: `# " + example + " <description>`");
  }
}
