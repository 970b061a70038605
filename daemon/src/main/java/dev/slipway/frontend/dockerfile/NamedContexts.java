package dev.slipway.frontend.dockerfile;

import com.google.protobuf.ByteString;
import dev.slipway.failure.NotFound;
import dev.slipway.frontend.FrontendBridge;
import dev.slipway.frontend.FrontendBridge.ImageQuery;
import dev.slipway.frontend.FrontendBridge.OciStore;
import dev.slipway.frontend.FrontendBridge.ResolvedImage;
import dev.slipway.frontend.ResolvedSource;
import dev.slipway.frontend.SourceQuery;
import dev.slipway.frontend.dockerfile.convert.BuildContexts.Loaded;
import dev.slipway.frontend.dockerfile.convert.BuildContexts.NamedContext;
import dev.slipway.frontend.dockerfile.convert.BuildState;
import dev.slipway.frontend.dockerfile.convert.GitAddress;
import dev.slipway.frontend.dockerfile.convert.ImageBase;
import dev.slipway.frontend.dockerfile.convert.ImageName;
import dev.slipway.frontend.dockerfile.convert.Sources;
import dev.slipway.frontend.dockerfile.convert.Sources.LocalFiles;
import dev.slipway.frontend.dockerfile.graph.NodeNotes;
import dev.slipway.frontend.dockerfile.graph.Output;
import dev.slipway.frontend.dockerfile.graph.SourceNode;
import dev.slipway.frontend.dockerfile.ignore.IgnoreFile;
import dev.slipway.frontend.dockerfile.shell.GoText;
import dev.slipway.frontend.dockerfile.source.DockerfileError;
import dev.slipway.llb.Definition;
import dev.slipway.llb.SourceOp;
import dev.slipway.oci.Platform;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/// Trees and images the client gave by name (`context:<name>`), to stand for an image or a stage.
/// Thread-safe.
final class NamedContexts {
  private static final String IGNORE_FILE = ".dockerignore";
  private static final String IMAGE = "docker-image://";
  private static final int MOST_CONVERSIONS = 10;

  private final FrontendOptions options;
  private final Map<String, Definition> inputs;
  private final FrontendBridge bridge;
  private final Solving solving;
  private final ClientSessions sessions;
  private final Platform defaultPlatform;

  NamedContexts(
      FrontendOptions options,
      Map<String, Definition> inputs,
      FrontendBridge bridge,
      Solving solving,
      ClientSessions sessions,
      Platform defaultPlatform) {
    this.options = options;
    this.inputs = Map.copyOf(inputs);
    this.bridge = bridge;
    this.solving = solving;
    this.sessions = sessions;
    this.defaultPlatform = defaultPlatform;
  }

  /// One given for the platform comes before one given for all.
  Optional<NamedContext> find(
      String name, Optional<Platform> platform, Supplier<List<String>> usedPaths) {
    ImageName parsed;
    try {
      parsed = ImageName.parse(name);
    } catch (DockerfileError e) {
      throw e.withPrefix("invalid context name " + name + ": ");
    }
    String familiar = parsed.familiar();
    String shortName =
        familiar.endsWith(":latest")
            ? familiar.substring(0, familiar.length() - ":latest".length())
            : familiar;
    String qualified = shortName + "::" + platform.orElse(defaultPlatform).formatAll();
    return find(shortName, qualified, platform, usedPaths)
        .or(() -> find(shortName, shortName, platform, usedPaths));
  }

  private Optional<NamedContext> find(
      String name, String shown, Optional<Platform> platform, Supplier<List<String>> usedPaths) {
    return options
        .find("context:" + shown)
        .map(value -> () -> new Load(name, shown, value, platform, usedPaths).load(0));
  }

  /// One use of one named context, shown by its name, with the platform if it was given for one.
  private final class Load {
    private final String name;
    private final String shown;
    private final String value;
    private final Optional<Platform> platform;
    private final Supplier<List<String>> usedPaths;

    Load(
        String name,
        String shown,
        String value,
        Optional<Platform> platform,
        Supplier<List<String>> usedPaths) {
      this.name = name;
      this.shown = shown;
      this.value = value;
      this.platform = platform;
      this.usedPaths = usedPaths;
    }

    /// @param conversions how often a source policy has made another of it
    Loaded load(int conversions) {
      if (conversions > MOST_CONVERSIONS) {
        throw new DockerfileError(
            "context recursion limit exceeded; this may indicate a cycle in the provided source"
                + " policies: "
                + value);
      }
      int colon = value.indexOf(':');
      if (colon < 0) {
        throw new DockerfileError("invalid context specifier " + value + " for " + shown);
      }
      String scheme = value.startsWith("git@") ? "git" : value.substring(0, colon);
      String rest = value.substring(colon + 1);
      return switch (scheme) {
        case "docker-image" -> image(rest.startsWith("//") ? rest.substring(2) : rest, conversions);
        case "oci-layout" -> layout(rest.startsWith("//") ? rest.substring(2) : rest);
        case "local" -> directory(rest);
        case "input" -> input(rest);
        case "git" ->
            tree(
                repository()
                    .orElseThrow(() -> new DockerfileError("invalid git context " + value)));
        case "http", "https" ->
            tree(
                repository()
                    .orElseGet(
                        () -> Sources.http(value, "context", "", notes("] " + value)).output()));
        default ->
            throw new DockerfileError("unsupported context source " + scheme + " for " + shown);
      };
    }

