package dev.slipway.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Builds of every op, for one platform and several, whose caches the genuine buildkitd exported:
/// an empty daemon of ours makes the same results of them without executing a step.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class RecordedCachesIT {
  private BuildSite site;
  private RecordedCaches recorded;

  private enum Form {
    REGISTRY,
    LOCAL,
    INLINE
  }

  @BeforeAll
  void open(@TempDir Path folder) {
    recorded = RecordedCaches.unpack(folder.resolve("recorded"));
    site = BuildSite.open(folder);
    recorded.pushTo(site.registry.host());
  }

  @AfterAll
  void close() {
    site.close();
  }

  @ParameterizedTest
  @EnumSource
  void noStepIsExecuted(Form form) {
    List<String> names = recorded.names();
    assertThat(names).hasSize(20);
    site.buildctl().succeed("prune", "--all");
    try (LibraryClient client = LibraryClient.of(site.daemon)) {
      for (String name : names) {
        Path output = site.path(form + "-" + name);

        Progress progress = build(client, name, cache(form, name), output);

        assertThat(progress.workSteps())
            .as("%s of %s", form, name)
            .isNotEmpty()
            .allMatch(Progress.Vertex::cached);
        assertThat(files(output)).as("%s of %s", form, name).isEqualTo(recorded.result(name));
      }
    }
  }

  private CacheImport cache(Form form, String name) {
    return switch (form) {
      case REGISTRY -> CacheImport.registry(site.reference("cache:" + name));
      case LOCAL -> CacheImport.local(recorded.layout(), name);
      case INLINE -> CacheImport.registry(site.reference("inline:" + name));
    };
  }

  private Progress build(LibraryClient client, String name, CacheImport cache, Path output) {
    return recorded
        .definition(name)
        .map(definition -> client.buildInto(output, bytes(definition), cache))
        .orElseGet(
            () -> client.buildInto(output, recorded.options(name), recorded.context(name), cache));
  }

  private static byte[] bytes(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  private static Map<String, String> files(Path folder) {
    Map<String, String> files = new TreeMap<>();
    try (var all = Files.walk(folder)) {
      for (Path file : all.filter(path -> !Files.isDirectory(path)).toList()) {
        files.put(
            folder.relativize(file).toString(),
            Files.isSymbolicLink(file)
                ? Files.readSymbolicLink(file).toString()
                : sha256(Files.readAllBytes(file)));
      }
      return files;
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  private static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
