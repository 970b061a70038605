package dev.slipway.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.remotecache.object.testing.FakeActionsCache;
import dev.slipway.remotecache.object.testing.FakeBlobStorage;
import dev.slipway.remotecache.object.testing.FakeS3;
import dev.slipway.remotecache.object.testing.ObjectServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Builds whose cache lies elsewhere: what one exported is built again without a step after
/// everything was pruned. That no step ran is seen by its random output, too.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class CachesIT {
  private static final JsonMapper JSON = new JsonMapper();
  private static final String DOCKERFILE =
      """
      FROM busybox AS build
      RUN head -c 16 /dev/urandom | md5sum > /once
      RUN --mount=target=/context cat /once /context/input > /again
      FROM scratch
      COPY --from=build /once /again /
      """;

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
  void threePlatformsInARegistry() throws IOException {
    String ref = site.reference("it/cache:three");

    rebuildsWithoutAStep(
        "three",
        "type=registry,ref=" + ref,
        "--opt",
        "platform=linux/amd64,linux/arm64,linux/arm/v7");

    assertThat(site.path("three-first"))
        .isDirectoryContaining("glob:**linux_amd64")
        .isDirectoryContaining("glob:**linux_arm64")
        .isDirectoryContaining("glob:**linux_arm_v7");
  }

  @Test
  void aDirectoryOfTheClient() throws IOException {
    Path directory = site.path("local-cache");

    rebuildsWithoutAStep("local", "type=local,dest=" + directory + ",src=" + directory);
  }

  /// Those of the base image, too.
  @Test
  void layersInTheCacheAreCompressedAsAsked() {
    Path directory = site.path("zstd-cache");
    String cache = "type=local,mode=max,ignore-error=false,dest=" + directory;

    build("zstd", "first", "--export-cache", cache + ",compression=zstd,force-compression=true")
        .succeed();

    List<String> types = layerTypes(directory);
    assertThat(types)
        .hasSizeGreaterThan(3)
        .containsOnly("application/vnd.oci.image.layer.v1.tar+zstd");
  }

  private static List<String> layerTypes(Path layout) {
    JsonNode index = JSON.readTree(layout.resolve("index.json").toFile());
    String digest = index.at("/manifests/0/digest").asString().replace(':', '/');
    return JSON.readTree(layout.resolve("blobs").resolve(digest).toFile())
        .path("layers")
        .valueStream()
        .map(layer -> layer.path("mediaType").asString())
        .toList();
  }

  /// In different forms, so that each has a manifest of its own; our client notes each.
  @Test
  void severalDirectoriesOfTheClient() throws IOException {
    Path gzip = site.path("local-gzip");
    Path zstd = site.path("local-zstd");
    String cache = "type=local,mode=max,ignore-error=false,dest=";
    build("several", "first", "--export-cache", cache + gzip)
        .succeed("--export-cache", cache + zstd + ",compression=zstd,force-compression=true");

    for (Path directory : List.of(gzip, zstd)) {
      prune();
      String output = directory.getFileName().toString();
      Progress again =
          Progress.parse(
              build("several", output, "--import-cache", "type=local,src=" + directory)
                  .succeed()
                  .all());

      assertThat(again.workSteps()).isNotEmpty().allMatch(Progress.Vertex::cached);
      assertThat(files(site.path("several-" + output)))
          .isEqualTo(files(site.path("several-first")));
    }
  }

  /// The real client is told of several caches and notes one manifest: it has to be the one that
  /// lies in its directory, whichever cache was asked for last.
  @Test
  void aDirectoryBesideARegistryIsNotedByTheRealClient() throws IOException {
    Path context =
        site.context("beside", Map.of("Dockerfile", DOCKERFILE, "input", "input of beside"));
    String other =
        "type=registry,compression=zstd,force-compression=true,ref="
            + site.reference("it/cache:beside");
    for (String order : List.of("before", "after")) {
      Path directory = site.path("beside-" + order);
      Path metadata = site.path("beside-" + order + ".json");
      String local = "type=local,mode=max,dest=" + directory;
      boolean isBefore = order.equals("before");
      Tool build = site.buildxBuild().with(context.toString());
      build.succeed(
          "--cache-to", isBefore ? local : other,
          "--cache-to", isBefore ? other : local,
          "--metadata-file", metadata.toString());

      JsonNode told = JSON.readTree(metadata.toFile());
      JsonNode noted = JSON.readTree(directory.resolve("index.json").toFile()).at("/manifests/0");
      String digest = noted.path("digest").asString();
      assertThat(directory.resolve("blobs").resolve(digest.replace(':', '/'))).exists();
      assertThat(told.toString())
          .contains("cache.manifest", "cache.manifest.0", "cache.manifest.1")
          .contains(digest);
      prune();
      Progress again =
          Progress.parse(
              build
                  .with("--progress", "rawjson", "--cache-from", "type=local,src=" + directory)
                  .succeed("--output", "type=local,dest=" + site.path("beside-out-" + order))
                  .all());
      assertThat(again.workSteps()).isNotEmpty().allMatch(Progress.Vertex::cached);
    }
  }

  @Test
  void s3() throws IOException {
    try (ObjectServer server = ObjectServer.start(new FakeS3("bucket"))) {
      rebuildsWithoutAStep(
          "s3",
          "type=s3,bucket=bucket,region=r,use_path_style=true,access_key_id=key"
              + ",secret_access_key=secret,endpoint_url="
              + server.url());
    }
  }

  @Test
  void azuresBlobStorage() throws IOException {
    FakeBlobStorage store =
        new FakeBlobStorage(
            asked -> asked.header("authorization").startsWith("SharedKey account:"));
    try (ObjectServer server = ObjectServer.start(store)) {
      rebuildsWithoutAStep(
          "azblob",
          "type=azblob,account_name=account,secret_access_key=c2VjcmV0,account_url="
              + server.url()
              + "/account");
    }
  }

  @Test
  void gitHubActions() throws IOException {
    String token = token();
    FakeActionsCache store = new FakeActionsCache(token);
    try (ObjectServer server = ObjectServer.start(store)) {
      store.at(server.url());
      rebuildsWithoutAStep("gha", "type=gha,url_v2=" + server.url() + "/,token=" + token);
    }
  }

  /// The store is gone after the first build. Who wants the build to fail then says so.
  @Test
  void aCacheThatIsAwayCostsStepsOnly() throws IOException {
    String cache;
    try (ObjectServer server = ObjectServer.start(new FakeS3("bucket"))) {
      cache =
          "type=s3,bucket=bucket,region=r,use_path_style=true,access_key_id=key"
              + ",secret_access_key=secret,endpoint_url="
              + server.url();
      build("away", "first", "--export-cache", cache + ",mode=max").succeed();
    }
    prune();

    Tool.Outcome again =
        build("away", "second", "--import-cache", cache, "--export-cache", cache).succeed();

    assertThat(again.all()).contains("failed to check file presence in cache");
    assertThat(site.path("away-second/once")).isNotEmptyFile();
    assertThat(build("away", "third", "--export-cache", cache + ",ignore-error=false").run().exit())
        .isNotZero();
  }

  /// The table is there and most of what it speaks of is not.
  @Test
  void layersThatTheRegistryHasLostCostStepsOnly() throws IOException {
    String ref = site.reference("it/cache:lost");
    String cache = "type=registry,ref=" + ref;
    build("lost", "first", "--export-cache", cache + ",mode=max,ignore-error=false").succeed();
    prune();
    for (String digest : ownLayers(ref)) {
      Files.delete(site.registry.blobFile(digest));
    }

    Tool.Outcome again = build("lost", "second", "--import-cache", cache).succeed();

    assertThat(Progress.parse(again.all()).warnings())
        .contains(ref + ": a cached result is lost, layers of it are gone; its step runs again");
    assertThat(Progress.parse(again.all()).workSteps()).anyMatch(step -> !step.cached());
    assertThat(site.path("lost-second/once")).isNotEmptyFile();
  }

  /// The registry says that it has the layers, and gives other bytes: that is found out when a step
  /// or the way out needs them.
  @Test
  void layersThatTheRegistryHasDamagedCostStepsOnly() throws IOException {
    String ref = site.reference("it/cache:damaged");
    String cache = "type=registry,ref=" + ref;
    build("damaged", "first", "--export-cache", cache + ",mode=max,ignore-error=false").succeed();
    damage(ref);
    prune();

    Tool.Outcome all = build("damaged", "second", "--import-cache", cache).succeed();
    assertMadeAgain(all, site.path("damaged-second"));

    prune();
    Tool changed = build("damaged", "third", "--import-cache", cache);
    Files.writeString(site.path("damaged/input"), "changed");
    Tool.Outcome one = changed.succeed();
    assertMadeAgain(one, site.path("damaged-third"));
    assertThat(site.path("damaged-third/again")).content().endsWith("changed");
  }

  /// The result itself is in the image, and so is its cache.
  @Test
  void anImageThatTheRegistryHasDamagedCostsStepsOnly() throws IOException {
    String image = site.reference("it/image:damaged");
    build("damaged-inline", "first", "--export-cache", "type=inline")
        .with("--output", "type=image,push=true,name=" + image)
        .succeed();
    damage(image);
    prune();

    String cache = "type=registry,ref=" + image;
    Tool.Outcome local = build("damaged-inline", "second", "--import-cache", cache).succeed();
    assertMadeAgain(local, site.path("damaged-inline-second"));

    prune();
    Path archive = site.path("damaged-inline.tar");
    Tool.Outcome written =
        build("damaged-inline", "third", "--import-cache", cache)
            .with("--output", "type=oci,dest=" + archive)
            .succeed();
    assertMadeAgain(written, site.path("damaged-inline-third"));
    assertThat(archive).isNotEmptyFile();
  }

  /// The merge is made in this build, of layers that nobody has looked at when it is.
  @Test
  void aMergeOfLayersThatTheRegistryHasDamagedCostsStepsOnly() throws IOException {
    String dockerfile =
        """
        FROM busybox AS build
        RUN head -c 16 /dev/urandom | md5sum > /once
        COPY --link input /input
        RUN cat /once /input > /again
        FROM scratch
        COPY --from=build /once /again /
        """;
    String ref = site.reference("it/cache:merged");
    String cache = "type=registry,ref=" + ref;
    buildOf(dockerfile, "merged", "first")
        .succeed("--export-cache", cache + ",mode=max,ignore-error=false");
    damage(ref);
    prune();
    Tool changed = buildOf(dockerfile, "merged", "second");
    Files.writeString(site.path("merged/input"), "changed");

    Tool.Outcome again = changed.succeed("--import-cache", cache);

    assertMadeAgain(again, site.path("merged-second"));
    assertThat(site.path("merged-second/again")).content().endsWith("changed");
  }

  /// As [#aMergeOfLayersThatTheRegistryHasDamagedCostsStepsOnly] and others, for those who want to
  /// know.
  @Test
  void aCacheThatIsNotToBeDoneWithoutFailsTheBuildWhenItIsAwayOrHasLostLayers() throws IOException {
    String absent = site.reference("it/cache:absent");
    assertThat(
            failureOf(
                build(
                    "strict",
                    "none",
                    "--import-cache",
                    "type=registry,ignore-error=false,ref=" + absent)))
        .contains("cannot import the cache " + absent)
        .contains("ignore-error=false");

    String ref = site.reference("it/cache:strict");
    String cache = "type=registry,ignore-error=false,ref=" + ref;
    build("strict", "first").succeed("--export-cache", cache + ",mode=max");
    prune();
    build("strict", "second").succeed("--import-cache", cache);
    damage(ref);
    prune();

    assertThat(failureOf(build("strict", "third", "--import-cache", cache)))
        .contains("the cache " + ref + " has lost a result");
  }

  private static String failureOf(Tool build) {
    Tool.Outcome outcome = build.run();
    assertThat(outcome.exit()).isNotZero();
    return outcome.all();
  }

  private static void assertMadeAgain(Tool.Outcome build, Path output) {
    assertThat(Progress.parse(build.all()).workSteps()).anyMatch(step -> !step.cached());
    assertThat(Progress.parse(build.all()).warnings())
        .anyMatch(text -> text.startsWith("a cached result is lost, its step runs again: "));
    assertThat(output.resolve("once")).isNotEmptyFile();
  }

  /// Every layer but those of the base image, in the registry's storage.
  private void damage(String ref) throws IOException {
    Set<String> layers = ownLayers(ref);
    assertThat(layers).isNotEmpty();
    for (String digest : layers) {
      Path file = site.registry.blobFile(digest);
      Files.write(file, new byte[Math.toIntExact(Files.size(file))]);
    }
  }

  private Set<String> ownLayers(String ref) {
    Set<String> own =
        digests(site.crane().succeed("manifest", ref).out().replaceFirst("\"layers\"", "!"));
    own.removeAll(
        digests(
            site.crane()
                .succeed("manifest", "--platform", "linux/amd64", site.reference("library/busybox"))
                .out()));
    return own;
  }

  /// Of layers: those after the mark.
  private static Set<String> digests(String manifest) {
    Set<String> digests = new TreeSet<>();
    Matcher digest =
        Pattern.compile("\"digest\":\\s*\"(sha256:[0-9a-f]{64})\"")
            .matcher(manifest.substring(Math.max(0, manifest.indexOf('!'))));
    while (digest.find()) {
      digests.add(digest.group(1));
    }
    return digests;
  }

  private void rebuildsWithoutAStep(String name, String cache, String... options)
      throws IOException {
    build(name, "first", "--export-cache", cache + ",mode=max,ignore-error=false")
        .with(options)
        .succeed();
    prune();

    Progress again =
        Progress.parse(
            build(name, "second", "--import-cache", cache).with(options).succeed().all());

    assertThat(again.workSteps()).isNotEmpty().allMatch(Progress.Vertex::cached);
    assertThat(files(site.path(name + "-second"))).isEqualTo(files(site.path(name + "-first")));
  }

  private Tool build(String name, String output, String... options) {
    return buildOf(DOCKERFILE, name, output).with(options);
  }

  private Tool buildOf(String dockerfile, String name, String output) {
    Path context =
        site.context(name, Map.of("Dockerfile", dockerfile, "input", "input of " + name));
    return site.buildctl()
        .with("build", "--frontend", "dockerfile.v0", "--progress", "rawjson")
        .with("--local", "context=" + context, "--local", "dockerfile=" + context)
        .with("--output", "type=local,dest=" + site.path(name + "-" + output));
  }

  private void prune() {
    site.buildctl().succeed("prune", "--all");
  }

  private static Map<String, String> files(Path folder) throws IOException {
    Map<String, String> files = new java.util.TreeMap<>();
    try (var all = Files.walk(folder)) {
      for (Path file : all.filter(Files::isRegularFile).toList()) {
        files.put(folder.relativize(file).toString(), Files.readString(file));
      }
    }
    return files;
  }

  private static String token() {
    String claims =
        "{\"ac\":\"[{\\\"Scope\\\":\\\"refs/heads/main\\\",\\\"Permission\\\":3}]\","
            + "\"nbf\":1700000000,\"exp\":4000000000}";
    Base64.Encoder encoder = Base64.getUrlEncoder().withoutPadding();
    return encoder.encodeToString("{}".getBytes(StandardCharsets.UTF_8))
        + "."
        + encoder.encodeToString(claims.getBytes(StandardCharsets.UTF_8))
        + ".x";
  }
}
