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

/// Reads one [GitAddress]. Confined to it.
final class GitAddressReader {
  private static final Pattern URL =
      Pattern.compile("([a-zA-Z0-9]+)://([^/?#]*)([^?#]*)(?:\\?([^#]*))?(?:#(.*))?");
  private static final Pattern SCP =
      Pattern.compile("([a-zA-Z0-9-_]+)@([a-zA-Z0-9-.]+):(.*?)(?:\\?(.*?))?(?:#(.*))?");
  private static final Set<String> SCHEMES = Set.of("http", "https", "ssh", "git");
  private static final Set<String> SWITCHES =
      Set.of("submodules", "keep-git-dir", "fetch-by-commit");

  private String reference;
  private String directory;
  private String checksum = "";
  private Optional<Boolean> keepGitDir = Optional.empty();
  private Optional<Boolean> submodules = Optional.empty();
  private String modificationTime = "";
  private boolean fetchByCommit;

  private GitAddressReader(String fragment) {
    int colon = fragment.indexOf(':');
    reference = colon < 0 ? fragment : fragment.substring(0, colon);
    directory = colon < 0 ? "" : SlashPath.join("/", fragment.substring(colon + 1)).substring(1);
  }

  static Optional<GitAddress> read(String text) {
    if (text.startsWith("./")
        || text.startsWith("../")
        || text.chars().anyMatch(ch -> ch < ' ' || ch == 0x7f)) {
      return Optional.empty();
    }
    if (text.startsWith("github.com/")) {
      return url("https://" + text, true);
    }
    return URL.matcher(text).lookingAt() ? url(text, false) : scp(text);
  }

  private static Optional<GitAddress> url(String text, boolean looksLocal) {
    Matcher url = URL.matcher(text);
    if (!url.matches()) {
      return Optional.empty();
    }
    String scheme = url.group(1).toLowerCase(Locale.ROOT);
    Optional<String> path = UrlText.tryDecode(url.group(3));
    boolean plainDownload =
        scheme.startsWith("http") && !looksLocal && !path.orElse("").endsWith(".git");
    if (!SCHEMES.contains(scheme) || path.isEmpty() || plainDownload) {
      return Optional.empty();
    }
    GitAddressReader reader = new GitAddressReader(UrlText.decode(group(url, 5)));
    reader.query(group(url, 4));
    String host = url.group(2).substring(url.group(2).lastIndexOf('@') + 1);
    String remote = (looksLocal ? "" : scheme + "://") + url.group(2) + url.group(3);
    return Optional.of(reader.finish(scheme, host, path.get(), remote, looksLocal));
  }

  /// The form of `scp`, `user@host:path`, which means `ssh`.
  private static Optional<GitAddress> scp(String text) {
    Matcher scp = SCP.matcher(text);
    if (!scp.matches()) {
      return Optional.empty();
    }
    GitAddressReader reader = new GitAddressReader(group(scp, 5));
    reader.query(group(scp, 4));
    String remote = scp.group(1) + "@" + scp.group(2) + ":" + scp.group(3);
    return Optional.of(reader.finish("ssh", scp.group(2), scp.group(3), remote, false));
  }

  private static String group(Matcher matcher, int number) {
    return Optional.ofNullable(matcher.group(number)).orElse("");
  }

  private GitAddress finish(
      String scheme, String host, String path, String remote, boolean looksLocal) {
    return new GitAddress(
        scheme,
        host,
        path,
        remote,
        reference,
        directory,
        checksum,
        keepGitDir,
        submodules,
        modificationTime,
        fetchByCommit,
        looksLocal);
  }

  private void query(String query) {
    SortedMap<String, List<String>> values = new TreeMap<>();
    for (String pair : query.split("&")) {
      if (!pair.isEmpty()) {
        int equals = pair.indexOf('=');
        String key = pair.substring(0, equals < 0 ? pair.length() : equals).replace('+', ' ');
        String value = equals < 0 ? "" : pair.substring(equals + 1).replace('+', ' ');
        values
            .computeIfAbsent(UrlText.decode(key), _ -> new ArrayList<>())
            .add(UrlText.decode(value));
      }
    }
    values.forEach(
        (key, all) -> {
          if (all.size() > 1) {
            throw new DockerfileError("query " + GoText.quote(key) + " has multiple values");
          }
          value(key, all.getFirst());
        });
    if (values.containsKey("tag") && values.containsKey("branch")) {
      throw new DockerfileError("branch conflicts with tag");
    }
    values.getOrDefault("tag", List.of()).forEach(tag -> refer(tag, "refs/tags/"));
    values.getOrDefault("branch", List.of()).forEach(branch -> refer(branch, "refs/heads/"));
  }

  private void value(String key, String value) {
    if (value.isEmpty() && !SWITCHES.contains(key)) {
      throw new DockerfileError("query " + GoText.quote(key) + " has no value");
    }
    switch (key) {
      case "ref" -> refer(value, "");
      case "tag", "branch" -> {
        // they need each other: read when all are known
      }
      case "subdir" -> {
        requireSame("subdir", directory, value);
        directory = value;
      }
      case "checksum", "commit" -> checksum = value;
      case "keep-git-dir" -> keepGitDir = Optional.of(truth(key, value));
      case "submodules" -> submodules = Optional.of(truth(key, value));
      case "fetch-by-commit" -> fetchByCommit = truth(key, value);
      case "mtime" -> {
        if (!value.equals("checkout") && !value.equals("commit")) {
          throw new DockerfileError(
              "invalid mtime value: "
                  + GoText.quote(value)
                  + " (must be \"checkout\" or \"commit\")");
        }
        modificationTime = value;
      }
      default -> throw new DockerfileError("unexpected query " + GoText.quote(key));
    }
  }

  private void refer(String name, String prefix) {
    String full = name.startsWith(prefix) ? name : prefix + name;
    requireSame("ref", reference, full);
    reference = full;
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
