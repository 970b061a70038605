package dev.slipway.provenance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.failure.Fact;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.failure.WrongState;
import dev.slipway.oci.Digest;
import dev.slipway.oci.Platform;
import dev.slipway.oci.json.GoJson;
import dev.slipway.provenance.Predicate.Circumstances;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

final class PredicateTest {
  private static final Digest DIGEST =
      Digest.parse("sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a");
  private static final Map<String, String> OPTIONS =
      Map.of(
          "build-arg:TOKEN", "1",
          "label:a", "b",
          "target", "final",
          "filename", "Dockerfile",
          "platform", "linux/amd64",
          "attest:provenance", "mode=max",
          "context", "https://user:pass@example.com/a.git#main:dir",
          "context:other", "https://user:pass@example.com/b.html",
          "vcs:source", "https://user:pass@example.com/a.git",
          "vcs:revision", "abc");

  @Test
  void tellsAllInModeMax() {
    JsonNode json = write(Map.of("mode", "max"), capture());
    JsonNode external = json.path("buildDefinition").path("externalParameters");
    JsonNode request = external.path("request");

    assertThat(json.path("buildDefinition").path("buildType").asString())
        .isEqualTo(
            "https://github.com/moby/buildkit/blob/master/docs/attestations/slsa-definitions.md");
    assertThat(external.path("configSource").path("uri").asString())
        .isEqualTo("https://xxxxx:xxxxx@example.com/a.git#main:dir");
    assertThat(external.path("configSource").path("digest").path("sha1").asString())
        .isEqualTo("f".repeat(40));
    assertThat(external.path("configSource").path("path").asString()).isEqualTo("Dockerfile");
    assertThat(request.path("frontend").asString()).isEqualTo("dockerfile.v0");
    assertThat(request.path("args").propertyNames())
        .containsExactly("build-arg:TOKEN", "context:other", "label:a", "target");
    assertThat(request.path("args").path("context:other").asString())
        .isEqualTo("https://xxxxx:xxxxx@example.com/b.html");
    assertThat(request.path("secrets").path(0).path("id").asString()).isEqualTo("key");
    assertThat(request.path("secrets").path(0).has("optional")).isFalse();
    assertThat(request.path("ssh").path(0).path("id").asString()).isEqualTo("default");
    assertThat(request.path("locals").path(0).path("name").asString()).isEqualTo("context");
    assertThat(request.path("compatibilityVersion").asInt()).isEqualTo(30);
    JsonNode metadata = json.path("runDetails").path("metadata");
    assertThat(metadata.path("buildkit_metadata").path("vcs").toString())
        .isEqualTo("{\"revision\":\"abc\",\"source\":\"https://xxxxx:xxxxx@example.com/a.git\"}");
    assertThat(metadata.path("buildkit_metadata").path("compressors").toString())
        .isEqualTo("{\"gzip\":\"zlib\",\"zstd\":\"libzstd\"}");
    assertThat(metadata.path("buildkit_completeness").toString())
        .isEqualTo("{\"request\":true,\"resolvedDependencies\":false}");
    assertThat(metadata.has("buildkit_hermetic")).isFalse();
    assertThat(json.path("buildDefinition").path("internalParameters").path("site").asString())
        .isEqualTo("here");
  }

  @Test
  void tellsSourcesAsTheyWereResolved() {
    JsonNode sources =
        write(Map.of("mode", "min"), capture())
            .path("buildDefinition")
            .path("resolvedDependencies");

    assertThat(sources)
        .extracting(source -> source.path("uri").asString())
        .containsExactly(
            "pkg:docker/busybox@latest?platform=linux%2Famd64",
            "https://xxxxx:xxxxx@example.com/a.git#main", "https://example.com/file");
  }

  @Test
  void leavesOutInModeMinWhatMayBeConfidential() {
    JsonNode json = write(Map.of("mode", "min"), capture());
    JsonNode request = json.path("buildDefinition").path("externalParameters").path("request");

    assertThat(request.path("args").propertyNames()).containsExactly("context:other", "target");
    assertThat(request.has("secrets")).isFalse();
    assertThat(request.has("ssh")).isFalse();
    assertThat(
            json.path("runDetails")
                .path("metadata")
                .path("buildkit_completeness")
                .path("request")
                .asBoolean())
        .isFalse();
  }

