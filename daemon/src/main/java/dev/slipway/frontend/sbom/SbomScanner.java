package dev.slipway.frontend.sbom;

import dev.slipway.failure.InvalidRequest;
import dev.slipway.frontend.FrontendBridge;
import dev.slipway.frontend.FrontendBridge.ImageQuery;
import dev.slipway.frontend.FrontendBridge.ResolvedImage;
import dev.slipway.frontend.FrontendResult.AttestationResult;
import dev.slipway.llb.Caps;
import dev.slipway.llb.Definition;
import dev.slipway.llb.ExecMeta;
import dev.slipway.llb.ExecOp;
import dev.slipway.llb.LlbEncoder;
import dev.slipway.llb.Mount;
import dev.slipway.llb.OpMetadata;
import dev.slipway.llb.OpVertex;
import dev.slipway.llb.SourceOp;
import dev.slipway.oci.ImageReference;
import dev.slipway.oci.Platform;
import dev.slipway.oci.json.OciJson;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SequencedMap;
import java.util.SortedMap;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;

/// An image that writes bills of materials, found and ready to be run. Immutable.
///
/// The step is, byte for byte, the one the reference makes (BuildKit
/// `frontend/attestations/sbom/sbom.go`, v0.32.2), except for the order of parameters, which it
/// leaves to chance.
public final class SbomScanner {
  /// Type of the statements: SPDX documents.
  public static final String PREDICATE_TYPE = "https://spdx.dev/Document";

  /// What the statement about the result itself is called, and so the file it is in.
  static final String CORE = "sbom";

  private static final String SOURCES = "/run/src/";
  private static final String DESTINATION = "/run/out/";
  private static final String TEMPORARY = "/tmp";
  private static final String VARIABLE = "BUILDKIT_SCAN_";

  /// Number of the destination among what the step leaves; the scanner's own tree is before it.
  private static final int OUTPUT = 1;

  private static final int BUNDLE = 1;

  private final ImageReference image;
  private final Platform platform;
  private final List<String> arguments;
  private final SequencedMap<String, String> env;
  private final String directory;
  private final SortedMap<String, String> parameters;

  private SbomScanner(
      ImageReference image,
      Platform platform,
      List<String> arguments,
      SequencedMap<String, String> env,
      String directory,
      SortedMap<String, String> parameters) {
    this.image = image;
    this.platform = platform;
    this.arguments = arguments;
    this.env = env;
    this.directory = directory;
    this.parameters = parameters;
  }

  /// Looks the scanner up.
  ///
  /// @param platform to run it on
  /// @param resolveMode `default`, `pull` or `local`
  /// @throws InvalidRequest an image that runs nothing
  /// @throws dev.slipway.failure.NotFound no such image
  public static SbomScanner find(
      SbomRequest request, Platform platform, String resolveMode, FrontendBridge bridge) {
    ResolvedImage found =
        bridge.resolveImage(
            request.generator().toString(),
            new ImageQuery(platform, "", resolveMode, Optional.empty(), false));
    JsonNode run = OciJson.object(found.config(), "image config").path("config");
    List<String> arguments = new ArrayList<>(texts(run.path("Entrypoint")));
    arguments.addAll(texts(run.path("Cmd")));
    if (arguments.isEmpty()) {
      throw new InvalidRequest("scanner " + found.reference() + " does not have cmd");
    }
    String directory = run.path("WorkingDir").asString("");
    return new SbomScanner(
        ImageReference.parse(found.reference()).withDefaultTag(),
        platform,
        arguments,
        variables(texts(run.path("Env"))),
        directory.startsWith("/") ? directory : "/" + directory,
        request.parameters());
  }

  private static List<String> texts(JsonNode array) {
    List<String> texts = new ArrayList<>();
    array.forEach(each -> texts.add(each.asString("")));
    return texts;
  }

  private static SequencedMap<String, String> variables(List<String> lines) {
    SequencedMap<String, String> variables = new LinkedHashMap<>();
    for (String line : lines) {
      int equals = line.indexOf('=');
      variables.putLast(
          equals < 0 ? line : line.substring(0, equals),
          equals < 0 ? "" : line.substring(equals + 1));
    }
    return variables;
  }

