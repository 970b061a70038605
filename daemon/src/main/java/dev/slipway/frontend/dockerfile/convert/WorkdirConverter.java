package dev.slipway.frontend.dockerfile.convert;

import dev.slipway.frontend.dockerfile.graph.FileNode;
import dev.slipway.frontend.dockerfile.graph.NodeNotes;
import dev.slipway.frontend.dockerfile.ignore.SlashPath;
import dev.slipway.frontend.dockerfile.instruction.Instruction;
import dev.slipway.frontend.dockerfile.lint.LintRule;
import dev.slipway.frontend.dockerfile.lint.Linter;
import dev.slipway.frontend.dockerfile.shell.GoText;
import dev.slipway.frontend.dockerfile.source.DockerfileError;
import dev.slipway.frontend.dockerfile.source.LineSpan;
import java.util.List;
import java.util.Optional;

/// WORKDIR: the directory steps run in, made if it is not there.
final class WorkdirConverter {
  private final Scope scope;
  private final StageBuild stage;

  WorkdirConverter(Scope scope, StageBuild stage) {
    this.scope = scope;
    this.stage = stage;
  }

  void convert(Instruction.Workdir workdir, Substitution substitution, Linter linter) {
    String written = substitution.apply(workdir.path());
    if (!stage.directorySet && !TargetPath.isAbsolute(written, os())) {
      linter.warn(
          LintRule.WORKDIR_RELATIVE_PATH,
          workdir.origin().place(),
          "Relative workdir "
              + GoText.quote(written)
              + " can have unexpected results if the base image changes");
    }
    stage.directorySet = true;
    String directory = enter(written);
    boolean make = !directory.equals("/");
    if (make) {
      make(directory, workdir.origin().text(), workdir.origin().place());
    }
    stage.record("WORKDIR " + directory, make, scope.historyTime());
  }

  private String os() {
    return stage.platform.orElse(scope.target()).os();
  }

  /// Makes `path` the working directory, as the base image's is before the first instruction. Gives
  /// its slash form.
  String enter(String path) {
    String directory;
    try {
      directory = TargetPath.resolve(stage.image.workingDirectory, path, os(), false);
    } catch (DockerfileError e) {
      throw e.withPrefix("normalizing workdir: normalizing working directory: ");
    }
    stage.image.workingDirectory =
        os().equals("windows") ? directory.replace('/', '\\') : directory;
    stage.state = stage.state.withDirectory(directory);
    return directory;
  }

  private void make(String directory, String text, LineSpan place) {
    String user = stage.image.user;
    Optional<FileNode.Owner> owner =
        user.isEmpty() ? Optional.empty() : Optional.of(Owners.parse(user));
    long time =
        scope
            .epoch()
            .map(epoch -> epoch.getEpochSecond() * 1_000_000_000L + epoch.getNano())
            .orElse(-1L);
    String shown =
        StepNames.withUpperKeyword(StepNames.substituted(text, scope.words(), stage.state.env()));
    String name =
        StepNames.next(
            stage,
            shown,
            scope.config().multiPlatform(),
            Optional.of(stage.platform.orElse(scope.target())),
            stage.state.env());
    FileNode.Action action =
        new FileNode.MakeDirectory(SlashPath.clean(directory), 0755, true, owner, time);
    FileNode node =
        new FileNode(stage.state.root(), List.of(action), NodeNotes.named(name).at(place));
    stage.state = stage.state.withRoot(Optional.of(node.output()));
  }
}