  @Test
  void writesTheOldVersion() {
    JsonNode json = write(Map.of("version", "v0.2", "builder-id", "me"), capture());

    assertThat(json.propertyNames())
        .containsExactly("builder", "buildType", "materials", "invocation", "metadata");
    assertThat(json.path("builder").path("id").asString()).isEqualTo("me");
    assertThat(json.path("buildType").asString()).isEqualTo("https://mobyproject.org/buildkit@v1");
    assertThat(json.path("invocation").path("configSource").path("entryPoint").asString())
        .isEqualTo("Dockerfile");
    assertThat(json.path("metadata").path("completeness").toString())
        .isEqualTo("{\"parameters\":true,\"environment\":true,\"materials\":false}");
  }

  @Test
  void tellsWhatTheMachineDidIfThatIsAskedFor() {
    Map<String, String> asked = Map.of("mode", "min", "capture-usage", "true");

    JsonNode told = write(asked, capture()).path("runDetails").path("metadata");

    assertThat(told.path("buildkit_metadata").path("sysUsage").path(0).propertyNames())
        .startsWith("timestamp", "cpuStat", "procStat");
    assertThat(write(Map.of(), capture()).findValue("sysUsage")).isNull();
  }

  @ParameterizedTest
  @CsvSource({
    "v1, /buildDefinition/externalParameters/request",
    "v0.2, /invocation/parameters",
  })
  void tellsWhichRequestsMadeTheInputs(String version, String place) {
    JsonNode request = write(Map.of("version", version), captureOfInputs()).at(place);

    assertThat(request.propertyNames())
        .containsExactly("frontend", "inputs", "root", "compatibilityVersion");
    assertThat(request.path("inputs").toString())
        .isEqualTo(
            "{\"base\":{\"configSource\":{\"uri\":\"https://example.com/b.git#main\","
                + "\"digest\":{\"sha1\":\"abc\"},\"path\":\"Other\"},"
                + "\"request\":{\"frontend\":\"dockerfile.v0\","
                + "\"args\":{\"build-arg:TOKEN\":\"1\",\"target\":\"base\"},"
                + "\"inputs\":{\"seed\":{\"configSource\":{},"
                + "\"request\":{\"frontend\":\"dockerfile.v0\","
                + "\"args\":{\"label:a\":\"b\"}}}}}}}");
    assertThat(request.path("root").toString())
        .isEqualTo(
            "{\"configSource\":{},\"request\":{\"args\":{\"build-arg:ROOT\":\"1\",\"x\":\"y\"}}}");
    assertThat(request.path("compatibilityVersion").asInt()).isEqualTo(30);
  }

  @Test
  void leavesOutInModeMinWhatMayBeConfidentialInTheRequestsWithin() {
    JsonNode json = write(Map.of("mode", "min"), captureOfInputs());
    JsonNode request = json.at("/buildDefinition/externalParameters/request");

    assertThat(request.at("/inputs/base/request/args").toString())
        .isEqualTo("{\"target\":\"base\"}");
    assertThat(request.at("/inputs/base/request/inputs/seed/request").toString())
        .isEqualTo("{\"frontend\":\"dockerfile.v0\"}");
    assertThat(request.at("/root/request/args").toString()).isEqualTo("{\"x\":\"y\"}");
    assertThat(json.at("/runDetails/metadata/buildkit_completeness/request").asBoolean()).isFalse();
  }

  @ParameterizedTest
  @CsvSource({"input", "root"})
  void isIncompleteInModeMinWhereOnlyARequestWithinHoldsSomethingConfidential(String which) {
    FrontendCall secretive = new FrontendCall("f", Map.of("build-arg:A", "1"));
    boolean input = which.equals("input");
    Capture capture = new Capture();
    capture.calledBy(
        new FrontendCall(
            "f", Map.of(), input ? Map.of("a", new Producer(secretive, Map.of())) : Map.of()));
    if (!input) {
      capture.askedFor(secretive);
    }

    JsonNode json = write(Map.of("mode", "min"), capture);

    assertThat(json.at("/runDetails/metadata/buildkit_completeness/request").asBoolean(true))
        .isFalse();
  }

