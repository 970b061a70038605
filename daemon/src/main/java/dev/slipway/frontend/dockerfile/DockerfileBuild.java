package dev.slipway.frontend.dockerfile;

import com.google.protobuf.ByteString;
import dev.slipway.frontend.FrontendBridge;
import dev.slipway.frontend.FrontendRef;
import dev.slipway.frontend.FrontendResult;
import dev.slipway.frontend.FrontendResult.AttestationResult;
import dev.slipway.frontend.dockerfile.convert.BuildConfig;
import dev.slipway.frontend.dockerfile.convert.BuildContexts;
import dev.slipway.frontend.dockerfile.convert.Conversion;
import dev.slipway.frontend.dockerfile.convert.ConversionRequest;
import dev.slipway.frontend.dockerfile.convert.DockerfileConverter;
import dev.slipway.frontend.dockerfile.convert.Outline;
import dev.slipway.frontend.dockerfile.graph.DefinitionWriter.SourceFile;
import dev.slipway.frontend.dockerfile.lint.LintOptions;
import dev.slipway.frontend.dockerfile.lint.LintWarning;
import dev.slipway.frontend.dockerfile.lint.Linter;
import dev.slipway.frontend.dockerfile.parser.SyntaxLine;
import dev.slipway.frontend.dockerfile.source.DockerfileError;
import dev.slipway.frontend.sbom.SbomScanner;
import dev.slipway.llb.Definition;
import dev.slipway.oci.Platform;
import dev.slipway.progress.ProgressEvent.WarnedSource;
import dev.slipway.task.TaskScope;
import dev.slipway.task.TaskScope.Forked;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/// One request to build one Dockerfile for its platforms.
final class DockerfileBuild {
  private final FrontendOptions options;
  private final DockerfileSource dockerfile;
  private final BuildContexts contexts;
  private final FrontendBridge bridge;
  private final Platform buildPlatform;
  private final Set<String> capabilities;
  private final boolean labs;

  DockerfileBuild(
      FrontendOptions options,
      DockerfileSource dockerfile,
      BuildContexts contexts,
      FrontendBridge bridge,
      Platform buildPlatform,
      Set<String> capabilities,
      boolean labs) {
    this.options = options;
    this.dockerfile = dockerfile;
    this.contexts = contexts;
    this.bridge = bridge;
    this.buildPlatform = buildPlatform;
    this.capabilities = capabilities;
    this.labs = labs;
  }

  private record Built(Optional<FrontendRef> ref, Conversion conversion) {}

  /// Converts and solves for all platforms side by side.
  FrontendResult build() {
    List<Optional<Platform>> targets =
        options.targets().isEmpty()
            ? List.of(Optional.empty())
            : options.targets().stream().map(Optional::of).toList();
    LintOptions lint = lintOptions();
    Optional<SbomScanner> scanner =
        options
            .sbom()
            .map(wanted -> SbomScanner.find(wanted, buildPlatform, resolveMode(), bridge));
    List<Forked<Built>> running = new ArrayList<>();
    BuildResults results = new BuildResults(options.config().multiPlatform());
    try (TaskScope tasks = TaskScope.open("convert Dockerfile")) {
      for (Optional<Platform> target : targets) {
        // Most of what there is to say is the same for every platform.
        Linter linter = new Linter(running.isEmpty() ? lint : lint.ofFurtherPlatform(), this::warn);
        running.add(tasks.fork(() -> build(target, linter)));
      }
      tasks.join();
      for (int i = 0; i < targets.size(); i++) {
        Built built = running.get(i).result();
        Platform platform = targets.get(i).orElse(buildPlatform);
        results.add(platform, built.ref(), built.conversion());
        scanner.ifPresent(found -> results.state(platform, scan(found, platform, built)));
      }
    }
    return results.finish();
  }

  private Built build(Optional<Platform> target, Linter linter) {
    Conversion conversion =
        DockerfileConverter.convert(request(options.config(), target, linter, false), contexts);
    return new Built(bridge.solve(conversion.definition()), conversion);
  }

  private String resolveMode() {
    return options.config().resolveMode().text();
  }

  private AttestationResult scan(SbomScanner scanner, Platform platform, Built built) {
    return scanner.scan(
        platform.formatAll(),
        built.conversion().definition(),
        built.conversion().scanned(),
        built.conversion().ignoreCache(),
        bridge);
  }

  /// Converts without solving, to learn what rules and readers say about every stage.
  void inspect(Linter linter) {
    boolean allStages = options.config().target().isEmpty();
    DockerfileConverter.convert(
        request(options.config(), Optional.empty(), linter, allStages), contexts);
  }

  /// What a client can set.
  Outline outline() {
    ConversionRequest request =
        request(options.config(), options.targets().stream().findFirst(), Linter.silent(), false);
    return DockerfileConverter.outline(request, contexts);
  }

  /// What the target becomes, for the first platform asked for.
  Definition definition() {
    ConversionRequest request =
        request(options.config(), options.targets().stream().findFirst(), Linter.silent(), false);
    return DockerfileConverter.convert(request, contexts).definition();
  }

  private ConversionRequest request(
      BuildConfig config, Optional<Platform> target, Linter linter, boolean allStages) {
    return new ConversionRequest(
        dockerfile.text(),
        config,
        target,
        List.of(buildPlatform),
        capabilities,
        Optional.of(dockerfile.file()),
        linter,
        allStages,
        labs,
        () -> UUID.randomUUID().toString());
  }

  LintOptions lintOptions() {
    if (options.lint().isPresent()) {
      return options.lint().get();
    }
    try {
      return LintOptions.parse(SyntaxLine.check(dockerfile.text()));
    } catch (DockerfileError e) {
      throw e.withPrefix("failed to parse check options: ");
    }
  }

  private void warn(LintWarning warning) {
    SourceFile file = dockerfile.file();
    WarnedSource source =
        new WarnedSource(
            file.name(),
            file.language(),
            file.data().toByteArray(),
            file.definition().map(ByteString::toByteArray).orElse(new byte[0]),
            FailureTranslator.ranges(warning.place()));
    bridge.warn(
        dockerfile.vertex(),
        1,
        warning.summary(),
        List.of(warning.rule().description()),
        warning.rule().url(),
        Optional.of(source));
  }
}
