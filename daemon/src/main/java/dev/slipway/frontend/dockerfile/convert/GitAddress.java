package dev.slipway.frontend.dockerfile.convert;

import dev.slipway.frontend.dockerfile.ignore.SlashPath;
import dev.slipway.frontend.dockerfile.instruction.Numbers;
import dev.slipway.frontend.dockerfile.shell.GoText;
import dev.slipway.frontend.dockerfile.source.DockerfileError;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

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

  private static final Pattern WITH_SCHEME =
      Pattern.compile("([a-zA-Z0-9]+)://([^/?#]*)([^?#]*)(?:\\?([^#]*))?(?:#(.*))?");
  private static final Pattern SCP =
      Pattern.compile("([a-zA-Z0-9-_]+)@([a-zA-Z0-9-.]+):(.*?)(?:\\?(.*?))?(?:#(.*))?");
  private static final Set<String> SCHEMES = Set.of("http", "https", "ssh", "git");

  /// The repository `text` names; empty when it names none. Fails when it does, with a query that makes no sense.
  public static Optional<GitAddress> parse(String text) {
    if (text.startsWith("./") || text.startsWith("../")) {
      return Optional.empty();
    }
    if (text.startsWith("github.com/")) {
      return url("https://" + text, true);
    }
    Matcher scp = SCP.matcher(text);
    if (WITH_SCHEME.matcher(text).lookingAt()) {
      return url(text, false);
    }
    if (!scp.matches()) {
      return Optional.empty();
    }
    String remote = scp.group(1) + "@" + scp.group(2) + ":" + scp.group(3);
    GitAddress plain = plain("ssh", scp.group(2), scp.group(3), remote, group(scp, 5), false);
    return Optional.of(plain.withQuery(group(scp, 4)));
  }

  private static Optional<GitAddress> url(String text, boolean looksLocal) {
    Matcher url = WITH_SCHEME.matcher(text);
    if (!url.matches() || text.chars().anyMatch(ch -> ch < ' ' || ch == 0x7f)) {
      return Optional.empty();
    }
    String scheme = url.group(1).toLowerCase(Locale.ROOT);
    Optional<String> path = UrlText.tryDecode(url.group(3));
    if (!SCHEMES.contains(scheme) || path.isEmpty()) {
      return Optional.empty();
    }
    if (scheme.startsWith("http") && !looksLocal && !path.get().endsWith(".git")) {
      return Optional.empty();
    }
    String host = url.group(2).substring(url.group(2).lastIndexOf('@') + 1);
    String remote = (looksLocal ? "" : scheme + "://") + url.group(2) + url.group(3);
    GitAddress plain = plain(scheme, host, path.get(), remote, UrlText.decode(group(url, 5)), looksLocal);
    return Optional.of(plain.withQuery(group(url, 4)));
  }

  private static String group(Matcher matcher, int number) {
    return Optional.ofNullable(matcher.group(number)).orElse("");
  }

  private static GitAddress plain(
      String scheme, String host, String path, String remote, String fragment, boolean looksLocal) {
    int colon = fragment.indexOf(':');
    String reference = colon < 0 ? fragment : fragment.substring(0, colon);
    String directory = colon < 0 ? "" : SlashPath.join("/", fragment.substring(colon + 1)).substring(1);
    return new GitAddress(scheme, host, path, remote, reference, directory, "", Optional.empty(), Optional.empty(), "",
        false, looksLocal);
  }

  /// The same for an ADD that says what to keep and what commit it must be.
  GitAddress forAdd(Optional<Boolean> keep, String commit) {
    return new GitAddress(scheme, host, path, remote, reference, directory, commit, keep, submodules, "",
        fetchByCommit, looksLocal);
  }

  /// The same as a build context.
  ///
  /// @param keep whether `.git` stays whatever the address says
  /// @param commitTimes whether files get the time of the commit unless the address says otherwise
  public GitAddress forContext(boolean keep, boolean commitTimes) {
    boolean keeps = keep || keepGitDir.orElse(false);
    String times = modificationTime.isEmpty() && commitTimes ? "commit" : modificationTime;
    return new GitAddress(scheme, host, path, remote, reference, directory, checksum, Optional.of(keeps), submodules,
        times, fetchByCommit, looksLocal);
  }

  private GitAddress withQuery(String query) {
    SortedMap<String, List<String>> values = new TreeMap<>();
    for (String pair : query.split("&")) {
      if (!pair.isEmpty()) {
        int equals = pair.indexOf('=');
        String key = pair.substring(0, equals < 0 ? pair.length() : equals).replace('+', ' ');
        String value = equals < 0 ? "" : pair.substring(equals + 1).replace('+', ' ');
        values.computeIfAbsent(UrlText.decode(key), _ -> new ArrayList<>()).add(UrlText.decode(value));
      }
    }
    GitAddress result = this;
    for (var entry : values.entrySet()) {
      if (entry.getValue().size() > 1) {
        throw new DockerfileError("query " + GoText.quote(entry.getKey()) + " has multiple values");
      }
      result = result.withQueryValue(entry.getKey(), entry.getValue().getFirst());
    }
    return result.withNamedReference(values);
  }

  private GitAddress withQueryValue(String key, String value) {
    boolean mayBeBare = key.equals("submodules") || key.equals("keep-git-dir") || key.equals("fetch-by-commit");
    if (value.isEmpty() && !mayBeBare) {
      throw new DockerfileError("query " + GoText.quote(key) + " has no value");
    }
    return switch (key) {
      case "ref" -> withReference(value, "ref", reference);
      case "tag", "branch" -> this; // need each other, see withNamedReference
      case "subdir" -> {
        requireSame("subdir", directory, value);
        yield new GitAddress(scheme, host, path, remote, reference, value, checksum, keepGitDir, submodules,
            modificationTime, fetchByCommit, looksLocal);
      }
      case "checksum", "commit" -> new GitAddress(scheme, host, path, remote, reference, directory, value, keepGitDir,
          submodules, modificationTime, fetchByCommit, looksLocal);
      case "keep-git-dir" -> new GitAddress(scheme, host, path, remote, reference, directory, checksum,
          Optional.of(truth(key, value)), submodules, modificationTime, fetchByCommit, looksLocal);
      case "submodules" -> new GitAddress(scheme, host, path, remote, reference, directory, checksum, keepGitDir,
          Optional.of(truth(key, value)), modificationTime, fetchByCommit, looksLocal);
      case "mtime" -> {
        if (!value.equals("checkout") && !value.equals("commit")) {
          throw new DockerfileError("invalid mtime value: " + GoText.quote(value)
              + " (must be \"checkout\" or \"commit\")");
        }
        yield new GitAddress(scheme, host, path, remote, reference, directory, checksum, keepGitDir, submodules, value,
            fetchByCommit, looksLocal);
      }
      case "fetch-by-commit" -> new GitAddress(scheme, host, path, remote, reference, directory, checksum, keepGitDir,
          submodules, modificationTime, truth(key, value), looksLocal);
      default -> throw new DockerfileError("unexpected query " + GoText.quote(key));
    };
  }

  private GitAddress withNamedReference(SortedMap<String, List<String>> values) {
    boolean tagged = values.containsKey("tag");
    if (tagged && values.containsKey("branch")) {
      throw new DockerfileError("branch conflicts with tag");
    }
    if (!tagged && !values.containsKey("branch")) {
      return this;
    }
    String prefix = tagged ? "refs/tags/" : "refs/heads/";
    String name = values.getOrDefault(tagged ? "tag" : "branch", List.of()).getFirst();
    return withReference(name.startsWith(prefix) ? name : prefix + name, "ref", reference);
  }

  private GitAddress withReference(String value, String what, String before) {
    requireSame(what, before, value);
    return new GitAddress(scheme, host, path, remote, value, directory, checksum, keepGitDir, submodules,
        modificationTime, fetchByCommit, looksLocal);
  }

  private static void requireSame(String what, String before, String value) {
    if (!before.isEmpty() && !before.equals(value)) {
      throw new DockerfileError(
          what + " conflicts: " + GoText.quote(before) + " vs " + GoText.quote(value));
    }
  }

  private static boolean truth(String key, String value) {
    try {
      return value.isEmpty() || Numbers.parseTruth(value);
    } catch (DockerfileError e) {
      throw new DockerfileError("invalid " + key + " value: " + GoText.quote(value));
    }
  }
}
