package dev.slipway.frontend.dockerfile.convert;

import dev.slipway.frontend.dockerfile.shell.Variables;
import dev.slipway.frontend.dockerfile.source.DockerfileError;
import java.util.Optional;

/// Sets a stage up with what its base says: variables, working directory, user.
final class StageStart {
  private final Scope scope;
  private final StageBuild stage;

  StageStart(Scope scope, StageBuild stage) {
    this.scope = scope;
    this.stage = stage;
  }

  void begin() {
    stage.inherit();
    stage.converted = true;
    if (stage.platform.isEmpty()) {
      stage.platform = Optional.of(scope.target());
    }
    String os = stage.platform.get().os();
    if (Variables.parse(stage.image.env).find("PATH").isEmpty() && !os.equals("windows")) {
      stage.image.env.add("PATH=" + ImageDraft.defaultPath(os));
    }
    for (String entry : stage.image.env) {
      int equals = entry.indexOf('=');
      stage.state =
          stage.state.withVariable(
              equals < 0 ? entry : entry.substring(0, equals),
              equals < 0 ? "" : entry.substring(equals + 1));
    }
    if (!stage.image.workingDirectory.isEmpty()) {
      enterDirectory();
    }
    if (!stage.image.user.isEmpty()) {
      ImageSettings.setUser(stage, stage.image.user);
    }
  }

  private void enterDirectory() {
    try {
      new WorkdirConverter(scope, stage).enter(stage.image.workingDirectory);
    } catch (DockerfileError e) {
      throw e.at(stage.stage.origin().place());
    }
  }
}
