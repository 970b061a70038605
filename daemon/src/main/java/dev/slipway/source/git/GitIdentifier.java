package dev.slipway.source.git;

import dev.slipway.failure.InvalidRequest;
import dev.slipway.llb.SourceOp;
import dev.slipway.source.BlobLocator;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/// A `git://` source as the build asks for it.
///
/// @param remote URL for git, without fragment and query
/// @param ref branch, tag, full ref or commit; empty: the default branch
/// @param subdirectory relative, clean, empty: the whole repository
/// @param checksum the commit (or its beginning) that the ref must point at; empty: any
/// @param sshAgent which agent of the client to use; empty: none
/// @param knownHosts text of a known_hosts file; empty: hosts are not checked
/// @param mtime `checkout` (empty is the same) or `commit`
/// @param fetchByCommit fetch the checksum instead of the ref
/// @param signature that the commit or its tag must bear
/// @param bundle fetch from this bundle instead of the remote; there is a checksum then
record GitIdentifier(
    String remote,
    String ref,
    String subdirectory,
    String checksum,
    GitDirectory gitDirectory,
    Submodules submodules,
    String authTokenSecret,
    String authHeaderSecret,
    String sshAgent,
    String knownHosts,
    String mtime,
    boolean fetchByCommit,
    Optional<BlobLocator> bundle,
    Form form,
    Optional<GitSignature> signature) {
  private static final Pattern TRANSPORT = Pattern.compile("(?i)(https?|ssh|git)://.+");
  private static final Pattern ANY_SCHEME = Pattern.compile("[a-zA-Z][a-zA-Z0-9+.-]*://.*");
  private static final Pattern SCP_STYLE = Pattern.compile("[a-zA-Z0-9_.~-]+@[^:/]+:.+");
  private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{40}|[0-9a-f]{64}");

  enum GitDirectory {
    LEFT_OUT,
    KEPT
  }

  enum Form {
    FILES,
    /// One file with the commit in it.
    BUNDLE
  }

  enum Submodules {
    CHECKED_OUT,
    LEFT_OUT
  }

  /// @throws InvalidRequest the URL, ref or an attribute's value is malformed
  static GitIdentifier of(SourceOp op) {
    Map<String, String> attributes = op.attributes();
    String given = withTransport(op.rest());
    int hash = given.indexOf('#');
    String fragment = hash < 0 ? "" : given.substring(hash + 1);
    int colon = fragment.indexOf(':');
    String ref = colon < 0 ? fragment : fragment.substring(0, colon);
    String remote =
        attributes.containsKey("git.fullurl")
            ? withTransport(attributes.get("git.fullurl"))
            : given;
    if (ref.startsWith("-")) {
      throw new InvalidRequest("invalid git ref \"" + ref + "\"");
    }
    GitIdentifier identifier =
        new GitIdentifier(
            withoutOptions(remote),
            ref,
            clean(colon < 0 ? "" : fragment.substring(colon + 1)),
            checksum(attributes.getOrDefault("git.checksum", "")),
            attributes.getOrDefault("git.keepgitdir", "").equals("true")
                ? GitDirectory.KEPT
                : GitDirectory.LEFT_OUT,
            attributes.getOrDefault("git.skipsubmodules", "").equals("true")
                ? Submodules.LEFT_OUT
                : Submodules.CHECKED_OUT,
            attributes.getOrDefault("git.authtokensecret", ""),
            attributes.getOrDefault("git.authheadersecret", ""),
            attributes.getOrDefault("git.mountsshsock", ""),
            attributes.getOrDefault("git.knownsshhosts", ""),
            attributes.getOrDefault("git.mtime", ""),
            attributes.getOrDefault("git.fetchbycommit", "").equals("true"),
            bundle(attributes),
            attributes.getOrDefault("git.checkoutbundle", "").equals("true")
                ? Form.BUNDLE
                : Form.FILES,
            GitSignature.of(attributes));
    identifier.requireConsistent();
    return identifier;
  }

  private static Optional<BlobLocator> bundle(Map<String, String> attributes) {
    String text = attributes.getOrDefault("git.bundle", "");
    if (text.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          BlobLocator.parse(
              text,
              attributes.getOrDefault("oci.session", ""),
              attributes.getOrDefault("oci.store", "")));
    } catch (InvalidRequest malformed) {
      throw malformed.in("failed to parse git.bundle locator");
    }
  }

  private void requireConsistent() {
    if (bundle.isPresent() && checksum.isEmpty()) {
      throw new InvalidRequest("git.bundle requires git.checksum to be set");
    }
    if (bundle.isPresent() && isCommit(ref) && !ref.startsWith(checksum)) {
      throw new InvalidRequest("expected checksum to match " + checksum + ", got " + ref);
    }
    if (form == Form.BUNDLE && gitDirectory == GitDirectory.KEPT) {
      throw new InvalidRequest("git.checkoutbundle is incompatible with git.keepgitdir");
    }
    if (form == Form.BUNDLE && !subdirectory.isEmpty()) {
      throw new InvalidRequest("git.checkoutbundle is incompatible with git.subdir");
    }
  }

  /// The same, asked of another repository.
  GitIdentifier at(String otherRemote) {
    return new GitIdentifier(
        otherRemote,
        ref,
        subdirectory,
        checksum,
        gitDirectory,
        submodules,
        authTokenSecret,
        authHeaderSecret,
        sshAgent,
        knownHosts,
        mtime,
        fetchByCommit,
        bundle,
        form,
        signature);
  }

  private static String withTransport(String url) {
    if (TRANSPORT.matcher(url).matches() || SCP_STYLE.matcher(url).matches()) {
      return url;
    }
    if (ANY_SCHEME.matcher(url).matches()) {
      throw new InvalidRequest(
          "invalid git remote " + redacted(url) + ": want http, https, ssh or git");
    }
    return "https://" + url;
  }

  private static String withoutOptions(String url) {
    String bare = url.replaceFirst("#.*$", "").replaceFirst("\\?.*$", "");
    if (bare.startsWith("-")) {
      throw new InvalidRequest("invalid git remote " + bare);
    }
    return bare;
  }

  private static String checksum(String text) {
    if (!text.matches("[a-fA-F0-9]*")) {
      throw new InvalidRequest(
          "invalid checksum " + text + " for Git URL, expected hex commit hash");
    }
    return text;
  }

  /// As if the repository were the whole file system: `..` leads no further than its root.
  private static String clean(String path) {
    Deque<String> parts = new ArrayDeque<>();
    for (String part : path.split("/")) {
      if (part.equals("..")) {
        parts.pollLast();
      } else if (!part.isEmpty() && !part.equals(".")) {
        parts.addLast(part);
      }
    }
    return String.join("/", parts);
  }

  static boolean isCommit(String text) {
    return COMMIT.matcher(text).matches();
  }

  /// The identifier by which policies know the source (source/git/identifier.go, `String`): host,
  /// path, ref and subdirectory, however the URL was written.
  String canonical() {
    StringBuilder name = new StringBuilder("git://").append(hostAndPath());
    if (!ref.isEmpty() || !subdirectory.isEmpty()) {
      name.append('#').append(ref);
    }
    if (!subdirectory.isEmpty()) {
      name.append(':').append(subdirectory);
    }
    return name.toString();
  }

  private String hostAndPath() {
    boolean url = TRANSPORT.matcher(remote).matches();
    String bare = remote.replaceFirst("^[a-zA-Z]+://", "").replaceFirst("^[^/@]*@", "");
    int end = bare.indexOf(url ? '/' : ':');
    String path = end < 0 ? "" : clean(bare.substring(end + 1));
    return (end < 0 ? bare : bare.substring(0, end)) + (path.isEmpty() ? "/" : "/" + path);
  }

  /// A URL fit to be shown.
  static String redacted(String url) {
    return url.replaceFirst("://[^/@]*@", "://xxxxx:xxxxx@");
  }

  String shownRemote() {
    return redacted(remote);
  }

  /// Key of the source (source/git/source.go, `shaToCacheKey`).
  ///
  /// @param commit of the key
  /// @param fullRef that it was found by
  String key(String commit, String fullRef) {
    StringBuilder key = new StringBuilder(commit);
    if (gitDirectory == GitDirectory.KEPT) {
      key.append(".git");
      if (!fullRef.isEmpty()) {
        key.append('#').append(fullRef);
      }
    }
    if (!subdirectory.isEmpty()) {
      key.append(':').append(subdirectory);
    }
    if (submodules == Submodules.LEFT_OUT) {
      key.append("(skip-submodules)");
    }
    if (!mtime.isEmpty() && !mtime.equals("checkout")) {
      key.append("(mtime=").append(mtime).append(')');
    }
    if (form == Form.BUNDLE) {
      key.append("(bundle)");
    }
    return key.toString();
  }

  /// Host part of the remote, for secrets kept by host.
  Optional<String> host() {
    String rest = remote.replaceFirst("^[a-zA-Z]+://", "").replaceFirst("^[^/@]*@", "");
    String host = rest.replaceFirst("[/].*$", "");
    return host.isEmpty() ? Optional.empty() : Optional.of(host);
  }
}
