package dev.slipway.client.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.client.build.BuildSpec.CacheEntry;
import dev.slipway.client.layout.LayoutFiles;
import dev.slipway.client.layout.OciLayout;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.oci.Digest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CachesTest {
  @TempDir Path folder;

  private final ByteArrayOutputStream warnings = new ByteArrayOutputStream();
  private final Caches caches = new Caches(new PrintStream(warnings, true, StandardCharsets.UTF_8));

  @Test
  void aReferenceAloneIsARegistrysCacheAndLittleIsExportedUnlessAskedFor() {
    caches.addExport("type=inline");
    caches.addExport("type=registry,ref=host/cache:1,mode=max");
    caches.addImport("host/cache:1");

    assertThat(caches.options().exports())
        .containsExactly(
            new CacheEntry("inline", Map.of("mode", "min")),
            new CacheEntry("registry", Map.of("ref", "host/cache:1", "mode", "max")));
    assertThat(caches.options().imports())
        .containsExactly(new CacheEntry("registry", Map.of("ref", "host/cache:1")));
    assertThat(caches.stores()).isEmpty();
  }

  @Test
  void aWrittenDirectoryIsImportedByTheDigestItsTagHas() throws IOException {
    Path directory = folder.resolve("new/cache");
    caches.addExport("type=local,tag=main,dest=" + directory);
    Digest manifest = new LayoutFiles(directory).blob(new byte[] {1});

    caches.note(Map.of("cache.manifest", "{\"digest\":\"" + manifest + "\",\"size\":1}"));
    caches.addImport("type=local,tag=main,src=" + directory);

    assertThat(caches.options().imports())
        .singleElement()
        .satisfies(
            entry -> assertThat(entry.attributes()).containsEntry("digest", manifest.toString()));
    assertThat(caches.stores())
        .hasEntrySatisfying("local:" + directory, store -> assertThat(store.writable()).isTrue());
    assertThat(warnings.size()).isZero();
  }

  /// Written in different forms, they have different manifests.
  @Test
  void eachOfSeveralDirectoriesNotesItsOwnCache() throws IOException {
    Path one = folder.resolve("one");
    Path two = folder.resolve("two");
    caches.addExport("type=inline");
    caches.addExport("type=local,dest=" + one);
    caches.addExport("type=registry,ref=example.org/cache");
    caches.addExport("type=local,compression=zstd,dest=" + two);
    Digest first = new LayoutFiles(one).blob(new byte[] {1});
    Digest second = new LayoutFiles(two).blob(new byte[] {2});

    caches.note(
        Map.of(
            "cache.manifest",
            descriptor(second),
            "cache.manifest.0",
            descriptor(first),
            "cache.manifest.1",
            descriptor(Digest.ofText("elsewhere")),
            "cache.manifest.2",
            descriptor(second)));
    caches.addImport("type=local,src=" + one);
    caches.addImport("type=local,src=" + two);

    assertThat(caches.options().imports())
        .extracting(entry -> entry.attributes().get("digest"))
        .containsExactly(first.toString(), second.toString());
  }

  @Test
  void theDirectoryOfACacheThatWasNotWrittenIsLeftAlone() throws IOException {
    Path one = folder.resolve("one");
    caches.addExport("type=local,dest=" + one);
    caches.addExport("type=registry,ref=example.org/cache");

    caches.note(Map.of("cache.manifest.1", descriptor(Digest.ofText("elsewhere"))));

    assertThat(one.resolve("index.json")).doesNotExist();
  }

  @Test
  void aDirectoryWithoutTheCacheIsLeftOutWithAWarning() throws IOException {
    new LayoutFiles(folder).image("org.opencontainers.image.ref.name", "latest");

    caches.addImport("type=local,src=" + folder.resolve("absent"));
    caches.addImport("type=local,tag=other,src=" + folder);
    caches.addImport("type=local,src=" + folder + ",digest=" + Digest.ofText("lost"));

    assertThat(caches.options().imports()).isEmpty();
    assertThat(caches.stores()).isEmpty();
    assertThat(warnings.toString(StandardCharsets.UTF_8))
        .contains("absent skipped")
        .contains("no digest found for tag other")
        .contains(Digest.ofText("lost") + " unavailable");
  }

  @Test
  void tagsStandBesideEachOther() throws IOException {
    OciLayout layout = OciLayout.create(folder);
    Digest one = Digest.ofText("one");
    Digest two = Digest.ofText("two");

    layout.tag("{\"digest\":\"" + one + "\"}", "a");
    layout.tag("{\"digest\":\"" + one + "\"}", "b");
    layout.tag("{\"digest\":\"" + two + "\"}", "b");

    assertThat(layout.find("a")).contains(one);
    assertThat(layout.find("b")).contains(two);
    assertThat(folder.resolve("oci-layout")).hasContent("{\"imageLayoutVersion\":\"1.0.0\"}");
  }

  @Test
  void aDirectoryThatIsResetKeepsWhatItsTagsLeadTo() throws IOException {
    LayoutFiles files = new LayoutFiles(folder);
    Digest unused = files.blob(new byte[] {1});
    Digest layer = files.blob(new byte[] {2});
    Digest config = files.blob(new byte[] {3});
    Digest manifest =
        files.blob(
            """
            {"config": {"digest": "%s"}, "layers": [{"digest": "%s"}]}"""
                .formatted(config, layer)
                .getBytes(StandardCharsets.UTF_8));
    Digest other = files.image("org.opencontainers.image.ref.name", "other");
    Path foreign = Files.writeString(files.file(layer).resolveSibling("README"), "not a blob");
    caches.addExport("type=local,reset=true,tag=main,dest=" + folder);

    caches.note(Map.of("cache.manifest", descriptor(manifest)));

    assertThat(files.file(unused)).doesNotExist();
    for (Digest kept : List.of(layer, config, manifest, other)) {
      assertThat(files.file(kept)).exists();
    }
    assertThat(foreign).exists();
    assertThat(warnings.size()).isZero();
  }

  @Test
  void nothingIsRemovedWithoutResetOrWhereAManifestIsMissing() throws IOException {
    LayoutFiles files = new LayoutFiles(folder);
    Digest unused = files.blob(new byte[] {1});
    Digest missing = Digest.ofText("missing");

    caches.addExport("type=local,reset=false,dest=" + folder);
    caches.note(Map.of("cache.manifest", descriptor(missing)));
    Caches resetting = new Caches(new PrintStream(warnings, true, StandardCharsets.UTF_8));
    resetting.addExport("type=local,reset=true,dest=" + folder);
    resetting.note(Map.of());

    assertThat(files.file(unused)).exists();
    assertThat(warnings.toString(StandardCharsets.UTF_8))
        .containsOnlyOnce("warning")
        .contains("failed to reset the cache in " + folder)
        .contains("no manifest " + missing);
  }

  private static String descriptor(Digest manifest) {
    return """
        {"mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": "%s", "size": 1}"""
        .formatted(manifest);
  }

  @Test
  void refusesWhatIsNoCache() {
    assertThatThrownBy(() -> caches.addExport("ref=x"))
        .isInstanceOf(InvalidRequest.class)
        .hasMessageContaining("type required");
    assertThatThrownBy(() -> caches.addExport("type=local"))
        .hasMessage("local cache exporter requires dest");
    assertThatThrownBy(() -> caches.addImport("type=local"))
        .hasMessage("local cache importer requires src");
    assertThatThrownBy(() -> caches.addImport("type=registry"))
        .hasMessage("registry cache importer requires ref");
    assertThatThrownBy(() -> caches.addExport("type=local,reset=perhaps,dest=" + folder))
        .isInstanceOf(InvalidRequest.class)
        .hasMessageContaining("failed to parse reset attribute: \"perhaps\"");
  }
}