  @Test
  void tellsNoRootThatSaysNoMoreThanTheRequest() {
    FrontendCall call = new FrontendCall("f", Map.of("a", "b"));
    Capture same = new Capture();
    same.calledBy(call);
    same.askedFor(new FrontendCall("f", Map.of("a", "b", "platform", "linux/amd64")));
    Capture blank = new Capture();
    blank.calledBy(call);
    blank.askedFor(new FrontendCall("", Map.of("attest:provenance", "mode=max")));
    Capture uncalled = new Capture();
    uncalled.askedFor(call);

    for (Capture capture : List.of(same, blank, uncalled)) {
      assertThat(
              write(Map.of(), capture)
                  .at("/buildDefinition/externalParameters/request")
                  .has("root"))
          .isFalse();
    }
  }

  private static Capture captureOfInputs() {
    FrontendCall seed = new FrontendCall("dockerfile.v0", Map.of("label:a", "b"));
    FrontendCall base =
        new FrontendCall(
            "dockerfile.v0",
            Map.of(
                "build-arg:TOKEN", "1",
                "target", "base",
                "filename", "Other",
                "context", "https://example.com/b.git#main"),
            Map.of("seed", new Producer(seed, Map.of())));
    Capture capture = new Capture();
    capture.calledBy(
        new FrontendCall(
            "dockerfile.v0", Map.of(), Map.of("base", new Producer(base, Map.of("sha1", "abc")))));
    capture.askedFor(new FrontendCall("", Map.of("x", "y", "build-arg:ROOT", "1")));
    return capture;
  }

  @ParameterizedTest
  @CsvSource({
    "v1, /runDetails/metadata/buildkit_reproducible, /runDetails/builder/id",
    "v0.2, /metadata/reproducible, /builder/id",
  })
  void statesWhatTheBuildSaysOfItself(String version, String reproducible, String builder) {
    Map<String, String> fields =
        Map.of("version", version, "reproducible", "true", "builder-id", "https://me.example");

    JsonNode told = write(fields, new Capture());
    JsonNode silent = write(Map.of("version", version), new Capture());

    assertThat(told.at(reproducible).asBoolean(false)).isTrue();
    assertThat(told.at(builder).asString()).isEqualTo("https://me.example");
    assertThat(silent.at(reproducible).asBoolean(false)).isFalse();
    assertThat(silent.at(builder).asString()).isEmpty();
  }

