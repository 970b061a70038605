package dev.slipway.provenance;

import dev.slipway.attestation.PackageUrl;
import dev.slipway.failure.Fact.UntoldMaterials;
import dev.slipway.failure.WrongState;
import dev.slipway.oci.Digest;
import dev.slipway.oci.ImageReference;
import dev.slipway.oci.Platform;
import dev.slipway.oci.json.GoJson;
import dev.slipway.provenance.ProvenanceOptions.Mode;
import dev.slipway.usage.MachineSample;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.TreeMap;

/// The provenance document of one result: its members in the order in which BuildKit v0.32.2 writes
/// them (`solver/llbsolver/provenance`).
public final class Predicate {
  private static final String BUILD_TYPE_1 =
      "https://github.com/moby/buildkit/blob/master/docs/attestations/slsa-definitions.md";
  private static final String BUILD_TYPE_02 = "https://mobyproject.org/buildkit@v1";
  private static final String DOCKERFILE = "dockerfile.v0";

  private final Capture capture;
  private final ProvenanceOptions options;
  private final Circumstances around;
  private final RequestDetails request;

  /// What is known of the build beside what went into it.
  ///
  /// @param invocation random id of the build
  /// @param steps the result's definition, for documents that tell all; empty: not told
  /// @param dockerfileVersion release of the built-in Dockerfile frontend
  /// @param environment the operator's own facts, raw JSON by name
  /// @param compressors what layers are compressed by, by the name of the kind of compression
  /// @param compatibility version of behaviour that the build asked for
  /// @param machine what the machine did during the build, for documents that tell usage
  public record Circumstances(
      String invocation,
      Instant started,
      Instant finished,
      Optional<BuildSteps> steps,
      String dockerfileVersion,
      Map<String, GoJson.Raw> environment,
      Map<String, String> compressors,
      long compatibility,
      List<MachineSample> machine) {
    public Circumstances {
      machine = List.copyOf(machine);
    }
  }

  public Predicate(Capture capture, ProvenanceOptions options, Circumstances around) {
    this.capture = capture;
    this.options = options;
    this.around = around;
    this.request = RequestDetails.of(capture);
  }

  /// Whether every source could be told.
  public boolean isComplete() {
    return !capture.isIncomplete();
  }

  /// @throws WrongState something went into the result that cannot be told; the message names it
  ///   (words of BuildKit v0.32.2, `solver/llbsolver/provenance.go`)
  public void requireComplete() {
    if (isComplete()) {
      return;
    }
    List<UntoldMaterials.Untold> all = new ArrayList<>();
    StringBuilder text =
        new StringBuilder(
            "provenance materials are incomplete\n\nThe build requested complete provenance"
                + " materials, but not all dependencies could be captured.");
    List<String> locals = capture.locals();
    if (!locals.isEmpty()) {
      text.append("\n\nUncaptured local sources:");
    }
    for (String name : locals) {
      all.add(new UntoldMaterials.Untold("", name, "", "", "local_source"));
      text.append("\n  - ").append(name.isEmpty() ? "<unnamed>" : name);
      text.append("\n    reason: local_source");
    }
    if (!capture.untold().isEmpty()) {
      text.append("\n\nUncaptured requests:");
    }
    for (Capture.Untold fetch : capture.untold()) {
      all.add(
          new UntoldMaterials.Untold(
              fetch.step().toString(),
              fetch.command(),
              fetch.method(),
              fetch.url(),
              fetch.reason()));
      text.append("\n  - ").append(fetch.command().isEmpty() ? fetch.step() : fetch.command());
      line(text, "method", fetch.method());
      line(text, "url", fetch.url());
      line(text, "reason", fetch.reason());
    }
    throw new WrongState(text.toString()).with(new UntoldMaterials(all));
  }

  private static void line(StringBuilder text, String name, String value) {
    if (!value.isEmpty()) {
      text.append("\n    ").append(name).append(": ").append(value);
    }
  }

  public byte[] write() {
    return GoJson.indented(
        switch (options.version()) {
          case V1 -> version1();
          case V0_2 -> version02();
        });
  }

