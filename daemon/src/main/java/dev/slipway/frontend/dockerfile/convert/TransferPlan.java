package dev.slipway.frontend.dockerfile.convert;

import dev.slipway.failure.InvalidRequest;
import dev.slipway.frontend.dockerfile.convert.TransferConverter.Surroundings;
import dev.slipway.frontend.dockerfile.graph.FileNode;
import dev.slipway.frontend.dockerfile.graph.FileNode.CopyFiles;
import dev.slipway.frontend.dockerfile.graph.FileNode.CopyRules;
import dev.slipway.frontend.dockerfile.graph.MergeNode;
import dev.slipway.frontend.dockerfile.graph.NodeNotes;
import dev.slipway.frontend.dockerfile.graph.Output;
import dev.slipway.frontend.dockerfile.ignore.IgnoreMatcher;
import dev.slipway.frontend.dockerfile.ignore.SlashPath;
import dev.slipway.frontend.dockerfile.instruction.Instruction.Document;
import dev.slipway.frontend.dockerfile.instruction.Instruction.Transfer;
import dev.slipway.frontend.dockerfile.instruction.Origin;
import dev.slipway.frontend.dockerfile.lint.Linter;
import dev.slipway.frontend.dockerfile.shell.GoText;
import dev.slipway.frontend.dockerfile.source.DockerfileError;
import dev.slipway.oci.Digest;
import dev.slipway.oci.Platform;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The copies one COPY or ADD makes, gathered source by source. Confined to the instruction.
final class TransferPlan {
  private final Scope scope;
  private final StageBuild stage;
  private final Linter linter;
  private final Optional<IgnoreMatcher> ignored;
  private final Origin origin;
  private final Transfer transfer;
  private final Optional<Output> from;
  private final boolean parents;
  private final String destination;
  private final Optional<FileNode.Owner> owner;
  private final FileMode mode;
  private final String shown;
  private final String name;
  private final List<FileNode.Action> actions = new ArrayList<>();

  TransferPlan(
      Surroundings around,
      Origin origin,
      Transfer transfer,
      Optional<Output> from,
      boolean parents) {
    this.scope = around.scope();
    this.stage = around.stage();
    this.linter = around.linter();
    this.ignored = around.ignored();
    this.origin = origin;
    this.transfer = transfer;
    this.from = from;
    this.parents = parents;
    this.destination = destination(transfer.destination());
    this.owner =
        transfer.owner().isEmpty() ? Optional.empty() : Optional.of(Owners.parse(transfer.owner()));
    this.mode = FileMode.parse(transfer.mode());
    this.shown =
        StepNames.withUpperKeyword(
            StepNames.substituted(origin.text(), scope.words(), stage.state.env()));
    this.name =
        StepNames.next(stage, shown, scope.config().multiPlatform(), platform(), stage.state.env());
  }

  private Optional<Platform> platform() {
    return Optional.of(stage.platform.orElse(scope.target()));
  }

  private String destination(String written) {
    String path = TargetPath.withoutDrive(written, os(), true);
    if (TargetPath.isAbsolute(path, os())) {
      return clean(TargetPath.resolve("/", path, os(), true));
    }
    String relative = path.isEmpty() || path.equals(".") ? "./" : path;
    return clean(TargetPath.resolve(stage.state.directory(), relative, os(), true));
  }

  private static String clean(String path) {
    return TargetPath.withEndOf(path, SlashPath.clean(path));
  }

  private void copyOne(Output source, String path, boolean unpack) {
    CopyRules rules =
        new CopyRules(
            mode.bits(),
            mode.symbolic(),
            unpack,
            FileNode.CopyStyle.ONE,
            List.of(),
            transfer.excludes(),
            List.of());
    actions.add(new CopyFiles(Optional.of(source), path, destination, owner, rules));
  }

  void repository(GitAddress address, Optional<Boolean> keepGitDir, String checksum) {
    if (!checksum.isEmpty()
        && !address.checksum().isEmpty()
        && !checksum.equals(address.checksum())) {
      throw new DockerfileError(
          "checksum mismatch "
              + GoText.quote(checksum)
              + " != "
              + GoText.quote(address.checksum()));
    }
    GitAddress exact =
        address.forAdd(keepGitDir, address.checksum().isEmpty() ? checksum : address.checksum());
    copyOne(Sources.git(exact, NodeNotes.named(name)).output(), "/", false);
  }

