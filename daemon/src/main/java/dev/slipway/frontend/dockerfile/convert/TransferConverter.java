package dev.slipway.frontend.dockerfile.convert;

import dev.slipway.frontend.dockerfile.graph.Output;
import dev.slipway.frontend.dockerfile.ignore.IgnoreMatcher;
import dev.slipway.frontend.dockerfile.ignore.SlashPath;
import dev.slipway.frontend.dockerfile.instruction.Instruction;
import dev.slipway.frontend.dockerfile.instruction.Instruction.Transfer;
import dev.slipway.frontend.dockerfile.lint.Linter;
import dev.slipway.frontend.dockerfile.shell.GoText;
import dev.slipway.frontend.dockerfile.source.DockerfileError;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// COPY and ADD. Confined to one instruction.
final class TransferConverter {
  private final Surroundings around;

  TransferConverter(Surroundings around) {
    this.around = around;
  }

  /// What a transfer happens in.
  ///
  /// @param ignored what the client does not send of the tree copied from
  record Surroundings(
      Scope scope, StageBuild stage, Linter linter, Optional<IgnoreMatcher> ignored) {}

  void requireConverted(StageBuild source, String from) {
    if (!source.converted) {
      throw new DockerfileError(
          "cannot copy from stage "
              + GoText.quote(from)
              + ", it needs to be defined before current stage "
              + GoText.quote(around.stage().shownName));
    }
  }

  /// @param usedPaths of the tree copied from, to which the sources are added
  void copy(
      Instruction.Copy copy,
      Substitution substitution,
      Optional<Output> from,
      Set<String> usedPaths) {
    Transfer transfer = substitution.apply(copy.transfer());
    TransferPlan plan = new TransferPlan(around, copy.origin(), transfer, from, copy.parents());
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
    TransferPlan plan = new TransferPlan(around, add.origin(), transfer, from, false);
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
        around.stage().contextPaths.add(SlashPath.join("/", source));
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
}
