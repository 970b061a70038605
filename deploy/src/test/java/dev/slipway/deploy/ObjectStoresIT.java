package dev.slipway.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/// Caches in real stores of objects, which check every signature: with all that can be said of
/// where things lie, a daemon that knows nothing builds again what another one did.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ObjectStoresIT {
  /// One layer is longer than a piece of an upload.
  private static final String DOCKERFILE =
      """
      FROM busybox AS build
      RUN head -c 16 /dev/urandom | md5sum > /once
      RUN head -c 20000000 /dev/urandom > /large
      RUN --mount=target=/context cat /once /context/input > /again
      FROM scratch
      COPY --from=build /once /again /
      """;

  private static final String STRICT = ",ignore-error=false";
  private static final Set<String> PIECEWISE = Set.of("s3", "azure");

  private BuildSite site;

  @BeforeAll
  void open(@TempDir Path folder) {
    site = BuildSite.open(folder);
  }

  @AfterAll
  void close() {
    site.close();
  }

  @Test
  void s3KeepsACompleteCacheWhereTheAttributesSay() throws IOException {
    try (StoreProcess store = StoreProcess.s3(site.distribution, folder("s3"), "builds")) {
      String cache =
          s3(store, "builds")
              + ",session_token=of-a-session,prefix=team/,manifests_prefix=tables/"
              + ",blobs_prefix=layers/,upload_parallelism=2";
      build("s3", "first", "--export-cache", cache + ",name=main;release,mode=max" + STRICT)
          .succeed();

      assertThat(store.objects())
          .contains("builds/team/tables/main", "builds/team/tables/release")
          .filteredOn(key -> !key.startsWith("builds/team/tables/"))
          .hasSizeGreaterThanOrEqualTo(4)
          .allMatch(key -> key.matches("builds/team/layers/sha256:[0-9a-f]{64}"));

      wipe();
      rebuildsWithoutAStep("s3", cache + ",name=release");
    }
  }

  /// A rule of the bucket may remove what was not touched for some time.
  @Test
  void s3TouchesLayersThatAreOlderThanSaid() throws IOException {
    try (StoreProcess store = StoreProcess.s3(site.distribution, folder("touched"), "touched")) {
      String cache = s3(store, "touched") + STRICT;
      build("touched", "first", "--export-cache", cache).succeed();
      List<Path> layers =
          store.objects().stream()
              .filter(key -> key.contains("/blobs/"))
              .map(store::object)
              .toList();
      FileTime old = FileTime.from(Instant.now().minus(Duration.ofHours(2)));
      for (Path layer : layers) {
        Files.setLastModifiedTime(layer, old);
      }

      build("touched", "second", "--export-cache", cache).succeed();
      List<FileTime> kept = times(layers);
      build("touched", "third", "--export-cache", cache + ",touch_refresh=1h").succeed();

      assertThat(kept).isNotEmpty().allMatch(old::equals);
      assertThat(times(layers)).allMatch(time -> time.compareTo(old) > 0);
    }
  }

  /// What led to the result is not in it, so that a change at the end costs all steps.
  @Test
  void ofTheSmallCacheOnlyTheResultIsThere() throws IOException {
    try (StoreProcess store = StoreProcess.s3(site.distribution, folder("small"), "small")) {
      String cache = s3(store, "small");
      build("small", "first", "--export-cache", cache + ",mode=min" + STRICT).succeed();
      assertThat(store.objects()).filteredOn(key -> key.contains("/blobs/")).hasSize(1);

      prune();
      Progress changed =
          Progress.parse(
              build("small", "changed", "--import-cache", cache, "--opt", "target=build")
                  .succeed()
                  .all());

      assertThat(changed.workSteps()).hasSize(3).noneMatch(Progress.Vertex::cached);
    }
  }

  @Test
  void s3sRefusalCostsStepsOnly() throws IOException {
    try (StoreProcess store = StoreProcess.s3(site.distribution, folder("refused"), "refused")) {
      refusalCostsStepsOnly(
          "refused", s3(store, "refused").replace(StoreProcess.PASSWORD, "wrong"));
    }
  }

  @Test
  void azureKeepsACompleteCacheWhereTheAttributesSay() throws IOException {
    try (StoreProcess store = StoreProcess.azure(site.distribution, folder("azure"))) {
      String cache =
          azure(store)
              + ",container=builds,prefix=team/,manifests_prefix=tables,blobs_prefix=layers";
      build("azure", "first", "--export-cache", cache + ",name=main;release,mode=max" + STRICT)
          .succeed();

      // It answers a request before it writes it down.
      for (String written :
          List.of(
              "\\?restype=container",
              "/team%2Ftables%2Fmain",
              "/team%2Ftables%2Frelease",
              "/team%2Flayers%2Fsha256(:|%3A)[0-9a-f]{64}")) {
        Pattern request = Pattern.compile("PUT /user/builds" + written);
        Await.until(
            request + " in the store's log",
            Duration.ofMinutes(1),
            () -> request.matcher(store.log()).find());
      }

      wipe();
      rebuildsWithoutAStep("azure", cache + ",name=none;release");
    }
  }

  @Test
  void azuresRefusalCostsStepsOnly() throws IOException {
    try (StoreProcess store = StoreProcess.azure(site.distribution, folder("unknown"))) {
      refusalCostsStepsOnly("unknown", azure(store).replace(StoreProcess.PASSWORD, "d3Jvbmc="));
    }
  }

  private void refusalCostsStepsOnly(String name, String wrong) throws IOException {
    String status = "403";
    String lenient =
        build(name, "lenient", "--import-cache", wrong, "--export-cache", wrong).succeed().all();
    Tool.Outcome strict = build(name, "strict", "--export-cache", wrong + STRICT).run();

    Progress told = Progress.parse(lenient);
    assertThat(told.named("importing cache manifest"))
        .singleElement()
        .satisfies(vertex -> assertThat(vertex.error()).contains(status));
    assertThat(told.named("exporting cache to"))
        .singleElement()
        .satisfies(vertex -> assertThat(vertex.error()).contains(status));
    assertThat(told.workSteps()).noneMatch(Progress.Vertex::cached);
    assertThat(files(site.path(name + "-lenient"))).containsKeys("once", "again");
    assertThat(strict.exit()).isNotZero();
    assertThat(strict.all()).contains(status);
  }

  private void rebuildsWithoutAStep(String name, String cache) throws IOException {
    Progress again = Progress.parse(build(name, "again", "--import-cache", cache).succeed().all());

    assertThat(again.workSteps()).isNotEmpty().allMatch(Progress.Vertex::cached);
    assertThat(files(site.path(name + "-again"))).isEqualTo(files(site.path(name + "-first")));
  }

  private static String s3(StoreProcess store, String bucket) {
    return "type=s3,use_path_style=true,region=eu-1,access_key_id=%s,secret_access_key=%s,endpoint_url=%s,bucket=%s"
        .formatted(StoreProcess.USER, StoreProcess.PASSWORD, store.url(), bucket);
  }

  private static String azure(StoreProcess store) {
    return "type=azblob,account_name=%s,secret_access_key=%s,account_url=%s"
        .formatted(StoreProcess.USER, StoreProcess.PASSWORD, store.url());
  }

  private Tool build(String name, String output, String... options) {
    Path context =
        site.context(
            name,
            Map.of(
                "Dockerfile",
                PIECEWISE.contains(name) ? DOCKERFILE : DOCKERFILE.replace("20000000", "2"),
                "input",
                "input of " + name));
    return site.buildctl()
        .with("build", "--frontend", "dockerfile.v0", "--progress", "rawjson")
        .with("--local", "context=" + context, "--local", "dockerfile=" + context)
        .with("--output", "type=local,dest=" + site.path(name + "-" + output))
        .with(options);
  }

  private Path folder(String name) throws IOException {
    return Files.createDirectories(site.path("store-" + name));
  }

  private void prune() {
    site.buildctl().succeed("prune", "--all");
  }

  /// Another daemon, as far as anyone can see.
  private void wipe() throws IOException {
    site.daemon.stop();
    try (Stream<Path> all = Files.walk(site.daemon.root())) {
      for (Path file : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
    site.daemon.startAgain();
  }

  private static List<FileTime> times(List<Path> files) throws IOException {
    List<FileTime> times = new java.util.ArrayList<>();
    for (Path file : files) {
      times.add(Files.getLastModifiedTime(file));
    }
    return times;
  }

  private static Map<String, String> files(Path folder) throws IOException {
    Map<String, String> files = new TreeMap<>();
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path file : all.filter(Files::isRegularFile).toList()) {
        files.put(folder.relativize(file).toString(), Files.readString(file));
      }
    }
    return files;
  }
}
