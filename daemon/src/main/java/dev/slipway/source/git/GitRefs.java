package dev.slipway.source.git;

import dev.slipway.failure.CorruptData;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.failure.NotFound;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Asks a remote what a ref points at, the way BuildKit does: branches win over tags
/// (source/git/source.go, `resolveMetadata`).
final class GitRefs {
  private static final Pattern DEFAULT_BRANCH =
      Pattern.compile("^ref: (\\S+)\\s+HEAD$", Pattern.MULTILINE);

  private final GitIdentifier identifier;
  private final GitCommand git;

  GitRefs(GitIdentifier identifier, GitCommand git) {
    this.identifier = identifier;
    this.git = git;
  }

  /// @throws NotFound the remote has no such ref
  /// @throws CorruptData it points at another commit than the checksum says
  ResolvedCommit resolve() {
    String ref = identifier.ref();
    if (GitIdentifier.isCommit(ref)) {
      if (!ref.startsWith(identifier.checksum())) {
        throw new CorruptData(
            "expected checksum to match " + identifier.checksum() + ", got " + ref);
      }
      return new ResolvedCommit(ref, ref, Optional.empty());
    }
    return identifier.fetchByCommit()
        ? promised(ref)
        : asked(ref.isEmpty() ? defaultBranch() : ref);
  }

  private ResolvedCommit promised(String ref) {
    String checksum = identifier.checksum();
    if (!GitIdentifier.isCommit(checksum)) {
      throw new InvalidRequest(
          checksum.isEmpty()
              ? "fetch-by-commit requires a checksum or a commit SHA ref"
              : "fetch-by-commit requires a full commit SHA checksum, got \"" + checksum + "\"");
    }
    String full = ref.isEmpty() ? checksum : ref.startsWith("refs/") ? ref : "refs/heads/" + ref;
    return new ResolvedCommit(full, checksum, Optional.empty());
  }

  String defaultBranch() {
    String output = git.run("ls-remote", "--symref", "--", identifier.remote(), "HEAD");
    Matcher matcher = DEFAULT_BRANCH.matcher(output);
    if (!matcher.find() || matcher.group(1).startsWith("-")) {
      throw new NotFound(
          "could not find default branch for repository: " + identifier.shownRemote());
    }
    return matcher.group(1);
  }

  private ResolvedCommit asked(String ref) {
    String output = git.run("ls-remote", "--", identifier.remote(), ref, ref + "^{}");
    Map<String, String> objects = new HashMap<>();
    for (String line : output.lines().toList()) {
      String[] fields = line.split("\t", 2);
      if (fields.length == 2 && GitIdentifier.isCommit(fields[0])) {
        objects.put(fields[1], fields[0]);
      }
    }
    ResolvedCommit found = choose(ref, objects);
    String checksum = identifier.checksum();
    if (!found.fits(checksum)) {
      String got =
          found.commit().map(commit -> found.object() + " or " + commit).orElse(found.object());
      throw new CorruptData("expected checksum to match " + checksum + ", got " + got);
    }
    return found;
  }

  private ResolvedCommit choose(String ref, Map<String, String> objects) {
    String exact = "refs/" + without("refs/", ref);
    String branch = "refs/heads/" + without("refs/heads/", ref);
    String tag = "refs/tags/" + without("refs/tags/", ref);
    if (objects.containsKey(exact)) {
      return new ResolvedCommit(exact, objects.get(exact), peeled(exact, tag, objects));
    }
    if (objects.containsKey(branch)) {
      return new ResolvedCommit(branch, objects.get(branch), Optional.empty());
    }
    if (objects.containsKey(tag)) {
      return new ResolvedCommit(
          tag, objects.get(tag), Optional.ofNullable(objects.get(tag + "^{}")));
    }
    throw new NotFound(
        "repository does not contain ref " + ref + " (" + identifier.shownRemote() + ")");
  }

  /// A tag named in full is still a tag.
  private static Optional<String> peeled(String exact, String tag, Map<String, String> objects) {
    return exact.equals(tag) ? Optional.ofNullable(objects.get(tag + "^{}")) : Optional.empty();
  }

  private static String without(String prefix, String ref) {
    return ref.startsWith(prefix) ? ref.substring(prefix.length()) : ref;
  }
}
