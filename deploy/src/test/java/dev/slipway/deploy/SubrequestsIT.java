package dev.slipway.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/// What people see when they ask about a Dockerfile instead of building it. The texts are what the
/// genuine daemon v0.32.2 makes buildx show.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class SubrequestsIT {
  private static final String DOCKERFILE =
      """
      # GREETING what the program says
      ARG GREETING=hello

      # base what all stages share
      FROM scratch AS base
      ARG LEVEL=3

      # app the program
      FROM base AS app
      ARG GREETING
      ARG UNSET
      LABEL greeting=$GREETING level=$LEVEL

      FROM base AS Test
      RUN --mount=type=secret,id=token,required --mount=type=ssh,id=key ["/check"]
      """;

  private BuildSite site;
  private Path context;

  @BeforeAll
  void open(@TempDir Path folder) {
    site = BuildSite.open(folder);
    context = site.context("context", Map.of("Dockerfile", DOCKERFILE));
  }

  @AfterAll
  void close() {
    site.close();
  }

  @Test
  void outlineNamesArgumentsSecretsAndKeys() {
    assertThat(asked("outline").out())
        .isEqualToIgnoringNewLines(
            """

            TARGET: test

            BUILD ARG   VALUE   DESCRIPTION
            LEVEL       3      \s

            SECRET   REQUIRED
            token    true

            SSH   REQUIRED
            key  \s

            """);
  }

  @Test
  void targetsAreListedWithTheirDescriptions() {
    assertThat(asked("targets").out())
        .isEqualToIgnoringNewLines(
            """

            TARGET         DESCRIPTION
            base           what all stages share
            app            the program
            test (default)\s
            """);
  }

  @Test
  void whatCanBeAskedIsDescribed() {
    assertThat(asked("subrequests.describe").out())
        .isEqualToIgnoringNewLines(
            """

            NAME                 VERSION DESCRIPTION
            outline              1.0.0   List all parameters current build target supports
            targets              1.0.0   List all targets current build supports
            subrequests.describe 1.0.0   List available subrequest types
            """);
  }

  @Test
  void aCheckShowsEachFindingWithItsLines() {
    Tool.Outcome check = asked("check");

    assertThat(check.exit()).isEqualTo(1);
    assertThat(check.out())
        .isEqualToIgnoringNewLines(
            """

            Check complete, 1 warning has been found!

            WARNING: StageNameCasing - https://docs.docker.com/go/dockerfile/rule/stage-name-casing/
            Stage name 'Test' should be lowercase
            Dockerfile:14
            --------------------
              12 |     LABEL greeting=$GREETING level=$LEVEL
              13 |    \s
              14 | >>> FROM base AS Test
              15 |     RUN --mount=type=secret,id=token,required --mount=type=ssh,id=key ["/check"]
              16 |    \s
            --------------------
            """);
  }

  @Test
  void findingsFailTheCheckWhereTheyShall() {
    Tool.Outcome check = asked("check", "--build-arg", "BUILDKIT_DOCKERFILE_CHECK=error=true");

    assertThat(check.exit()).isEqualTo(1);
    assertThat(check.all()).contains("ERROR: lint violation found for rules: StageNameCasing");
  }

  @Test
  void answersForProgramsArePrintedAsGoPrintsThem() {
    assertThat(asked("targets,format=json").out())
        .startsWith(
            """

            {
              "targets": [
                {
                  "name": "base",
                  "description": "what all stages share",
                  "base": "scratch",
                  "location": {
                    "ranges": [
                      {
            """);
  }

  @Test
  void oneCheckFindsAllThatIsWrong() {
    Path wrong =
        site.context(
            "wrong",
            Map.of("Dockerfile", "FROM scratch\nENV a\nCOPPY a b\nRUN --nets=none true\n"));

    Tool.Outcome check = askedOf(wrong, List.of("--call", "check"));

    assertThat(check.exit()).isEqualTo(1);
    assertThat(check.all())
        .contains("ERROR: ENV must have two arguments")
        .contains("line 3: unknown instruction: COPPY (did you mean COPY?)")
        .contains("line 4: unknown flag: --nets")
        .contains("2 | >>> ENV a");
  }

  private Tool.Outcome asked(String call, String... options) {
    return askedOf(context, List.of("--call", call), options);
  }

  private Tool.Outcome askedOf(Path directory, List<String> call, String... options) {
    return site.buildx()
        .with("build", "--builder", "site", "--progress", "quiet")
        .with(call.toArray(String[]::new))
        .with(options)
        .in(directory)
        .run(".");
  }
}
