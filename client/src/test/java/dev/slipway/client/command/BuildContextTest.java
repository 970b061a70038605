package dev.slipway.client.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.client.session.Uploads;
import dev.slipway.failure.InvalidRequest;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BuildContextTest {
  private static final InputStream NOTHING = InputStream.nullInputStream();

  @TempDir Path folder;

  @Test
  void aDirectoryHasItsDockerfileInsideOrElsewhere() {
    Path elsewhere = folder.resolve("docker/Build.file");

    BuildContext usual = BuildContext.open(folder.toString(), Optional.empty(), NOTHING);
    BuildContext named =
        BuildContext.open(folder.toString(), Optional.of(elsewhere.toString()), NOTHING);

    assertThat(usual.locals()).isEqualTo(Map.of("context", folder, "dockerfile", folder));
    assertThat(usual.options()).isEmpty();
    assertThat(usual.dockerfile()).contains(folder.resolve("Dockerfile").toString());
    assertThat(usual.sharedKey()).isEqualTo(String.valueOf(folder.getFileName()));
    assertThat(named.locals())
        .isEqualTo(Map.of("context", folder, "dockerfile", elsewhere.getParent()));
    assertThat(named.options()).isEqualTo(Map.of("filename", "Build.file"));
    assertThat(named.dockerfile()).contains(elsewhere.toString());
  }

  @Test
  void aRemoteContextHasItsDockerfileInsideUnlessThePathIsAbsolute() {
    String url = "https://host/repository.git#main";

    BuildContext inside = BuildContext.open(url, Optional.of("docker/Build.file"), NOTHING);
    BuildContext local = BuildContext.open(url, Optional.of(folder + "/Own.file"), NOTHING);

    assertThat(inside.options()).isEqualTo(Map.of("context", url, "filename", "docker/Build.file"));
    assertThat(inside.locals()).isEmpty();
    assertThat(inside.dockerfile()).isEmpty();
    assertThat(local.options())
        .isEqualTo(Map.of("context", url, "filename", "Own.file", "dockerfilekey", "dockerfile"));
    assertThat(local.locals()).isEqualTo(Map.of("dockerfile", folder));
  }

  @Test
  void aDockerfileOnStandardInputHasAnEmptyContextAndIsGoneAfterwards() {
    Path dockerfile;
    try (BuildContext context = BuildContext.open("-", Optional.empty(), input("FROM scratch\n"))) {
      dockerfile = context.locals().get("dockerfile").resolve("Dockerfile");

      assertThat(dockerfile).hasContent("FROM scratch\n");
      assertThat(context.locals().get("context")).isEmptyDirectory();
      assertThat(context.options()).isEqualTo(Map.of("dockerfilekey", "dockerfile"));
      assertThat(context.sharedKey()).isEmpty();
    }
    assertThat(dockerfile.getParent()).doesNotExist();
  }

  @Test
  void aDockerfileOnStandardInputStandsBesideADirectory() {
    try (BuildContext context =
        BuildContext.open(folder.toString(), Optional.of("-"), input("FROM busybox\n"))) {
      assertThat(context.locals()).containsEntry("context", folder);
      assertThat(context.locals().get("dockerfile").resolve("Dockerfile"))
          .hasContent("FROM busybox\n");
      assertThat(context.options()).isEqualTo(Map.of("dockerfilekey", "dockerfile"));
    }
  }

  @Test
  void anArchiveOnStandardInputIsOfferedWhole() throws IOException {
    byte[] random = new byte[100_000];
    new Random(1).nextBytes(random);
    ByteArrayOutputStream archive = new ByteArrayOutputStream();
    try (OutputStream compressing = new GZIPOutputStream(archive)) {
      compressing.write(random);
    }

    BuildContext context =
        BuildContext.open(
            "-", Optional.of("docker/Build.file"), new ByteArrayInputStream(archive.toByteArray()));

    assertThat(context.uploads()).hasSize(1);
    Map.Entry<String, InputStream> upload = context.uploads().entrySet().iterator().next();
    assertThat(context.options())
        .isEqualTo(
            Map.of("context", Uploads.url(upload.getKey()), "filename", "docker/Build.file"));
    assertThat(context.locals()).isEmpty();
    assertThat(upload.getValue().readAllBytes()).isEqualTo(archive.toByteArray());
  }

  @Test
  void refusesWhatCannotBeMeant() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "");

    assertThatThrownBy(() -> BuildContext.open("-", Optional.of("-"), input("FROM scratch\n")))
        .isInstanceOf(InvalidRequest.class)
        .hasMessage("invalid argument: can't use stdin for both build context and dockerfile");
    assertThatThrownBy(() -> BuildContext.open("-", Optional.of("f"), input("FROM scratch\n")))
        .isInstanceOf(InvalidRequest.class)
        .hasMessageContaining("ambiguous Dockerfile source");
    assertThatThrownBy(() -> BuildContext.open(file.toString(), Optional.empty(), NOTHING))
        .isInstanceOf(InvalidRequest.class)
        .hasMessageContaining("\"" + file + "\" not found or not a directory");
  }

  private static InputStream input(String text) {
    return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
  }
}
