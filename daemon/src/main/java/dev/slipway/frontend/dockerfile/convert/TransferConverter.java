package dev.slipway.frontend.dockerfile.convert;

import dev.slipway.failure.InvalidRequest;
import dev.slipway.frontend.dockerfile.graph.FileNode;
import dev.slipway.frontend.dockerfile.graph.FileNode.CopyFiles;
import dev.slipway.frontend.dockerfile.graph.FileNode.CopyRules;
import dev.slipway.frontend.dockerfile.graph.MergeNode;
import dev.slipway.frontend.dockerfile.graph.NodeNotes;
import dev.slipway.frontend.dockerfile.graph.Output;
import dev.slipway.frontend.dockerfile.ignore.IgnoreMatcher;
import dev.slipway.frontend.dockerfile.ignore.SlashPath;
import dev.slipway.frontend.dockerfile.instruction.Instruction;
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
import java.util.Set;

/// COPY and ADD. Confined to one instruction.
final class TransferConverter {
  private final Scope scope;
  private final StageBuild stage;
  private final Linter linter;
  private final Optional<IgnoreMatcher> ignored;

  /// @param ignored what the client does not send of the tree copied from
  TransferConverter(Scope scope, StageBuild stage, Linter linter, Optional<IgnoreMatcher> ignored) {
    this.scope = scope;
    this.stage = stage;
    this.linter = linter;
    this.ignored = ignored;
  }

  void requireConverted(StageBuild source, String from) {
    if (!source.converted) {
      throw new DockerfileError("cannot copy from stage " + GoText.quote(from)
          + ", it needs to be defined before current stage " + GoText.quote(stage.shownName));
    }
  }

  /// @param usedPaths of the tree copied from, to which the sources are added
  void copy(Instruction.Copy copy, Substitution substitution, Optional<Output> from, Set<String> usedPaths) {
    Transfer transfer = substitution.apply(copy.transfer());
    Plan plan = new Plan(copy.origin(), transfer, from, copy.parents());
    for (String source : transfer.sources()) {
      if (git(source).isPresent()) {
        throw new DockerfileError("source can't be a git ref for COPY");
      }
      if (isHttp(source)) {
        throw new DockerfileError("source can't be a URL for COPY");
      }
      plan.local(source, "Copy", false);
    }
    plan.finish("COPY");
    transfer.sources().forEach(source -> usedPaths.add(SlashPath.join("/", source)));
  }

  void add(Instruction.Add add, Substitution substitution, Optional<Output> from) {
    Transfer transfer = substitution.apply(add.transfer());
    String checksum = substitution.apply(add.checksum());
    Plan plan = new Plan(add.origin(), transfer, from, false);
    requireChecksumFits(checksum, transfer.sources());
    Optional<Boolean> keepGitDir = add.keepGitDir();
    for (String source : transfer.sources()) {
      Optional<GitAddress> address = git(source);
      if (address.isPresent()) {
        keepGitDir = agree(keepGitDir, address.get().keepGitDir());
        plan.repository(address.get(), keepGitDir, checksum);
      } else if (isHttp(source)) {
        plan.download(source, checksum, add.unpack().orElse(false));
      } else {
        plan.local(source, "Add", add.unpack().orElse(true));
      }
    }
    plan.finish("ADD");
    for (String source : transfer.sources()) {
      if (!source.startsWith("http://") && !source.startsWith("https://")) {
        stage.contextPaths.add(SlashPath.join("/", source));
      }
    }
  }

  private static void requireChecksumFits(String checksum, List<String> sources) {
    if (checksum.isEmpty()) {
      return;
    }
    if (sources.size() != 1) {
      throw new DockerfileError("checksum can't be specified for multiple sources");
    }
    if (!isHttp(sources.getFirst()) && git(sources.getFirst()).isEmpty()) {
      throw new DockerfileError("checksum requires HTTP(S) or Git sources");
    }
  }

  private static Optional<Boolean> agree(Optional<Boolean> flag, Optional<Boolean> query) {
    if (flag.isPresent() && query.isPresent() && !flag.equals(query)) {
      throw new DockerfileError("inconsistent keep-git-dir configuration");
    }
    return query.or(() -> flag);
  }

