package dev.slipway.frontend.dockerfile.convert;

import java.util.Optional;

/// A repository, and what of it: `https://host/a.git#ref:dir`, `git@host:a.git`, or with a query.
///
/// @param scheme `https`, `http`, `git` or `ssh`
/// @param host with port, without user
/// @param path decoded
/// @param remote what git is given
/// @param reference branch, tag or commit; empty for the default branch
/// @param directory part of the repository, relative; empty for all
/// @param checksum commit it must be; empty when not said
/// @param modificationTime `commit`, `checkout` or empty
/// @param looksLocal written as `github.com/…` without scheme, which only a build context may be
public record GitAddress(
    String scheme,
    String host,
    String path,
    String remote,
    String reference,
    String directory,
    String checksum,
    Optional<Boolean> keepGitDir,
    Optional<Boolean> submodules,
    String modificationTime,
    boolean fetchByCommit,
    boolean looksLocal) {

  /// The repository `text` names; empty when it names none. Fails when it does, with a query that
  /// makes no sense.
  public static Optional<GitAddress> parse(String text) {
    return GitAddressReader.read(text);
  }

  /// The same for an ADD that says what to keep and what commit it must be.
  GitAddress forAdd(Optional<Boolean> keep, String commit) {
    return new GitAddress(
        scheme,
        host,
        path,
        remote,
        reference,
        directory,
        commit,
        keep,
        submodules,
        "",
        fetchByCommit,
        looksLocal);
  }

  /// The same as a build context.
  ///
  /// @param keep whether `.git` stays whatever the address says
  /// @param commitTimes whether files get the time of the commit unless the address says otherwise
  public GitAddress forContext(boolean keep, boolean commitTimes) {
    boolean keeps = keep || keepGitDir.orElse(false);
    String times = modificationTime.isEmpty() && commitTimes ? "commit" : modificationTime;
    return new GitAddress(
        scheme,
        host,
        path,
        remote,
        reference,
        directory,
        checksum,
        Optional.of(keeps),
        submodules,
        times,
        fetchByCommit,
        looksLocal);
  }
}