  @Test
  void isHermeticWithoutNetworkAndLocalFiles() {
    Capture capture = new Capture();
    capture.material(image("docker.io/library/busybox:latest"));

    assertThat(
            write(Map.of(), capture)
                .path("runDetails")
                .path("metadata")
                .path("buildkit_hermetic")
                .asBoolean(false))
        .isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "docker-image+blob, pkg:docker/host.example/bundles@latest",
    "oci-layout+blob, pkg:oci/host.example/bundles@latest",
  })
  void tellsOfABundleBesideTheRepositoryThatItStandsFor(String scheme, String url) {
    Capture capture = new Capture();
    String locator = scheme + "://host.example/bundles@" + DIGEST;
    capture.material(
        new Material.Git(
            "https://example.com/a.git#main", "f".repeat(40), Material.Blob.parse(locator)));

    JsonNode materials =
        write(Map.of(), capture).path("buildDefinition").path("resolvedDependencies");

    assertThat(materials).hasSize(2);
    assertThat(materials.get(0).path("uri").asString()).isEqualTo("https://example.com/a.git#main");
    assertThat(materials.get(1).path("uri").asString())
        .isEqualTo(url + "?ref_type=bundle&vcs_url=https:%2F%2Fexample.com%2Fa.git%23main");
    assertThat(materials.get(1).path("digest").path("sha256").asString()).isEqualTo(DIGEST.hex());
  }

  @ParameterizedTest
  @CsvSource({"mode, middle", "version, v2", "reproducible, perhaps"})
  void refusesValuesThatMakeNoSense(String key, String value) {
    assertThatThrownBy(() -> ProvenanceOptions.of(Map.of(key, value)))
        .isInstanceOf(InvalidRequest.class)
        .hasMessageContaining(value);
  }

  @Test
  void completenessThatIsAskedForIsRefusedWithWhatIsMissing() {
    Capture capture = new Capture();
    capture.local("context");
    capture.untold(
        new Capture.Untold(DIGEST, "RUN fetch", "GET", "http://a.example/b", "no_digest"));

    assertThatThrownBy(() -> predicate(Map.of(), capture).requireComplete())
        .isInstanceOf(WrongState.class)
        .hasMessageStartingWith("provenance materials are incomplete\n")
        .hasMessageContaining("Uncaptured local sources:\n  - context\n    reason: local_source")
        .hasMessageEndingWith(
            "Uncaptured requests:\n  - RUN fetch\n    method: GET\n    url: http://a.example/b\n"
                + "    reason: no_digest")
        .satisfies(
            thrown ->
                assertThat(((WrongState) thrown).facts())
                    .containsExactly(
                        new Fact.UntoldMaterials(
                            List.of(
                                new Fact.UntoldMaterials.Untold(
                                    "", "context", "", "", "local_source"),
                                new Fact.UntoldMaterials.Untold(
                                    DIGEST.toString(),
                                    "RUN fetch",
                                    "GET",
                                    "http://a.example/b",
                                    "no_digest")))));
    predicate(Map.of(), new Capture()).requireComplete();
  }

  @Test
  void everyFieldOfTheRequestIsRead() {
    ProvenanceOptions options =
        ProvenanceOptions.of(
            Map.of(
                "mode", "min",
                "version", "v0.2",
                "builder-id", "https://builder.example",
                "filename", "slsa.json",
                "reproducible", "true",
                "inline-only", "true",
                "complete-materials", "true",
                "capture-usage", "true"));

    assertThat(options)
        .isEqualTo(
            new ProvenanceOptions(
                ProvenanceOptions.Mode.MIN,
                ProvenanceOptions.Version.V0_2,
                "https://builder.example",
                "slsa.json",
                true,
                true,
                true,
                true));
    assertThat(ProvenanceOptions.of(Map.of()))
        .isEqualTo(
            new ProvenanceOptions(
                ProvenanceOptions.Mode.MAX,
                ProvenanceOptions.Version.V1,
                "",
                "provenance.json",
                false,
                false,
                false,
                false));
    assertThat(ProvenanceOptions.of(Map.of("capture-usage", "maybe")).captureUsage()).isFalse();
  }

  private static Capture capture() {
    Capture capture = new Capture();
    capture.material(image("docker.io/library/busybox:latest"));
    capture.material(image("docker.io/library/busybox:latest@" + DIGEST));
    capture.material(
        new Material.Git(
            "https://user:pass@example.com/a.git#main", "f".repeat(40), Optional.empty()));
    capture.material(new Material.Http("https://example.com/file", DIGEST));
    capture.local("context");
    capture.secret(new Access("key", true));
    capture.secret(new Access("key", false));
    capture.agent(new Access("", true));
    capture.network();
    capture.calledBy(new FrontendCall("dockerfile.v0", OPTIONS));
    return capture;
  }

  private static Material image(String reference) {
    return new Material.Image(reference, Optional.of(Platform.LINUX_AMD64), DIGEST, false);
  }

  private static JsonNode write(Map<String, String> fields, Capture capture) {
    return JsonMapper.shared().readTree(predicate(fields, capture).write());
  }

  private static Predicate predicate(Map<String, String> fields, Capture capture) {
    Circumstances around =
        new Circumstances(
            "id",
            Instant.EPOCH,
            Instant.EPOCH.plusSeconds(1),
            Optional.empty(),
            "1.26.0",
            Map.of("site", new GoJson.Raw("\"here\"")),
            Map.of("zstd", "libzstd", "gzip", "zlib"),
            30,
            List.of(UsageJsonTest.machine()));
    return new Predicate(capture, ProvenanceOptions.of(fields), around);
  }
}
