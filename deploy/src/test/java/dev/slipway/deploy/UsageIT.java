package dev.slipway.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// What provenance tells of the usage of steps. The same holds of the genuine daemon.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class UsageIT {
  private static final String DOCKERFILE =
      """
      FROM busybox AS made
      RUN i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done; echo done > /done
      RUN true
      FROM scratch
      COPY --from=made /done /
      """;
  private static final String ASKED = "attest:provenance=mode=max,capture-usage=true";

  private BuildSite site;
  private Path context;

  @BeforeAll
  void open(@TempDir Path folder) {
    site = BuildSite.openWithUnifiedCgroups(folder);
    context = site.context("busy", Map.of("Dockerfile", DOCKERFILE));
  }

  @AfterAll
  void close() {
    site.close();
  }

  @Test
  void tellsWhatEachStepThatRanUsedIfThatIsAskedFor() throws IOException {
    JsonNode first = provenance("first", ASKED);

    List<JsonNode> usages = usages(first);
    assertThat(usages).hasSize(2);
    for (JsonNode usage : usages) {
      assertThat(usage.propertyNames()).containsExactly("samples", "sysCPUStat");
      assertThat(usage.path("samples").path(0).propertyNames())
          .contains("cpuStat", "pidsStat", "timestamp");
    }
    assertThat(lastNanos(usages.getFirst()))
        .isGreaterThan(10_000_000)
        .isGreaterThan(lastNanos(usages.getLast()));
    JsonNode machine =
        first
            .path("runDetails")
            .path("metadata")
            .path("buildkit_metadata")
            .path("sysUsage")
            .path(0);
    assertThat(machine.path("memoryStat").path("total").asLong()).isPositive();
    assertThat(machine.path("cpuStat").path("user").asDouble()).isPositive();

    JsonNode cached = provenance("cached", ASKED);

    assertThat(usages(cached)).as("of steps that did not run").isEmpty();
    assertThat(cached.findValue("sysUsage")).isNotNull();

    assertThat(provenance("silent", "attest:provenance=mode=max").findValue("sysUsage"))
        .as("where nobody asked")
        .isNull();
  }

  private static long lastNanos(JsonNode usage) {
    JsonNode samples = usage.path("samples");
    return samples.path(samples.size() - 1).path("cpuStat").path("usageNanos").asLong();
  }

  private static List<JsonNode> usages(JsonNode provenance) {
    return StreamSupport.stream(
            Objects.requireNonNull(provenance.findValue("llbDefinition")).spliterator(), false)
        .map(step -> step.path("resourceUsage"))
        .filter(JsonNode::isObject)
        .toList();
  }

  private JsonNode provenance(String name, String asked) throws IOException {
    Path out = site.path(name);
    site.buildctl()
        .succeed(
            "build",
            "--progress=plain",
            "--frontend=dockerfile.v0",
            "--local=context=" + context,
            "--local=dockerfile=" + context,
            "--opt=" + asked,
            "--output=type=local,dest=" + out);
    return JsonMapper.shared()
        .readTree(Files.readString(out.resolve("provenance.json")))
        .path("predicate");
  }
}
