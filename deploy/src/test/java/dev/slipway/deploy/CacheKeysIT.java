package dev.slipway.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.api.control.PruneRequest;
import dev.slipway.client.build.BuildSpec;
import dev.slipway.client.build.BuildSpec.CacheEntry;
import dev.slipway.client.build.BuildSpec.CacheOptions;
import dev.slipway.client.build.BuildSpec.Offered;
import dev.slipway.client.layout.OciLayout;
import dev.slipway.client.session.ContentStores.Store;
import dev.slipway.client.session.SecretFiles.Secret;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A cache exported by this daemon has the keys that the genuine one gives the same definition, so
/// that each finds what the other cached: every record with its digest, its inputs with all their
/// alternatives and selectors, and whose results it has.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class CacheKeysIT {
  private static final JsonMapper JSON = new JsonMapper();

  /// Of this one the genuine daemon sometimes knows only one of two alternatives of an input.
  private static final String BY_TIMING = "file-copy-include";

  /// Where our digest of a client's files is another on purpose, see `DIFFERENCES.md`.
  private static final Set<String> OTHER_CONTENT = Set.of("local-metadata-only");

  private RecordedKeys recorded;
  private BuildSite site;
  private RecordedSite downloads;
  private RecordedTrees trees;
  private LibraryClient client;
  private DaemonChannel channel;
  private final Set<String> baseLayers = new TreeSet<>();

  @BeforeAll
  void open(@TempDir Path folder) {
    recorded = RecordedKeys.unpack(folder.resolve("recorded"));
    Distribution distribution = Distribution.underTest();
    Path repositories = folder.resolve("repositories");
    importRepository(Tool.of(distribution, "git", folder), folder, repositories);
    trees = new RecordedTrees(folder, Tool.of(distribution, "tar", folder));
    downloads =
        RecordedSite.open(recorded.downloads(), repositories, Tool.of(distribution, "git", folder));
    site =
        BuildSite.open(
            folder,
            "--allow-insecure-entitlement=network.host",
            "--allow-insecure-entitlement=security.insecure");
    for (String image : List.of("gold", "goldmulti")) {
      site.tool("skopeo")
          .with("--insecure-policy", "copy", "--all", "--preserve-digests")
          .succeed(
              "--dest-tls-verify=false",
              "oci:" + recorded.layout(image),
              "docker://" + site.reference("library/" + image + ":latest"));
      baseLayers.addAll(blobs(recorded.layout(image)));
    }
    client = LibraryClient.of(site.daemon);
    channel = DaemonChannel.to(site.daemon);
  }

  @AfterAll
  void close() {
    // What was not opened yet when `open` failed is null, which the statement takes.
    try (RecordedSite _ = downloads;
        BuildSite _ = site;
        LibraryClient _ = client;
        DaemonChannel _ = channel) {
      // They close in this order, the last first.
    }
  }

  static List<RecordedKeys.Case> definitions(@TempDir Path folder) {
    return RecordedKeys.unpack(folder.resolve("recorded")).cases();
  }

  @ParameterizedTest
  @MethodSource("definitions")
  void theKeysOfADefinitionAreThoseOfTheGenuineDaemon(RecordedKeys.Case definition) {
    CacheRecords theirs = CacheRecords.of(definition.cache(), baseLayers);
    prune();

    CacheRecords ours = CacheRecords.of(solve(definition), baseLayers);

    if (OTHER_CONTENT.contains(definition.name())) {
      assertThat(ours).isNotEqualTo(theirs);
      assertThat(ours.withNamelessRoots()).isEqualTo(theirs.withNamelessRoots());
      return;
    }
    assertThat(ours.records()).isEqualTo(theirs.records());
    if (definition.name().equals(BY_TIMING)) {
      assertThat(theirs.links()).containsAll(ours.links());
      assertThat(ours.inputs()).isEqualTo(theirs.inputs());
    } else {
      assertThat(ours.links()).isEqualTo(theirs.links());
    }
  }

  private void prune() {
    channel
        .control()
        .prune(PruneRequest.newBuilder().setAll(true).build())
        .forEachRemaining(_ -> {});
  }

  /// The configuration of the cache that it exported.
  private JsonNode solve(RecordedKeys.Case definition) {
    Path exported = site.path("exported-" + definition.name());
    OciLayout layout = OciLayout.create(exported);
    Map<String, Store> stores = new HashMap<>();
    stores.put("local:exported", new Store(layout, true));
    definition
        .stores()
        .forEach(
            (name, image) ->
                stores.put(
                    "oci:" + name, new Store(OciLayout.open(recorded.layout(image)), false)));
    Map<String, Path> locals = new HashMap<>();
    definition.locals().forEach((name, tree) -> locals.put(name, trees.directory(tree)));
    Map<String, Secret> secrets = new HashMap<>();
    definition
        .secrets()
        .forEach((id, text) -> secrets.put(id, () -> text.getBytes(StandardCharsets.UTF_8)));
    CacheEntry cache =
        new CacheEntry(
            "local",
            Map.of(
                "dest", "exported",
                "mode", "max",
                "compression", "uncompressed",
                "force-compression", "true"));
    Map<String, String> response =
        client.run(
            new BuildSpec(
                "",
                definition.definition().toByteArray(),
                Map.of(),
                new Offered(locals, stores, secrets),
                List.of(),
                definition.entitlements(),
                new CacheOptions(List.of(cache), List.of())),
            definition.name());
    return config(exported, response);
  }

  private static JsonNode config(Path exported, Map<String, String> response) {
    JsonNode manifest = JSON.readTree(response.getOrDefault("cache.manifest", "{}"));
    JsonNode config =
        read(exported, manifest.path("digest").asString()).path("config").path("digest");
    return read(exported, config.asString());
  }

  private static JsonNode read(Path layout, String digest) {
    try {
      return JSON.readTree(
          Files.readString(layout.resolve("blobs").resolve(digest.replace(':', '/'))));
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  private static List<String> blobs(Path layout) {
    try (Stream<Path> files = Files.list(layout.resolve("blobs/sha256"))) {
      return files.map(file -> "sha256:" + file.getFileName()).toList();
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  private static void importRepository(Tool git, Path folder, Path repositories) {
    Path repository = repositories.resolve("repo.git");
    Path commits = folder.resolve("repo.fast-export");
    try (InputStream resource = CacheKeysIT.class.getResourceAsStream("/git/repo.fast-export")) {
      Files.copy(java.util.Objects.requireNonNull(resource), commits);
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
    git.succeed("init", "--quiet", "--bare", "--initial-branch=main", repository.toString());
    git.with("-C", repository.toString()).from(commits).succeed("fast-import", "--quiet");
  }
}
