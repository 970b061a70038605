package dev.slipway.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.api.control.BuildHistoryRequest;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import tools.jackson.databind.json.JsonMapper;

/// Registries, images, platforms and clients that misbehave: a clear answer each, and the daemon
/// goes on.
@Isolated
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class TroubleIT {
  private static final JsonMapper JSON = new JsonMapper();

  private BuildSite site;

  @BeforeAll
  void open(@TempDir Path folder) {
    site = BuildSite.open(folder);
  }

  @AfterAll
  void close() {
    site.close();
  }

  @AfterEach
  void theDaemonStillBuilds() {
    Path context = site.context("still-builds", Map.of("Dockerfile", "FROM busybox\nRUN true\n"));
    site.buildxBuild().succeed("--no-cache", context.toString());
  }

  @Test
  void anUnreachableRegistryIsNamed() {
    int closed = RegistryProcess.freePort();
    Path context =
        site.context("unreachable", Map.of("Dockerfile", "FROM 127.0.0.1:" + closed + "/x\n"));

    Tool.Outcome outcome = site.buildxBuild().run(context.toString());

    assertThat(outcome.exit()).isNotZero();
    assertThat(outcome.err())
        .contains("failed to resolve source metadata for 127.0.0.1:" + closed + "/x:latest")
        .contains("connection refused");
  }

  @Test
  void aBlobWithAnotherDigestIsRefused() throws IOException {
    Path context =
        site.context(
            "corrupt-base",
            Map.of("Dockerfile", "FROM busybox\nRUN head -c 100000 /dev/urandom > /r\n"));
    String image = site.reference("it/corrupt:latest");
    site.buildxBuild().succeed("-t", image, "--push", context.toString());
    String layer =
        JSON.readTree(site.crane().succeed("manifest", image).out())
            .at("/layers/1/digest")
            .asString();
    site.buildx().succeed("prune", "--builder", "site", "--all", "--force");
    try (RandomAccessFile blob =
        new RandomAccessFile(site.registry.blobFile(layer).toFile(), "rw")) {
      blob.seek(50_000);
      blob.write(~blob.read());
      blob.seek(50_000);
      blob.write("changed".getBytes(StandardCharsets.UTF_8));
    }
    Path user =
        site.context("corrupt-user", Map.of("Dockerfile", "FROM " + image + "\nRUN true\n"));

    Tool.Outcome outcome = site.buildxBuild().run(user.toString());

    assertThat(outcome.exit()).isNotZero();
    assertThat(outcome.err()).contains(layer);
  }

  @Test
  void aPlatformThatNobodyRunsIsNamed() {
    Path context =
        site.context(
            "nobody", Map.of("Dockerfile", "FROM scratch\nCOPY Dockerfile /bin/sh\nRUN true\n"));

    Tool.Outcome outcome =
        site.buildxBuild().run("--platform", "linux/sparc64", context.toString());

    assertThat(outcome.exit()).isNotZero();
    if (site.distribution.isOurs()) {
      assertThat(outcome.err()).contains("linux/sparc64").containsIgnoringCase("emulator");
    }
  }

  @Test
  void layersDoNotReachOutOfTheirTree(@TempDir Path folder) {
    Path target = folder.resolve("victim");
    HostileImage image =
        new HostileImage()
            .file("ok", "fine")
            .file("../../../../../../../../.." + target + "-dots", "out")
            .file(target + "-absolute", "out")
            .symlink("door", folder.toString())
            .file("door/victim-through-link", "out")
            .symlink("up", "../../../../../../../../..")
            .file("up" + target + "-up", "out")
            .hardlink("hard", "../../../../../../../../etc/hostname");
    String reference = pushed(image, "it/hostile");
    Path context =
        site.context(
            "hostile",
            Map.of("Dockerfile", "FROM busybox\nCOPY --from=" + reference + " /ok /ok\n"));

    Path out = site.path("hostile-out");
    Tool.Outcome outcome =
        site.buildxBuild().run("-o", "type=local,dest=" + out, context.toString());

    assertThat(folder).isEmptyDirectory();
    // Refusing such a layer is as right as keeping it inside.
    if (outcome.exit() == 0) {
      assertThat(out.resolve("ok")).hasContent("fine");
    } else {
      assertThat(outcome.err()).contains("extract");
    }
  }

  @Test
  void aCopyDoesNotFollowAnImagesLinksToTheHost(@TempDir Path folder) throws IOException {
    Files.writeString(folder.resolve("host-secret"), "of the host");
    String reference =
        pushed(
            new HostileImage()
                .symlink("leak", folder + "/host-secret")
                .symlink("dir", folder.toString()),
            "it/leak");
    Path context =
        site.context(
            "leak",
            Map.of(
                "Dockerfile",
                "FROM scratch\nCOPY --from=%1$s /leak /a\nCOPY --from=%1$s /dir/host-secret /b\n"
                    .formatted(reference)));
    Path out = site.path("leak-out");

    Tool.Outcome outcome =
        site.buildxBuild().run("-o", "type=local,dest=" + out, context.toString());

    assertThat(outcome.exit()).isNotZero();
    assertThat(outcome.err()).contains("not found");
  }

  @Test
  void aClientThatVanishesInATransferLeavesNothingRunning() throws IOException {
    Path context = site.context("vanishing", Map.of("Dockerfile", "FROM busybox\nCOPY . /all\n"));
    try (RandomAccessFile big = new RandomAccessFile(context.resolve("big").toFile(), "rw")) {
      big.setLength(2L << 30);
    }

    Tool.Running build = site.buildxBuild().start(context.toString());
    Await.until(
        "the transfer is under way",
        Duration.ofMinutes(3),
        () -> build.err().soFar().contains("transferring context:"));
    build.process().destroyForcibly();
    build.await();

    Files.delete(context.resolve("big"));
    site.buildxBuild().succeed(context.toString());
    try (DaemonChannel channel = DaemonChannel.to(site.daemon)) {
      BuildHistoryRequest active =
          BuildHistoryRequest.newBuilder().setActiveOnly(true).setEarlyExit(true).build();
      Await.until(
          "the build is over",
          Duration.ofMinutes(1),
          () -> !channel.control().listenBuildHistory(active).hasNext());
    }
    assertThat(Remains.below(site.path("daemon")).processes()).isEmpty();
  }

  private String pushed(HostileImage image, String name) {
    Path layout = image.writeTo(site.path("layout-" + name.replace('/', '-')));
    String reference = site.reference(name + ":latest");
    site.tool("skopeo")
        .succeed(
            "--insecure-policy",
            "copy",
            "--dest-tls-verify=false",
            "oci:" + layout + ":latest",
            "docker://" + reference);
    return reference;
  }
}