    private NodeNotes notes(String text) {
      return NodeNotes.named("[context " + shown + text);
    }

    private static Loaded tree(Output output) {
      return new Loaded(BuildState.of(output), Optional.empty());
    }

    private Optional<Output> repository() {
      return GitAddress.parse(value)
          .map(
              address ->
                  Sources.git(
                          address.forContext(false, false),
                          NodeNotes.named("[internal] load git source " + value))
                      .output());
    }

    private Loaded image(String reference, int conversions) {
      if (reference.equals("scratch")) {
        return new Loaded(BuildState.SCRATCH, Optional.empty());
      }
      SourceOp asked = new SourceOp(IMAGE + ImageName.parse(reference).withDefaultTag(), Map.of());
      ImageQuery query =
          new ImageQuery(
              platform.orElse(defaultPlatform),
              "[context " + shown + "] load metadata for " + reference,
              options.config().resolveMode().text(),
              Optional.empty(),
              false);
      ResolvedSource resolved = bridge.resolveSource(asked, SourceQuery.of(query));
      SourceOp found = resolved.source();
      if (!found.scheme().equals("docker-image")) {
        String other = found.scheme() + ":" + found.rest();
        return new Load(name, shown, other, platform, usedPaths).load(conversions + 1);
      }
      ResolvedImage image =
          resolved
              .image()
              .orElseThrow(
                  () -> new NotFound("resolving " + found.identifier() + " gave no image"));
      String kept =
          found.identifier().equals(asked.identifier()) ? image.reference() : found.rest();
      SourceNode source = Sources.namedImage(kept, platform, notes("] " + reference));
      return loaded(source, ByteString.copyFrom(image.config()));
    }

    private static Loaded loaded(SourceNode source, ByteString config) {
      return new Loaded(ImageBase.state(source.output(), config), Optional.of(config));
    }

    private Loaded layout(String reference) {
      ImageName store;
      try {
        store = ImageName.parseFull(reference);
      } catch (DockerfileError e) {
        throw e.withPrefix(
            "could not parse oci-layout reference " + GoText.quote(reference) + ": ");
      }
      if (store.digest().isEmpty()) {
        throw new DockerfileError(
            "oci-layout reference " + GoText.quote(store.toString()) + " has no digest");
      }
      String shownReference = ImageName.parse(name).withDigest(store.digest().get()).toString();
      ResolvedImage image =
          bridge.resolveImage(
              shownReference,
              new ImageQuery(
                  platform.orElse(defaultPlatform),
                  "[context " + shown + "] load metadata for " + shownReference,
                  "default",
                  Optional.of(new OciStore(sessions.main(), store.name())),
                  false));
      SourceNode source =
          Sources.ociLayout(
              shownReference,
              sessions.main(),
              store.name(),
              platform,
              notes("] OCI load from client"));
      return loaded(source, ByteString.copyFrom(image.config()));
    }

    private Loaded directory(String directory) {
      List<String> excluded = ignored(directory);
      String sharedKey =
          "context:" + shown + "-" + options.find("sharedkey:localdir:" + shown).orElse("");
      return tree(
          new SourceNode(
                  () ->
                      Sources.local(
                          directory, files(directory, usedPaths.get(), excluded, sharedKey, false)),
                  Optional.empty(),
                  notes("] load from client"))
              .output());
    }

    private List<String> ignored(String directory) {
      LocalFiles wanted =
          files(
              directory,
              List.of(IGNORE_FILE),
              List.of(),
              "context:" + shown + "-" + IGNORE_FILE,
              true);
      SourceNode source =
          new SourceNode(
              Sources.local(directory, wanted), Optional.empty(), notes("] load " + IGNORE_FILE));
      return Solving.find(bridge.solveNow(solving.definition(source.output())), IGNORE_FILE)
          .map(bytes -> IgnoreFile.parse(new String(bytes, StandardCharsets.UTF_8)))
          .orElse(List.of());
    }

    private LocalFiles files(
        String directory,
        List<String> paths,
        List<String> excluded,
        String sharedKey,
        boolean sentWhole) {
      return new LocalFiles(
          sessions.of(directory), sessions.uniqueId(), paths, excluded, sharedKey, sentWhole);
    }

    private Loaded input(String input) {
      Definition definition = inputs.get(input);
      if (definition == null) {
        throw new DockerfileError("invalid input " + input + " for " + shown);
      }
      Optional<ByteString> config =
          options
              .find("input-metadata:" + input)
              .flatMap(metadata -> InputMetadata.imageConfig(metadata, shown));
      Optional<Output> output = MainContextFinder.output(definition);
      BuildState state = BuildState.SCRATCH.withRoot(output);
      return new Loaded(
          config.isPresent() && output.isPresent()
              ? ImageBase.state(output.get(), config.get())
              : state,
          config);
    }
  }
}
