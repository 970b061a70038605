package dev.slipway.frontend.dockerfile;

import com.google.protobuf.ByteString;
import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.Cancelled;
import dev.slipway.frontend.FrontendBridge;
import dev.slipway.frontend.FrontendBridge.ImageQuery;
import dev.slipway.frontend.FrontendBridge.ResolvedImage;
import dev.slipway.frontend.FrontendRef;
import dev.slipway.frontend.ResolvedSource;
import dev.slipway.frontend.SourceQuery;
import dev.slipway.frontend.dockerfile.convert.BuildContexts;
import dev.slipway.frontend.dockerfile.convert.Sources;
import dev.slipway.frontend.dockerfile.convert.Sources.LocalFiles;
import dev.slipway.frontend.dockerfile.graph.NodeNotes;
import dev.slipway.frontend.dockerfile.graph.Output;
import dev.slipway.frontend.dockerfile.graph.SourceNode;
import dev.slipway.frontend.dockerfile.ignore.IgnoreFile;
import dev.slipway.llb.OpVertex;
import dev.slipway.llb.SourceOp;
import dev.slipway.oci.Platform;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The world of one request: its main context, its named contexts, and images. Thread-safe;
/// conversions for several platforms share it, and what two of them ask is asked once.
final class ClientContexts implements BuildContexts {
  private static final Logger LOG = LoggerFactory.getLogger(ClientContexts.class);
  private static final String IGNORE_FILE = ".dockerignore";

  private final FrontendOptions options;
  private final MainContext context;
  private final Optional<byte[]> ignoreFileBesideDockerfile;
  private final FrontendBridge bridge;
  private final Solving solving;
  private final ClientSessions sessions;
  private final NamedContexts named;
  private final OnceByKey<ImageQuestion, ImageConfig> images = new OnceByKey<>();
  private final OnceByKey<String, List<String>> patterns = new OnceByKey<>();

  ClientContexts(
      FrontendOptions options,
      MainContext context,
      Optional<byte[]> ignoreFileBesideDockerfile,
      FrontendBridge bridge,
      Solving solving,
      ClientSessions sessions,
      NamedContexts named) {
    this.options = options;
    this.context = context;
    this.ignoreFileBesideDockerfile = ignoreFileBesideDockerfile;
    this.bridge = bridge;
    this.solving = solving;
    this.sessions = sessions;
    this.named = named;
  }

  private record ImageQuestion(String reference, Platform platform, String logName) {}

  @Override
  public ImageConfig resolveImage(String reference, Platform platform, String logName) {
    return images.get(
        new ImageQuestion(reference, platform, logName),
        () -> {
          ResolvedImage image =
              bridge.resolveImage(
                  reference,
                  new ImageQuery(
                      platform,
                      logName,
                      options.config().resolveMode().text(),
                      Optional.empty(),
                      false));
          return new ImageConfig(
              image.reference(), Optional.of(image.digest()), ByteString.copyFrom(image.config()));
        });
  }

  @Override
  public Optional<NamedContext> namedContext(
      String name, Optional<Platform> platform, Supplier<List<String>> usedPaths) {
    return named.find(name, platform, usedPaths);
  }

  @Override
  public Optional<Output> mainContext(Supplier<List<String>> usedPaths) {
    return switch (context) {
      case MainContext.Tree tree -> tree.files();
      case MainContext.ClientDirectory directory ->
          Optional.of(
              new SourceNode(
                      () ->
                          Sources.local(
                              directory.name(),
                              files(directory.name(), usedPaths.get(), ignorePatterns())),
                      Optional.empty(),
                      NodeNotes.named("[internal] load build context"))
                  .output());
    };
  }

  private LocalFiles files(String name, List<String> paths, List<String> excluded) {
    return new LocalFiles(sessions.of(name), sessions.uniqueId(), paths, excluded, name, false);
  }

  @Override
  public List<String> ignorePatterns() {
    return context instanceof MainContext.ClientDirectory directory
        ? patterns.get("", () -> readPatterns(directory.name()))
        : List.of();
  }

  /// Of two ignore files the one beside the Dockerfile counts.
  private List<String> readPatterns(String directory) {
    Optional<byte[]> file = ignoreFileBesideDockerfile;
    if (file.isEmpty()) {
      LocalFiles wanted =
          new LocalFiles(
              sessions.of(directory),
              sessions.uniqueId(),
              List.of(IGNORE_FILE),
              List.of(),
              directory + "-" + IGNORE_FILE,
              true);
      SourceNode source =
          new SourceNode(
              Sources.local(directory, wanted),
              Optional.empty(),
              NodeNotes.named("[internal] load " + IGNORE_FILE));
      file = findIgnoreFile(solving.solve(source.output()));
    }
    return file.map(bytes -> IgnoreFile.parse(new String(bytes, StandardCharsets.UTF_8)))
        .orElse(List.of());
  }

  /// Nothing is ignored where the client has no such directory: it will be missed if it is needed.
  private static Optional<byte[]> findIgnoreFile(Optional<FrontendRef> tree) {
    try {
      return Solving.find(tree, IGNORE_FILE);
    } catch (Cancelled e) {
      throw e;
    } catch (BuildFailure e) {
      LOG.debug("no {}: {}", IGNORE_FILE, e.getMessage());
      return Optional.empty();
    }
  }

  @Override
  public Optional<Instant> mainContextTime() {
    return context instanceof MainContext.Tree tree
        ? tree.source()
            .flatMap(source -> sourceTime(source, "[internal] resolve main build context metadata"))
        : Optional.empty();
  }

  @Override
  public Optional<Instant> sourceTime(SourceNode source, String logName) {
    OpVertex vertex = solving.definition(source.output()).vertices().lastEntry().getValue();
    if (!(vertex.op() instanceof SourceOp op)) {
      return Optional.empty();
    }
    Platform platform = vertex.platform().orElse(Platform.local());
    ImageQuery query = new ImageQuery(platform, logName, "default", Optional.empty(), true);
    ResolvedSource resolved =
        bridge.resolveSource(op, SourceQuery.of(query).with(SourceQuery.GitObjects.WANTED));
    String downloaded = op.attributes().getOrDefault("http.filename", "");
    return resolved.http().isEmpty() || downloaded.isEmpty()
        ? resolved.modified()
        : resolved
            .modified()
            .or(
                () ->
                    solving
                        .solve(source.output())
                        .flatMap(tree -> ArchiveTime.newest(tree, downloaded)));
  }
}