  private Map<String, Object> version1() {
    SequencedMap<String, Object> definition = new LinkedHashMap<>();
    definition.put("buildType", BUILD_TYPE_1);
    putUnlessEmpty(definition, "resolvedDependencies", materials());
    SequencedMap<String, Object> external = new LinkedHashMap<>();
    external.put("configSource", RequestJson.configSource(request, RequestJson.PATH));
    external.put("request", parameters());
    definition.put("externalParameters", external);
    TreeMap<String, Object> internal = environment("builderPlatform");
    told().ifPresent(steps -> internal.put("buildConfig", steps.config()));
    definition.put("internalParameters", internal);

    SequencedMap<String, Object> metadata = new LinkedHashMap<>();
    metadata.put("invocationId", around.invocation());
    metadata.put("startedOn", around.started().toString());
    metadata.put("finishedOn", around.finished().toString());
    metadata.put("buildkit_metadata", buildkitMetadata());
    putIf(isHermetic(), metadata, "buildkit_hermetic");
    SequencedMap<String, Object> completeness = new LinkedHashMap<>();
    completeness.put("request", isRequestComplete());
    completeness.put("resolvedDependencies", isComplete());
    metadata.put("buildkit_completeness", completeness);
    putIf(options.reproducible(), metadata, "buildkit_reproducible");
    SequencedMap<String, Object> run = new LinkedHashMap<>();
    run.put("builder", Map.of("id", options.builderId()));
    run.put("metadata", metadata);

    SequencedMap<String, Object> json = new LinkedHashMap<>();
    json.put("buildDefinition", definition);
    json.put("runDetails", run);
    return json;
  }

  private Map<String, Object> version02() {
    SequencedMap<String, Object> json = new LinkedHashMap<>();
    json.put("builder", Map.of("id", options.builderId()));
    json.put("buildType", BUILD_TYPE_02);
    putUnlessEmpty(json, "materials", materials());
    SequencedMap<String, Object> invocation = new LinkedHashMap<>();
    invocation.put("configSource", RequestJson.configSource(request, "entryPoint"));
    invocation.put("parameters", parameters());
    invocation.put("environment", environment("platform"));
    json.put("invocation", invocation);
    told().ifPresent(steps -> json.put("buildConfig", steps.config()));
    SequencedMap<String, Object> metadata = new LinkedHashMap<>();
    metadata.put("buildInvocationID", around.invocation());
    metadata.put("buildStartedOn", around.started().toString());
    metadata.put("buildFinishedOn", around.finished().toString());
    SequencedMap<String, Object> completeness = new LinkedHashMap<>();
    completeness.put("parameters", isRequestComplete());
    completeness.put("environment", true);
    completeness.put("materials", isComplete());
    metadata.put("completeness", completeness);
    metadata.put("reproducible", options.reproducible());
    metadata.put(BUILD_TYPE_02 + "#metadata", buildkitMetadata());
    putIf(isHermetic(), metadata, BUILD_TYPE_02 + "#hermetic");
    json.put("metadata", metadata);
    return json;
  }

  private Optional<BuildSteps> told() {
    return options.mode() == Mode.MAX ? around.steps() : Optional.empty();
  }

  private boolean isHermetic() {
    return isComplete() && !capture.reachedNetwork();
  }

  private boolean isRequestComplete() {
    return !request.frontend().isEmpty()
        && (options.mode() == Mode.MAX || !request.holdsArguments());
  }

  private List<Object> materials() {
    List<Object> all = new ArrayList<>();
    for (Material.Image image : capture.images()) {
      String url =
          PackageUrl.of(
              image.local() ? "oci" : "docker",
              ImageReference.parse(image.reference()),
              image.platform());
      all.add(material(url, digests(image.digest())));
    }
    for (Material.Git git : capture.git()) {
      all.add(material(git.url(), RequestDetails.commit(git)));
      git.bundle()
          .ifPresent(blob -> all.add(material(bundleUrl(blob, git.url()), digests(blob.digest()))));
    }
    for (Material.Http http : capture.http()) {
      all.add(material(http.url(), digests(http.digest())));
    }
    return all;
  }

