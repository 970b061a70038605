package dev.slipway.frontend.dockerfile;

import dev.slipway.failure.NotFound;
import dev.slipway.failure.Unsupported;
import dev.slipway.frontend.Frontend;
import dev.slipway.frontend.FrontendBridge;
import dev.slipway.frontend.FrontendRef;
import dev.slipway.frontend.FrontendResult;
import dev.slipway.frontend.ResolvedSource;
import dev.slipway.frontend.SourceQuery;
import dev.slipway.frontend.gateway.DrivenBuild;
import dev.slipway.fsutil.Stat;
import dev.slipway.llb.Definition;
import dev.slipway.llb.LlbEncoder;
import dev.slipway.llb.OpVertex;
import dev.slipway.llb.SourceOp;
import dev.slipway.llb.SourcePolicy;
import dev.slipway.oci.Digest;
import dev.slipway.oci.Platform;
import dev.slipway.progress.ProgressEvent.WarnedSource;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// A build whose client has directories with text files and whose registry has a few images. It
/// solves sources that are such directories; of everything else it only remembers the definition.
/// Thread-safe by its lock.
final class ScriptedBridge implements FrontendBridge {
  static final String SESSION = "ud63bw8rwu5ptyq1zm1ycvyk2";

  private static final Digest BUSYBOX =
      Digest.parse("sha256:ae791bdf39c86672762821f88e6fcddab45f1d1799e923c2ed070a285ede1e66");
  private static final Digest GOLDMULTI =
      Digest.parse("sha256:518923b6d7dace7f94bca39d33311e3459aa0ec90c92633d8dfd5c67ed1a281d");

  private final Map<String, Digest> digests = new HashMap<>();
  private final Map<String, Map<String, byte[]>> directories = new HashMap<>();
  private final Set<String> withheld = new HashSet<>();
  private final Map<String, byte[]> images = new TreeMap<>();
  private final List<Definition> solved = Collections.synchronizedList(new ArrayList<>());
  private final List<String> logNames = Collections.synchronizedList(new ArrayList<>());
  private final List<String> queries = Collections.synchronizedList(new ArrayList<>());
  private final List<String> warnings = Collections.synchronizedList(new ArrayList<>());
  private final List<Forwarded> forwarded = new ArrayList<>();
  private final List<String> cacheImports = new ArrayList<>();
  private final Map<String, String> converted = new HashMap<>();
  private final Map<String, byte[]> downloads = new HashMap<>();
  private Optional<Instant> downloadsAreOf = Optional.of(Instant.parse("2023-11-14T22:13:20Z"));
  private final String sessionId;

  record Forwarded(String frontend, Frontend.Request request) {}

  /// Type and sorted attributes of each cache that was asked for.
  List<String> cacheImports() {
    return cacheImports;
  }

  @Override
  public void importCache(String type, Map<String, String> attributes) {
    cacheImports.add(type + " " + new TreeMap<>(attributes));
  }

  ScriptedBridge(String sessionId) {
    this.sessionId = sessionId;
    withImage("docker.io/library/busybox:latest", resource("base/busybox.json"));
    withImage("docker.io/library/gold:latest", resource("base/gold.json"));
    withImage("docker.io/library/goldmulti:latest", resource("base/gold.json"));
    digests.put("docker.io/library/busybox:latest", BUSYBOX);
    digests.put("docker.io/library/goldmulti:latest", GOLDMULTI);
  }

  ScriptedBridge() {
    this(SESSION);
  }

  ScriptedBridge withDirectory(String name, Map<String, String> files) {
    Map<String, byte[]> contents = new TreeMap<>();
    files.forEach((path, text) -> contents.put(path, text.getBytes(StandardCharsets.UTF_8)));
    directories.put(name, contents);
    return this;
  }

  /// A source policy makes one source of another.
  ScriptedBridge withConverted(String identifier, String into) {
    converted.put(identifier, into);
    return this;
  }

  ScriptedBridge withDownload(String url, byte[] content) {
    downloads.put(url, content);
    return this;
  }

  /// No server says when its files were changed.
  ScriptedBridge withUndatedDownloads() {
    downloadsAreOf = Optional.empty();
    return this;
  }

  /// A directory that the client does not offer; that shows when it is read.
  ScriptedBridge withoutDirectory(String name) {
    withheld.add(name);
    return this;
  }

  /// The Dockerfile alone, as most tests want it.
  ScriptedBridge withDockerfile(String text) {
    return withDirectory("dockerfile", Map.of("Dockerfile", text))
        .withDirectory("context", Map.of());
  }

  ScriptedBridge withImage(String reference, byte[] config) {
    images.put(reference, config);
    return this;
  }

  List<Definition> solved() {
    return List.copyOf(solved);
  }

  /// Names of vertices of the definitions that were solved for their result, not to read files.
  List<String> names(Definition definition) {
    return definition.vertices().values().stream()
        .map(vertex -> vertex.metadata().description().getOrDefault("llb.customname", ""))
        .toList();
  }

  /// Names of the vertices that stand for looked-up images.
  List<String> logNames() {
    return List.copyOf(logNames);
  }

  List<String> queries() {
    return List.copyOf(queries);
  }

  List<String> warnings() {
    return List.copyOf(warnings);
  }

  List<Forwarded> forwarded() {
    return List.copyOf(forwarded);
  }

