package dev.slipway.frontend.dockerfile;

import com.google.protobuf.ByteString;
import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.NotFound;
import dev.slipway.frontend.FrontendBridge;
import dev.slipway.frontend.FrontendRef;
import dev.slipway.frontend.dockerfile.convert.Sources;
import dev.slipway.frontend.dockerfile.convert.Sources.LocalFiles;
import dev.slipway.frontend.dockerfile.graph.DefinitionWriter.SourceFile;
import dev.slipway.frontend.dockerfile.graph.NodeNotes;
import dev.slipway.frontend.dockerfile.graph.Output;
import dev.slipway.frontend.dockerfile.graph.SourceNode;
import dev.slipway.frontend.dockerfile.ignore.SlashPath;
import dev.slipway.llb.Definition;
import dev.slipway.llb.LlbEncoder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Fetches the Dockerfile, and the ignore file that lies beside it.
final class DockerfileReader {
  private static final String USUAL_NAME = "Dockerfile";

  private final FrontendOptions options;
  private final MainContext context;
  private final FrontendBridge bridge;
  private final Solving solving;
  private final ClientSessions sessions;

  DockerfileReader(
      FrontendOptions options,
      MainContext context,
      FrontendBridge bridge,
      Solving solving,
      ClientSessions sessions) {
    this.options = options;
    this.context = context;
    this.bridge = bridge;
    this.solving = solving;
    this.sessions = sessions;
  }

  /// Blocks while the client sends the file.
  ///
  /// @throws NotFound no such file
  DockerfileSource read() {
    String filename = filename();
    Definition definition = solving.definition(tree(filename));
    byte[] text;
    Optional<byte[]> ignoreFile;
    try {
      Optional<FrontendRef> tree = bridge.solve(definition);
      text = readEither(tree, filename);
      ignoreFile = Solving.find(tree, filename + ".dockerignore");
    } catch (BuildFailure e) {
      throw e.in("failed to read dockerfile");
    }
    SourceFile file =
        new SourceFile(
            filename,
            USUAL_NAME,
            ByteString.copyFrom(text),
            Optional.of(LlbEncoder.encodeBytes(definition)));
    return new DockerfileSource(file, definition.head().orElseThrow().vertex(), ignoreFile);
  }

  private String filename() {
    return context instanceof MainContext.Tree tree ? tree.filename() : options.filename();
  }

  private Output tree(String filename) {
    Optional<Output> given =
        switch (context) {
          case MainContext.Tree tree -> tree.dockerfile();
          case MainContext.ClientDirectory directory -> directory.dockerfile();
        };
    if (given.isPresent() && !options.ownDockerfileDirectory()) {
      return given.get();
    }
    List<String> wanted = new ArrayList<>(List.of(filename, filename + ".dockerignore"));
    if (SlashPath.base(filename).equals(USUAL_NAME)) {
      wanted.add(lowerCase(filename));
    }
    String name = options.dockerfileName();
    LocalFiles files =
        new LocalFiles(sessions.of(name), sessions.uniqueId(), wanted, List.of(), name, true);
    return new SourceNode(
            Sources.local(name, files),
            Optional.empty(),
            NodeNotes.named("[internal] load build definition from " + filename))
        .output();
  }

  private static String lowerCase(String filename) {
    return SlashPath.join(SlashPath.directory(filename), "dockerfile");
  }

  /// A file of the usual name may be written in lower case too.
  private static byte[] readEither(Optional<FrontendRef> tree, String filename) {
    try {
      return Solving.read(tree, filename);
    } catch (NotFound e) {
      if (!SlashPath.base(filename).equals(USUAL_NAME)) {
        throw e;
      }
      return Solving.find(tree, lowerCase(filename)).orElseThrow(() -> e);
    }
  }
}