  /// A repository, unless the name could as well be a file's.
  private static Optional<GitAddress> git(String source) {
    return GitAddress.parse(source).filter(address -> !address.looksLocal());
  }

  private static boolean isHttp(String source) {
    return (source.startsWith("http://") || source.startsWith("https://")) && git(source).isEmpty();
  }

  private String os() {
    return stage.platform.orElse(scope.target()).os();
  }

  /// The copies one instruction makes, gathered source by source.
  private final class Plan {
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

    Plan(Origin origin, Transfer transfer, Optional<Output> from, boolean parents) {
      this.origin = origin;
      this.transfer = transfer;
      this.from = from;
      this.parents = parents;
      this.destination = destination(transfer.destination());
      this.owner = transfer.owner().isEmpty() ? Optional.empty() : Optional.of(Owners.parse(transfer.owner()));
      this.mode = FileMode.parse(transfer.mode());
      this.shown = StepNames.withUpperKeyword(
          StepNames.substituted(origin.text(), scope.words(), stage.state.env()));
      this.name = StepNames.next(stage, shown, scope.config().multiPlatform(), platform(), stage.state.env());
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
      CopyRules rules = new CopyRules(
          mode.bits(), mode.symbolic(), unpack, FileNode.CopyStyle.ONE, List.of(), transfer.excludes(), List.of());
      actions.add(new CopyFiles(Optional.of(source), path, destination, owner, rules));
    }

    void repository(GitAddress address, Optional<Boolean> keepGitDir, String checksum) {
      if (!checksum.isEmpty() && !address.checksum().isEmpty() && !checksum.equals(address.checksum())) {
        throw new DockerfileError(
            "checksum mismatch " + GoText.quote(checksum) + " != " + GoText.quote(address.checksum()));
      }
      GitAddress exact = address.forAdd(keepGitDir, address.checksum().isEmpty() ? checksum : address.checksum());
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
      CopyRules rules = new CopyRules(
          mode.bits(), mode.symbolic(), unpack, FileNode.CopyStyle.PATTERN, includes, transfer.excludes(), required);
      actions.add(new CopyFiles(from, path, destination, owner, rules));
    }

    private void document(Document document) {
      String path = SlashPath.join("/", TargetPath.slashes(TargetPath.withoutDrive(document.name(), os(), false), os()));
      FileNode file = InlineDocuments.file(path, 0644, document.text());
      copyOne(file.output(), path, false);
    }

    void finish(String keyword) {
      transfer.documents().forEach(this::document);
      NodeNotes notes = NodeNotes.named(name).at(origin.place()).ignoringCache(stage.ignoreCache);
      Optional<Output> result = transfer.link() && transfer.mode().isEmpty() && scope.supports("mergeop")
          ? linked(notes)
          : Optional.of(new FileNode(stage.state.root(), actions, notes).output());
      stage.state = stage.state.withRoot(result);
      stage.record(historyLine(keyword) + " # buildkit", true, scope.historyTime());
    }

    /// The files as a layer of their own, laid over the stage: the layer stays the same when the stage changes.
    private Optional<Output> linked(NodeNotes notes) {
      String id = scope.groupIds().get();
      Output files = new FileNode(Optional.empty(), actions, notes.inGroup(new NodeNotes.Group(id, name, true))).output();
      if (stage.state.root().isEmpty()) {
        return Optional.of(files);
      }
      String linkName = StepNames.again(
          stage, "LINK " + shown, scope.config().multiPlatform(), platform(), stage.state.env());
      NodeNotes merged = NodeNotes.named(linkName)
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
  }

  private static void requireDigest(String checksum) {
    try {
      Digest.parse(checksum);
    } catch (InvalidRequest e) {
      String algorithm = checksum.contains(":") ? checksum.substring(0, checksum.indexOf(':')) : "";
      throw new DockerfileError(algorithm.matches("[a-z0-9]+(?:[+._-][a-z0-9]+)*")
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
