package dev.slipway.frontend.dockerfile;

import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.Fact.AtSource;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.failure.Unsupported;
import dev.slipway.frontend.Frontend;
import dev.slipway.frontend.FrontendBridge;
import dev.slipway.frontend.FrontendBridge.BuildOptions;
import dev.slipway.frontend.FrontendBridge.WorkerInfo;
import dev.slipway.frontend.FrontendResult;
import dev.slipway.frontend.dockerfile.parser.SyntaxLine;
import dev.slipway.frontend.dockerfile.source.DockerfileError;
import dev.slipway.frontend.dockerfile.source.LineSpan;
import dev.slipway.llb.Definition;
import dev.slipway.oci.Platform;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The frontend `dockerfile.v0`. Immutable; every request is on its own.
public final class DockerfileFrontend implements Frontend {
  private static final Logger LOG = LoggerFactory.getLogger(DockerfileFrontend.class);

  /// The frontend's name in requests.
  public static final String NAME = "dockerfile.v0";

  private static final String IMAGE_FRONTEND = "gateway.v0";
  private static final String SYNTAX_ARGUMENT = "build-arg:BUILDKIT_SYNTAX";

  private final SyntaxImages syntaxImages;

  public DockerfileFrontend(SyntaxImages syntaxImages) {
    this.syntaxImages = syntaxImages;
  }

  /// Blocks while the client's files are read, images are looked up and definitions are loaded;
  /// results stay lazy. Wrong options and Dockerfiles fail with
  /// [dev.slipway.failure.InvalidRequest], the latter with the lines as facts.
  @Override
  public FrontendResult solve(Request request, FrontendBridge bridge) {
    if (request.inputs().values().stream().anyMatch(Definition::isScratch)) {
      // In the reference's words; nothing tells an empty tree from a missing one on the wire.
      throw new InvalidRequest("invalid nil input definition to definition op");
    }
    try {
      return solve(request, bridge, OptionsReader.read(request.options()));
    } catch (DockerfileError e) {
      throw FailureTranslator.translate(e);
    }
  }

  private FrontendResult solve(Request request, FrontendBridge bridge, FrontendOptions options) {
    Optional<Unsupported> missing =
        FrontendCapabilities.missing(options.find("frontend.caps").orElse(""));
    CacheImportOptions.take(options, bridge);
    BuildOptions build = bridge.buildOptions();
    Platform buildPlatform = buildPlatform(build);
    Solving solving = new Solving(bridge, buildPlatform);
    ClientSessions sessions = ClientSessions.of(build.sessionId(), request.options());
    MainContext context = new MainContextFinder(options, request.inputs(), solving).find();
    DockerfileSource dockerfile =
        new DockerfileReader(options, context, bridge, solving, sessions).read();

    Optional<SyntaxLine> other = otherFrontend(options, dockerfile);
    if (other.isPresent() && !syntaxImages.serves(other.get().frontend())) {
      return forward(request, bridge, other.get(), dockerfile);
    }
    other.ifPresent(line -> LOG.info("{} is served by the built-in frontend", line.frontend()));
    if (missing.isPresent()) {
      throw missing.get();
    }
    NamedContexts named =
        new NamedContexts(options, request.inputs(), bridge, solving, sessions, buildPlatform);
    ClientContexts contexts =
        new ClientContexts(
            options, context, dockerfile.ignoreFile(), bridge, solving, sessions, named);
    boolean labs = other.map(line -> SyntaxImages.hasLabs(line.frontend())).orElse(false);
    DockerfileBuild job =
        new DockerfileBuild(
            options, dockerfile, contexts, bridge, buildPlatform, build.llbCaps(), labs);
    try {
      return options.request().isPresent()
          ? new Subrequests(dockerfile, job).answer(options.request().get())
          : job.build();
    } catch (DockerfileError e) {
      throw FailureTranslator.translate(e, Optional.of(dockerfile.file()));
    }
  }

  /// What the first worker runs natively.
  static Platform buildPlatform(BuildOptions build) {
    return build.workers().stream()
        .limit(1)
        .map(WorkerInfo::platforms)
        .flatMap(List::stream)
        .findFirst()
        .orElseGet(Platform::local);
  }

  /// The frontend that the client or the file asks for, unless this request comes from one.
  private static Optional<SyntaxLine> otherFrontend(
      FrontendOptions options, DockerfileSource dockerfile) {
    if (options.find("cmdline").isPresent()) {
      return Optional.empty();
    }
    return options
        .find(SYNTAX_ARGUMENT)
        .map(String::trim)
        .map(line -> new SyntaxLine(line.split(" ", 2)[0], line, LineSpan.line(0)))
        .or(() -> SyntaxLine.find(dockerfile.text()));
  }

  private static FrontendResult forward(
      Request request, FrontendBridge bridge, SyntaxLine line, DockerfileSource dockerfile) {
    Map<String, String> options = new HashMap<>(request.options());
    options.put("cmdline", line.commandLine());
    options.put("source", line.frontend());
    try {
      return bridge.solve(IMAGE_FRONTEND, new Request(options, request.inputs()));
    } catch (BuildFailure e) {
      if (e.fact(AtSource.class).isPresent()) {
        throw e;
      }
      throw options.containsKey(SYNTAX_ARGUMENT)
          ? e.in("failed with " + SYNTAX_ARGUMENT + " = " + line.commandLine())
          : e.with(FailureTranslator.at(dockerfile.file(), line.place()));
    }
  }
}
