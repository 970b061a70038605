package dev.slipway.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.task.TaskScope;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A cache is complete: from it alone, a daemon that has nothing builds for three platforms without
/// a step. Fifty daemons are tried, each wiped before the next.
final class WipedDaemonIT {
  private static final int WIPES = Integer.getInteger("slipway.test.wipes", 50);
  private static final String PLATFORMS = "linux/amd64,linux/arm64,linux/arm/v7";

  /// Steps that run on the builder and steps that run emulated, with random output: that none ran
  /// again is seen by it, too.
  private static final String STAGES =
      """
      FROM --platform=$BUILDPLATFORM busybox AS compile
      ARG TARGETPLATFORM
      COPY source /src/
      RUN (echo "for $TARGETPLATFORM"; head -c 16 /dev/urandom | md5sum; cat /src/source) > /program
      FROM busybox AS native
      WORKDIR /made
      RUN head -c 16 /dev/urandom | md5sum > once
      COPY --from=compile /program .
      RUN cat once program > both
      FROM scratch
      COPY --from=native /made /made
      """;

  /// Every step made a layer of the image: only so can a cache inside of it be complete.
  private static final String ONE_STAGE =
      """
      FROM busybox
      WORKDIR /made
      RUN head -c 16 /dev/urandom | md5sum > once
      COPY source .
      RUN cat once source > both
      """;

  private enum Form {
    REGISTRY(STAGES),
    LOCAL(STAGES),
    INLINE(ONE_STAGE);

    private final String dockerfile;

    Form(String dockerfile) {
      this.dockerfile = dockerfile;
    }
  }

  @Test
  void fiftyEmptyDaemonsBuildFromACacheWithoutAStep(@TempDir Path folder) {
    try (BuildSite site = BuildSite.open(folder)) {
      Map<Form, Map<String, String>> first = new TreeMap<>();
      for (Form form : Form.values()) {
        buildFirst(site, form);
        first.put(form, made(output(site, form, "first")));
        assertThat(first.get(form)).hasSize(9);
      }

      // Two at a time: the start of one daemon goes with the build of another.
      try (TaskScope lanes = TaskScope.open("lanes")) {
        lanes.forkAction(() -> wipeAndBuild(site, "even", 0, first));
        lanes.forkAction(() -> wipeAndBuild(site, "odd", 1, first));
        lanes.join();
      }
    }
  }

  private static void wipeAndBuild(
      BuildSite site, String lane, int begin, Map<Form, Map<String, String>> first) {
    try (DaemonProcess daemon =
        DaemonProcess.start(
            site.distribution,
            Files.createDirectories(site.path(lane)),
            site.path("daemon.toml"))) {
      for (int wipe = begin; wipe < WIPES; wipe += 2) {
        Form form = Form.values()[wipe % Form.values().length];
        String name = "again-" + wipe;

        Progress progress;
        try (LibraryClient client = LibraryClient.of(daemon)) {
          progress =
              client.buildInto(
                  output(site, form, name),
                  Map.of("platform", PLATFORMS),
                  contextOf(site, form),
                  importOf(site, form));
        }

        assertThat(progress.workSteps())
            .as("%s from %s", name, form)
            .isNotEmpty()
            .allMatch(Progress.Vertex::cached);
        assertThat(made(output(site, form, name))).as(name).isEqualTo(first.get(form));
        assertThat(daemon.stop()).as("exit code; %s", daemon.logTail()).isZero();
        delete(output(site, form, name));
        delete(daemon.root());
        daemon.startAgain();
      }
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  private static List<String> exportOf(BuildSite site, Form form) {
    return switch (form) {
      case REGISTRY -> exportTo("type=registry,ref=" + site.reference("it/complete:cache"));
      case LOCAL -> exportTo("type=local,dest=" + site.path("complete-cache"));
      case INLINE ->
          List.of(
              "--export-cache",
              "type=inline",
              "--output",
              "type=image,push=true,name=" + site.reference("it/complete:inline"));
    };
  }

  private static List<String> exportTo(String cache) {
    return List.of("--export-cache", cache + ",mode=max,ignore-error=false");
  }

  private static CacheImport importOf(BuildSite site, Form form) {
    return switch (form) {
      case REGISTRY -> CacheImport.registry(site.reference("it/complete:cache"));
      case LOCAL -> CacheImport.local(site.path("complete-cache"), "latest");
      case INLINE -> CacheImport.registry(site.reference("it/complete:inline"));
    };
  }

  /// By the real client, which exports the cache.
  private static void buildFirst(BuildSite site, Form form) {
    Path context =
        site.context(
            contextOf(site, form).getFileName().toString(),
            Map.of("Dockerfile", form.dockerfile, "source", "source\n"));
    site.buildctl()
        .with("build", "--frontend", "dockerfile.v0", "--opt", "platform=" + PLATFORMS)
        .with("--local", "context=" + context, "--local", "dockerfile=" + context)
        .with("--output", "type=local,dest=" + output(site, form, "first"))
        .succeed(exportOf(site, form).toArray(new String[0]));
  }

  private static Path contextOf(BuildSite site, Form form) {
    return site.path("context-" + form);
  }

  private static Path output(BuildSite site, Form form, String name) {
    return site.path("complete-" + form + "-" + name);
  }

  /// What the steps made, of every platform.
  private static Map<String, String> made(Path output) {
    Map<String, String> files = new TreeMap<>();
    try (var platforms = Files.list(output)) {
      for (Path platform : platforms.toList()) {
        try (var all = Files.list(platform.resolve("made"))) {
          for (Path file : all.toList()) {
            files.put(output.relativize(file).toString(), Files.readString(file));
          }
        }
      }
      return files;
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  private static void delete(Path folder) throws IOException {
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path directory, IOException failed)
              throws IOException {
            Files.delete(directory);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
