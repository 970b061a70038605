package dev.slipway.frontend.dockerfile;

import dev.slipway.failure.BuildFailure;
import dev.slipway.frontend.FrontendRef;
import dev.slipway.frontend.FrontendRef.ByteRange;
import dev.slipway.frontend.dockerfile.convert.GitAddress;
import dev.slipway.frontend.dockerfile.convert.Sources;
import dev.slipway.frontend.dockerfile.graph.FileNode;
import dev.slipway.frontend.dockerfile.graph.FileNode.CopyFiles;
import dev.slipway.frontend.dockerfile.graph.FileNode.CopyRules;
import dev.slipway.frontend.dockerfile.graph.FileNode.CopyStyle;
import dev.slipway.frontend.dockerfile.graph.ImportedNode;
import dev.slipway.frontend.dockerfile.graph.NodeNotes;
import dev.slipway.frontend.dockerfile.graph.Output;
import dev.slipway.frontend.dockerfile.graph.SourceNode;
import dev.slipway.fsutil.Archives;
import dev.slipway.llb.Definition;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Finds out what the option `context` means: a repository, a download, an input, or the client's
/// directory.
final class MainContextFinder {
  private static final String DOWNLOAD = "context";

  private final FrontendOptions options;
  private final Map<String, Definition> inputs;
  private final Solving solving;

  MainContextFinder(FrontendOptions options, Map<String, Definition> inputs, Solving solving) {
    this.options = options;
    this.inputs = inputs;
    this.solving = solving;
  }

  /// Downloads a remote file to see what it is; nothing else blocks.
  MainContext find() {
    Optional<GitAddress> repository = GitAddress.parse(options.context());
    MainContext context;
    if (repository.isPresent()) {
      context = repository(repository.get());
    } else if (options.context().startsWith("http://")
        || options.context().startsWith("https://")) {
      context = download(options.context());
    } else {
      context = given();
    }
    return context instanceof MainContext.Tree tree ? inDirectory(tree) : context;
  }

  private MainContext repository(GitAddress address) {
    boolean stamped =
        options.find("build-arg:SOURCE_DATE_EPOCH").filter(value -> !value.isEmpty()).isPresent();
    SourceNode source =
        Sources.git(
            address.forContext(options.keepGitDir(), stamped),
            NodeNotes.named("[internal] load git source " + options.context()));
    Optional<Output> files = Optional.of(source.output());
    return new MainContext.Tree(files, files, options.filename(), Optional.of(source));
  }

  /// An archive is a whole context, any other file is the Dockerfile.
  private MainContext download(String url) {
    SourceNode source =
        Sources.http(url, DOWNLOAD, "", NodeNotes.named("[internal] load remote build context"));
    byte[] start;
    try {
      Optional<FrontendRef> tree = solving.solve(source.output());
      start =
          tree.isEmpty()
              ? new byte[0]
              : tree.get().readFile(DOWNLOAD, Optional.of(new ByteRange(0, Archives.SAMPLE)));
    } catch (BuildFailure e) {
      throw e.in("failed to read downloaded context");
    }
    if (!Archives.isArchive(start)) {
      Optional<Output> file = Optional.of(source.output());
      return new MainContext.Tree(file, file, DOWNLOAD, Optional.of(source));
    }
    Optional<Output> files =
        Optional.of(copied(source.output(), "/" + DOWNLOAD, CopyStyle.ARCHIVE));
    return new MainContext.Tree(files, files, options.filename(), Optional.of(source));
  }

  private MainContext given() {
    Optional<Output> dockerfile =
        options.ownDockerfileDirectory()
            ? Optional.empty()
            : Optional.ofNullable(inputs.get(options.dockerfileName()))
                .flatMap(MainContextFinder::output);
    Definition context = inputs.get(options.contextName());
    return context == null
        ? new MainContext.ClientDirectory(options.contextName(), dockerfile)
        : new MainContext.Tree(output(context), dockerfile, options.filename(), Optional.empty());
  }

  static Optional<Output> output(Definition definition) {
    return definition.head().map(head -> new Output(new ImportedNode(definition), head.index()));
  }

  private MainContext inDirectory(MainContext.Tree tree) {
    if (options.contextDirectory().isEmpty() || tree.files().isEmpty()) {
      return tree;
    }
    String directory = options.contextDirectory().get();
    String path = directory.startsWith("/") ? directory : "/" + directory;
    return new MainContext.Tree(
        Optional.of(copied(tree.files().get(), path, CopyStyle.CONTENTS)),
        tree.dockerfile(),
        tree.filename(),
        tree.source());
  }

  private static Output copied(Output source, String path, CopyStyle style) {
    CopyRules rules =
        new CopyRules(-1, "", style == CopyStyle.ARCHIVE, style, List.of(), List.of(), List.of());
    CopyFiles copy = new CopyFiles(Optional.of(source), path, "/", Optional.empty(), rules);
    return new FileNode(Optional.empty(), List.of(copy), NodeNotes.NONE).output();
  }
}