  void download(String url, String checksum, boolean unpack) {
    if (!checksum.isEmpty()) {
      requireDigest(checksum);
    }
    String file = Sources.downloadName(url);
    NodeNotes notes = NodeNotes.named(name).withCommand("");
    copyOne(Sources.http(url, file, checksum, notes).output(), "/" + file, unpack);
  }

  void local(String written, String verb, boolean unpack) {
    LintChecks.ignoredSource(written, verb, ignored, origin.place(), linter);
    String source = written;
    List<String> includes = List.of();
    List<String> required = List.of();
    if (parents) {
      int pivot = written.indexOf("/./");
      source = pivot < 0 ? "/" : written.substring(0, pivot);
      String pattern =
          TargetPath.resolve("/", pivot < 0 ? written : written.substring(pivot + 3), os(), false);
      includes = List.of(pattern.startsWith("/") ? pattern.substring(1) : pattern);
      if (!hasWildcards(source) && !hasWildcards(pattern)) {
        required = List.of(TargetPath.resolve("/", SlashPath.join(source, pattern), os(), false));
      }
    }
    String path = SlashPath.clean(TargetPath.resolve("/", source, os(), false));
    CopyRules rules =
        new CopyRules(
            mode.bits(),
            mode.symbolic(),
            unpack,
            FileNode.CopyStyle.PATTERN,
            includes,
            transfer.excludes(),
            required);
    actions.add(new CopyFiles(from, path, destination, owner, rules));
  }

  private void document(Document document) {
    String path =
        SlashPath.join(
            "/", TargetPath.slashes(TargetPath.withoutDrive(document.name(), os(), false), os()));
    FileNode file = InlineDocuments.file(path, 0644, document.text());
    copyOne(file.output(), path, false);
  }

  void finish(String keyword) {
    transfer.documents().forEach(this::document);
    NodeNotes notes = NodeNotes.named(name).at(origin.place()).ignoringCache(stage.ignoreCache);
    Optional<Output> result =
        transfer.link() && transfer.mode().isEmpty() && scope.supports("mergeop")
            ? linked(notes)
            : Optional.of(new FileNode(stage.state.root(), actions, notes).output());
    stage.state = stage.state.withRoot(result);
    stage.record(historyLine(keyword) + " # buildkit", true, scope.historyTime());
  }

  /// The files as a layer of their own, laid over the stage: the layer stays the same when the
  /// stage changes.
  private Optional<Output> linked(NodeNotes notes) {
    String id = scope.groupIds().get();
    Output files =
        new FileNode(Optional.empty(), actions, notes.inGroup(new NodeNotes.Group(id, name, true)))
            .output();
    if (stage.state.root().isEmpty()) {
      return Optional.of(files);
    }
    String linkName =
        StepNames.again(
            stage, "LINK " + shown, scope.config().multiPlatform(), platform(), stage.state.env());
    NodeNotes merged =
        NodeNotes.named(linkName)
            .at(origin.place())
            .ignoringCache(stage.ignoreCache)
            .inGroup(new NodeNotes.Group(id, name, false));
    return Optional.of(new MergeNode(List.of(stage.state.root().get(), files), merged).output());
  }

  private String historyLine(String keyword) {
    StringBuilder line = new StringBuilder(keyword);
    if (parents) {
      line.append(" --parents");
    }
    if (!transfer.owner().isEmpty()) {
      line.append(" --chown=").append(transfer.owner());
    }
    if (!transfer.mode().isEmpty()) {
      line.append(" --chmod=").append(transfer.mode());
    }
    transfer.sources().forEach(source -> line.append(' ').append(source));
    transfer.documents().forEach(document -> line.append(" <<").append(document.name()));
    return line.append(' ').append(transfer.destination()).toString();
  }

  private String os() {
    return stage.platform.orElse(scope.target()).os();
  }

  private static void requireDigest(String checksum) {
    try {
      Digest.parse(checksum);
    } catch (InvalidRequest e) {
      String algorithm = checksum.contains(":") ? checksum.substring(0, checksum.indexOf(':')) : "";
      throw new DockerfileError(
          algorithm.matches("[a-z0-9]+(?:[+._-][a-z0-9]+)*")
                  && !algorithm.matches("sha(256|384|512)")
              ? "unsupported digest algorithm"
              : "invalid checksum digest format");
    }
  }

  private static boolean hasWildcards(String path) {
    for (int i = 0; i < path.length(); i++) {
      switch (path.charAt(i)) {
        case '*', '?', '[' -> {
          return true;
        }
        case '\\' -> i++;
        default -> {
          // an ordinary letter
        }
      }
    }
    return false;
  }
}