  /// Has a tree scanned, lazily.
  ///
  /// @param name of the result, shown while it is scanned
  /// @param core the result itself
  /// @param extras other trees worth a look, by name; a scanner may leave them out
  /// @param ignoreCache scan even where the outcome is known
  /// @return a bundle, yet to be computed
  public AttestationResult scan(
      String name,
      Definition core,
      SortedMap<String, Definition> extras,
      boolean ignoreCache,
      FrontendBridge bridge) {
    Definition definition = define(name, core, extras, ignoreCache);
    SequencedMap<String, byte[]> metadata = new LinkedHashMap<>();
    metadata.put("reason", utf8("sbom"));
    metadata.put("sbom-core", utf8(CORE));
    return new AttestationResult(
        BUNDLE, metadata, bridge.solve(definition), "", PREDICATE_TYPE, List.of());
  }

  private Definition define(
      String name, Definition core, SortedMap<String, Definition> extras, boolean ignoreCache) {
    JoinedDefinitions joined = new JoinedDefinitions();
    SortedMap<String, Mount> mounts = new TreeMap<>();
    OptionalInt own = joined.input(scannerImage());
    put(mounts, bind("/", own, OptionalInt.of(0)));
    // Inputs are numbered in the order of the mounts.
    put(mounts, bind(DESTINATION, OptionalInt.empty(), OptionalInt.of(OUTPUT)));
    put(mounts, bind(SOURCES + "core/" + CORE, joined.input(core), OptionalInt.empty()));
    extras.forEach(
        (extra, definition) ->
            put(
                mounts,
                bind(
                    SOURCES + "extras/" + CORE + "-" + extra,
                    joined.input(definition),
                    OptionalInt.empty())));
    put(
        mounts,
        new Mount.Tmpfs(Mount.Place.without(TEMPORARY), Optional.of(new Mount.TmpfsOptions(0))));
    ExecOp op =
        new ExecOp(
            ExecMeta.of(arguments, environment(!extras.isEmpty()), directory),
            List.copyOf(mounts.values()),
            ExecOp.NetworkMode.SANDBOX,
            ExecOp.SecurityMode.SANDBOX,
            List.of(),
            List.of());
    OpMetadata metadata =
        OpMetadata.NONE.withCustomName("[" + name + "] generating sbom using " + image);
    for (String cap : List.of("exec.meta.base", Caps.EXEC_MOUNT_BIND, "exec.mount.tmpfs")) {
      metadata = metadata.withCap(cap);
    }
    OpVertex scan =
        LlbEncoder.vertex(
            joined.inputs(),
            op,
            Optional.of(platform),
            List.of(),
            ignoreCache ? metadata.withIgnoreCache() : metadata);
    return joined.define(scan, OUTPUT, headMetadata(ignoreCache));
  }

  private OpVertex scannerImage() {
    return LlbEncoder.vertex(
        List.of(),
        new SourceOp("docker-image://" + image, Map.of()),
        Optional.of(platform),
        List.of(),
        OpMetadata.NONE.withCap("source.image"));
  }

  private static void put(SortedMap<String, Mount> mounts, Mount mount) {
    mounts.put(mount.destination(), mount);
  }

  private static Mount bind(String target, OptionalInt input, OptionalInt output) {
    return new Mount.Bind(
        new Mount.Place(
            input, "", target, output, output.isEmpty(), Mount.ContentCache.DEFAULT, ""));
  }

  private List<String> environment(boolean extras) {
    SequencedMap<String, String> all = new LinkedHashMap<>(env);
    all.putLast(VARIABLE + "DESTINATION", DESTINATION);
    all.putLast(VARIABLE + "SOURCE", SOURCES + "core/" + CORE);
    if (extras) {
      all.putLast(VARIABLE + "SOURCE_EXTRAS", SOURCES + "extras");
    }
    parameters.forEach((name, value) -> all.putLast(VARIABLE + name, value));
    return all.entrySet().stream().map(each -> each.getKey() + "=" + each.getValue()).toList();
  }

  private static OpMetadata headMetadata(boolean ignoreCache) {
    OpMetadata head =
        OpMetadata.NONE
            .withCap(Caps.CONSTRAINTS)
            .withCap(Caps.PLATFORM)
            .withCap(Caps.META_DESCRIPTION);
    return ignoreCache ? head.withCap(Caps.META_IGNORE_CACHE) : head;
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
