package dev.slipway.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The Dockerfiles that users start from, as they stand in `examples/`, built for three platforms
/// by the real buildx with real compilers, pushed, and run.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ExamplesIT {
  private static final JsonMapper JSON = new JsonMapper();
  private static final String PLATFORMS = "linux/amd64,linux/arm64,linux/arm/v7";

  /// The platform of this machine, on which the daemon runs steps natively.
  private static final String NATIVE =
      System.getProperty("os.arch").equals("aarch64") ? "linux/arm64" : "linux/amd64";

  /// By folder of an output for several platforms: word size, machine number of ELF.
  private static final Map<String, Machine> MACHINES =
      Map.of(
          "linux_amd64", new Machine(64, 62),
          "linux_arm64", new Machine(64, 183),
          "linux_arm_v7", new Machine(32, 40));

  private BuildSite site;

  private record Machine(int bits, int number) {}

  @BeforeAll
  void open(@TempDir Path folder) {
    site = BuildSite.open(folder);
    ExampleImages.make(site.distribution).pushTo(site.registry, site.tool("skopeo"));
  }

  @AfterAll
  void close() {
    site.close();
  }

  @Test
  void goCompilesNativelyForEveryPlatform() {
    Progress progress = push("go");

    assertThat(said("go"))
        .containsExactlyInAnyOrder(
            "Hello from Go on linux/amd64.",
            "Hello from Go on linux/arm64.",
            "Hello from Go on linux/arm.");
    assertEachRanNatively(progress, "go build");
    Path out = export("go");
    assertThat(machinesOf(out, "usr/local/bin/hello")).isEqualTo(MACHINES);
    assertThat(text(out.resolve("linux_arm_v7/usr/local/bin/hello"))).contains("build\tGOARM=7");
  }

  @Test
  void rustCompilesNativelyForEveryPlatform() {
    Progress progress = push("rust");

    assertThat(said("rust"))
        .containsExactlyInAnyOrder(
            "Hello from Rust on linux/x86_64.",
            "Hello from Rust on linux/aarch64.",
            "Hello from Rust on linux/arm.");
    assertEachRanNatively(progress, "RUN <<EOT");
    assertThat(machinesOf(export("rust"), "usr/local/bin/hello")).isEqualTo(MACHINES);
  }

  @Test
  void pythonRunsEmulatedWhereItMustAndKnowsTheArchitecture() {
    Progress progress = push("python");

    assertThat(said("python"))
        .containsExactlyInAnyOrder(
            "Hello from Python on x86_64, which remembers 1000000 things.",
            "Hello from Python on aarch64, which remembers 1000000 things.",
            "Hello from Python on armv7l, which remembers 1000 things.");
    assertThat(platformsOf(progress, "compileall")).isEqualTo(Set.of(PLATFORMS.split(",")));
  }

  @Test
  void onScratchAreTheProgramAndItsCertificatesOnly() {
    Progress progress = push("scratch");

    assertThat(said("scratch"))
        .hasSize(3)
        .allMatch(line -> line.matches("On .* as user 65532 I trust [1-9][0-9]{2} authorities\\."))
        .extracting(line -> line.split(" ")[1])
        .containsExactlyInAnyOrder("linux/amd64", "linux/arm64", "linux/arm");
    assertEachRanNatively(progress, "go build");
    Path out = export("scratch");
    assertThat(machinesOf(out, "trust")).isEqualTo(MACHINES);
    for (String platform : MACHINES.keySet()) {
      assertThat(filesBelow(out.resolve(platform)))
          .containsExactlyInAnyOrder("etc/ssl/certs/ca-certificates.crt", "trust");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"go", "rust", "python", "scratch", "hello"})
  void thereIsNothingToAdvise(String example) {
    String advice =
        site.buildx()
            .succeed("build", "--builder", "site", "--check", sources(example).toString())
            .all();

    assertThat(advice).contains("Check complete, no warnings found.");
  }

  /// Builds it for all platforms and pushes it; there is an image for each.
  private Progress push(String example) {
    String image = reference(example);
    Progress progress =
        Progress.parse(
            site.buildxBuild()
                .within(Duration.ofMinutes(30))
                .with("--progress", "rawjson", "--platform", PLATFORMS)
                .succeed("-t", image, "--push", sources(example).toString())
                .all());
    JsonNode index = JSON.readTree(site.crane().succeed("manifest", image).out());
    assertThat(index.path("manifests"))
        .extracting(manifest -> platform(manifest.path("platform")))
        .containsExactly(PLATFORMS.split(","));
    return progress;
  }

  /// What the pushed image's own command writes when it runs on each of the platforms.
  private List<String> said(String example) {
    String image = reference(example);
    String marked = "said: ";
    JsonNode config = JSON.readTree(site.crane().succeed("config", image).out()).path("config");
    JsonNode command = config.path(config.has("Cmd") ? "Cmd" : "Entrypoint");
    Path context =
        site.context(
            "run-" + example, Map.of("Dockerfile", "FROM " + image + "\nRUN " + command + "\n"));
    return site.buildxBuild()
        .with("--platform", PLATFORMS, "--no-cache")
        .succeed(context.toString())
        .err()
        .lines()
        .map(line -> line.replaceFirst("^#\\d+ \\d+\\.\\d+ ", marked))
        .filter(line -> line.startsWith(marked))
        .map(line -> line.substring(marked.length()))
        .toList();
  }

  /// The files of the image for each platform, each in a folder of its own.
  private Path export(String example) {
    Path out = site.path("files-" + example);
    site.buildxBuild()
        .with("--platform", PLATFORMS)
        .succeed("-o", "type=local,dest=" + out, sources(example).toString());
    return out;
  }

  private String reference(String example) {
    return site.reference("examples/" + example + ":latest");
  }

  private static Path sources(String example) {
    return Path.of("examples").resolve(example).toAbsolutePath();
  }

  private static String platform(JsonNode platform) {
    return Stream.of("os", "architecture", "variant")
        .map(part -> platform.path(part).asString(""))
        .filter(part -> !part.isEmpty())
        .collect(Collectors.joining("/"));
  }

  /// One step for each platform, all of them on this machine's.
  private static void assertEachRanNatively(Progress progress, String step) {
    assertThat(progress.named(step)).hasSize(3);
    assertThat(platformsOf(progress, step)).containsExactly(NATIVE);
  }

  /// Where the steps ran: a step that works for another platform says `[where->for whom stage
  /// 1/2]`.
  private static Set<String> platformsOf(Progress progress, String step) {
    Pattern where = Pattern.compile("\\[(linux/[a-z0-9/]+?)(->\\S+)? .*");
    return progress.named(step).stream()
        .map(vertex -> where.matcher(vertex.name()))
        .map(matcher -> matcher.matches() ? matcher.group(1) : "not known")
        .collect(Collectors.toSet());
  }

  private static Map<String, Machine> machinesOf(Path out, String program) {
    Map<String, Machine> machines = new TreeMap<>();
    for (String platform : MACHINES.keySet()) {
      ByteBuffer elf =
          ByteBuffer.wrap(bytes(out.resolve(platform).resolve(program)))
              .order(ByteOrder.LITTLE_ENDIAN);
      assertThat(elf.getInt(0)).as("magic number").isEqualTo(0x464c457f);
      machines.put(platform, new Machine(elf.get(4) == 2 ? 64 : 32, elf.getShort(18)));
    }
    return machines;
  }

  private static String text(Path file) {
    return new String(bytes(file), StandardCharsets.ISO_8859_1);
  }

  private static byte[] bytes(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<String> filesBelow(Path folder) {
    try (Stream<Path> all = Files.walk(folder)) {
      return all.filter(path -> !Files.isDirectory(path))
          .map(path -> folder.relativize(path).toString())
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