  @Override
  public Optional<FrontendRef> solve(Definition definition, List<SourcePolicy> policies) {
    solved.add(definition);
    if (definition.isScratch()) {
      return Optional.empty();
    }
    OpVertex head = definition.requireVertex(definition.head().orElseThrow().vertex());
    if (head.op() instanceof SourceOp source && withheld.contains(source.rest())) {
      return Optional.of(new Withheld(definition));
    }
    return Optional.of(
        new Tree(definition, head.op() instanceof SourceOp source ? files(source) : Map.of()));
  }

  private Map<String, byte[]> files(SourceOp source) {
    return switch (source.scheme()) {
      case "local" -> sent(source);
      case "http", "https" ->
          downloads.containsKey(source.identifier())
              ? Map.of(source.attributes().get("http.filename"), downloads.get(source.identifier()))
              : Map.of();
      default -> Map.of();
    };
  }

  /// A client sends only what is asked for.
  private Map<String, byte[]> sent(SourceOp source) {
    Map<String, byte[]> all = directories.get(source.rest());
    if (all == null) {
      throw new NotFound("no directory " + source.rest());
    }
    String followed = source.attributes().get("local.followpaths");
    return followed == null
        ? all
        : all.entrySet().stream()
            .filter(file -> followed.contains("\"" + file.getKey() + "\""))
            .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
  }

  @Override
  public Optional<FrontendRef> solveNow(Definition definition) {
    return solve(definition);
  }

  @Override
  public FrontendResult solve(String frontend, Frontend.Request request) {
    forwarded.add(new Forwarded(frontend, request));
    throw new Unsupported("no frontend " + frontend);
  }

  @Override
  public ResolvedImage resolveImage(
      String reference, ImageQuery query, List<SourcePolicy> policies) {
    logNames.add(query.logName());
    queries.add(query.logName() + " for " + query.platform() + " by " + query.mode());
    byte[] config = images.get(reference);
    if (config == null) {
      throw new NotFound(
          "failed to resolve source metadata for " + reference + ": " + reference + ": not found");
    }
    if (query.platform().architecture().equals("s390x")) {
      throw new NotFound(
          "failed to resolve source metadata for "
              + reference
              + ": no match for platform in manifest: not found");
    }
    boolean arm = query.platform().architecture().equals("arm64");
    byte[] chosen =
        arm && reference.endsWith("goldmulti:latest") ? resource("base/gold-arm64.json") : config;
    Digest digest = digests.getOrDefault(reference, Digest.ofBytes(config));
    return new ResolvedImage(reference, digest, chosen);
  }

  @Override
  public ResolvedSource resolveSource(SourceOp source, SourceQuery query) {
    SourceOp found =
        new SourceOp(
            converted.getOrDefault(source.identifier(), source.identifier()), source.attributes());
    return switch (found.scheme()) {
      case "docker-image" ->
          ResolvedSource.of(found, resolveImage(found.rest(), query.image(), List.of()));
      case "http", "https" ->
          ResolvedSource.of(
              found,
              new ResolvedSource.Http(Digest.EMPTY, "file", downloadsAreOf, Optional.empty()));
      default -> ResolvedSource.only(found);
    };
  }

  @Override
  public void warn(
      Digest vertex,
      int level,
      String summary,
      List<String> detail,
      String url,
      Optional<WarnedSource> source) {
    warnings.add(summary);
  }

  @Override
  public DrivenBuild openDriven(Map<String, Definition> inputs) {
    throw new UnsupportedOperationException();
  }

  @Override
  public BuildOptions buildOptions() {
    return new BuildOptions(
        List.of(new WorkerInfo("w", Map.of(), List.of(Platform.LINUX_AMD64))),
        Set.of(
            "mergeop",
            "exec.meta.setsdefaultpath",
            "exec.meta.ulimit",
            "exec.meta.cdi",
            "exec.meta.cgroup.parent",
            "exec.meta.linux.resources",
            "exec.mount.tmpfs.size",
            "exec.mount.bind.readwrite-nooutput"),
        Set.of(),
        sessionId,
        "test");
  }

  static byte[] resource(String name) {
    try (InputStream in = ScriptedBridge.class.getResourceAsStream("/dockerfile/" + name)) {
      if (in == null) {
        throw new IllegalArgumentException("no test resource " + name);
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private record Withheld(Definition definition) implements FrontendRef {
    @Override
    public String id() {
      return "withheld";
    }

    @Override
    public void evaluate() {
      throw new Unsupported("no local sources enabled");
    }

    @Override
    public byte[] readFile(String path, Optional<ByteRange> range) {
      throw new Unsupported("no local sources enabled");
    }

    @Override
    public List<Stat> readDirectory(String path, Optional<String> pattern) {
      throw new Unsupported("no local sources enabled");
    }

    @Override
    public Stat stat(String path) {
      throw new Unsupported("no local sources enabled");
    }
  }

  private record Tree(Definition definition, Map<String, byte[]> files) implements FrontendRef {
    @Override
    public String id() {
      return LlbEncoder.encodeBytes(definition).hashCode() + "";
    }

    @Override
    public void evaluate() {
      throw new UnsupportedOperationException("the frontend never computes what it built");
    }

    @Override
    public byte[] readFile(String path, Optional<ByteRange> range) {
      byte[] content = files.get(path);
      if (content == null) {
        throw new NotFound("open " + path + ": no such file or directory");
      }
      long wanted = range.map(ByteRange::length).orElse((long) content.length);
      return Arrays.copyOf(content, (int) Math.min(wanted, content.length));
    }

    @Override
    public List<Stat> readDirectory(String path, Optional<String> pattern) {
      throw new UnsupportedOperationException("the frontend never lists directories");
    }

    @Override
    public Stat stat(String path) {
      throw new UnsupportedOperationException(
          "the frontend never looks at files without reading them");
    }
  }
}