  private static String bundleUrl(Material.Blob bundle, String repository) {
    SequencedMap<String, String> qualifiers = new LinkedHashMap<>();
    qualifiers.put("ref_type", "bundle");
    qualifiers.put("vcs_url", repository);
    return PackageUrl.of(
        bundle.local() ? "oci" : "docker", ImageReference.parse(bundle.reference()), qualifiers);
  }

  private static Map<String, Object> material(String url, Map<String, String> digests) {
    SequencedMap<String, Object> json = new LinkedHashMap<>();
    json.put("uri", url);
    json.put("digest", digests);
    return json;
  }

  static Map<String, String> digests(Digest digest) {
    return Map.of(digest.algorithm(), digest.hex());
  }

  private Map<String, Object> parameters() {
    SequencedMap<String, Object> json = new LinkedHashMap<>();
    RequestJson requests = new RequestJson(options.mode());
    requests.putCall(request, json);
    if (options.mode() == Mode.MAX) {
      putUnlessEmpty(json, "secrets", accesses(capture.secrets()));
      putUnlessEmpty(json, "ssh", accesses(capture.agents()));
    }
    putUnlessEmpty(
        json,
        "locals",
        capture.locals().stream().map(name -> (Object) Map.of("name", name)).toList());
    requests.putWithin(request, json);
    json.put("compatibilityVersion", around.compatibility());
    return json;
  }

  private static List<Object> accesses(List<Access> all) {
    List<Object> list = new ArrayList<>();
    for (Access access : all) {
      SequencedMap<String, Object> json = new LinkedHashMap<>();
      json.put("id", access.id());
      putIf(access.optional(), json, "optional");
      list.add(json);
    }
    return list;
  }

  private TreeMap<String, Object> environment(String nameOfPlatform) {
    TreeMap<String, Object> json = new TreeMap<>(around.environment());
    json.put(nameOfPlatform, Platform.local().format());
    if (request.frontend().equals(DOCKERFILE) && !around.dockerfileVersion().isEmpty()) {
      json.put("dockerfileVersion", around.dockerfileVersion());
    }
    return json;
  }

  private Map<String, Object> buildkitMetadata() {
    SequencedMap<String, Object> json = new LinkedHashMap<>();
    if (!request.repository().isEmpty()) {
      json.put("vcs", request.repository());
    }
    told()
        .ifPresent(
            steps -> {
              steps.sources().ifPresent(sources -> json.put("source", sources));
              if (!steps.layers().isEmpty()) {
                json.put("layers", steps.layers());
              }
            });
    if (options.captureUsage()) {
      putUnlessEmpty(json, "sysUsage", around.machine().stream().map(UsageJson::of).toList());
    }
    if (capture.isProxied()) {
      json.put("network", network());
    }
    // Not BuildKit's: who wants the same bytes of a layer again needs the same library.
    json.put("compressors", new TreeMap<>(around.compressors()));
    return json;
  }

  private Map<String, Object> network() {
    SequencedMap<String, Object> json = new LinkedHashMap<>();
    json.put("mode", "proxy");
    if (!capture.untold().isEmpty()) {
      List<Object> incomplete = new ArrayList<>();
      for (Capture.Untold fetch : capture.untold()) {
        SequencedMap<String, Object> told = new LinkedHashMap<>();
        told.put("op", fetch.step().toString());
        told.put("name", fetch.command());
        told.put("method", fetch.method());
        told.put("uri", fetch.url());
        told.put("reason", fetch.reason());
        incomplete.add(told);
      }
      json.put("proxy", Map.of("incomplete", incomplete));
    }
    return json;
  }

  private static void putUnlessEmpty(Map<String, Object> json, String key, List<Object> list) {
    if (!list.isEmpty()) {
      json.put(key, list);
    }
  }

  private static void putIf(boolean holds, Map<String, Object> json, String key) {
    if (holds) {
      json.put(key, true);
    }
  }
}
