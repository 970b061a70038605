package dev.slipway.frontend.dockerfile.convert;

import dev.slipway.frontend.dockerfile.graph.NodeNotes;
import dev.slipway.frontend.dockerfile.graph.SourceNode;
import dev.slipway.frontend.dockerfile.graph.SourceNode.Source;
import dev.slipway.frontend.dockerfile.ignore.SlashPath;
import dev.slipway.oci.Platform;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/// Sources in the form that the daemon and its cache know them by: identifier, attributes,
/// capabilities.
public final class Sources {
  private Sources() {}

  /// @param reference full name
  public static SourceNode image(
      String reference,
      BuildConfig.ResolveMode mode,
      Optional<Platform> platform,
      NodeNotes notes) {
    SortedMap<String, String> attributes = new TreeMap<>();
    Set<String> capabilities = new TreeSet<>(Set.of("source.image"));
    if (mode != BuildConfig.ResolveMode.DEFAULT) {
      attributes.put("image.resolvemode", mode.text());
    }
    if (mode == BuildConfig.ResolveMode.PULL) {
      capabilities.add("source.image.resolvemode");
    }
    return new SourceNode(
        new Source("docker-image://" + reference, attributes, capabilities), platform, notes);
  }

  /// An image a client gave by name, without the build's resolve mode.
  public static SourceNode namedImage(
      String reference, Optional<Platform> platform, NodeNotes notes) {
    return image(reference, BuildConfig.ResolveMode.DEFAULT, platform, notes);
  }

  public static SourceNode ociLayout(
      String reference,
      String sessionId,
      String storeId,
      Optional<Platform> platform,
      NodeNotes notes) {
    SortedMap<String, String> attributes = new TreeMap<>();
    putUnlessEmpty(attributes, "oci.session", sessionId);
    putUnlessEmpty(attributes, "oci.store", storeId);
    return new SourceNode(
        new Source("oci-layout://" + reference, attributes, Set.of("source.ocilayout")),
        platform,
        notes);
  }

  /// Files of the client.
  ///
  /// @param name as the client knows the directory
  public static SourceNode.Source local(String name, LocalFiles files) {
    SortedMap<String, String> attributes = new TreeMap<>();
    Set<String> capabilities = new TreeSet<>(Set.of("source.local"));
    if (files.sessionId().isEmpty()) {
      attributes.put("local.unique", files.uniqueId());
      capabilities.add("source.local.unique");
    } else {
      attributes.put("local.session", files.sessionId());
      capabilities.add("source.local.sessionid");
    }
    if (!files.followed().isEmpty()) {
      attributes.put("local.followpaths", JsonObject.array(files.followed()));
      capabilities.add("source.local.followpaths");
    }
    if (!files.excluded().isEmpty()) {
      attributes.put("local.excludepatterns", JsonObject.array(files.excluded()));
      capabilities.add("source.local.excludepatterns");
    }
    if (!files.sharedKey().isEmpty()) {
      attributes.put("local.sharedkeyhint", files.sharedKey());
      capabilities.add("source.local.sharedkeyhint");
    }
    if (files.sentWhole()) {
      attributes.put("local.differ", "none");
    }
    return new SourceNode.Source("local://" + name, attributes, capabilities);
  }

  /// @param sessionId whose files; empty when `uniqueId` counts
  /// @param uniqueId keeps files of no known session from being shared
  /// @param followed paths to send, with what links on them point at; empty for all
  /// @param excluded patterns of what is not sent
  /// @param sharedKey builds with the same key update one copy; empty for none
  /// @param sentWhole whether files are sent without comparing them to such a copy
  public record LocalFiles(
      String sessionId,
      String uniqueId,
      List<String> followed,
      List<String> excluded,
      String sharedKey,
      boolean sentWhole) {
    public LocalFiles {
      followed = List.copyOf(followed);
      excluded = List.copyOf(excluded);
    }
  }

  /// A download.
  ///
  /// @param checksum digest it must have; empty when not said
  public static SourceNode http(String url, String filename, String checksum, NodeNotes notes) {
    SortedMap<String, String> attributes = new TreeMap<>(Map.of("http.filename", filename));
    Set<String> capabilities = new TreeSet<>(Set.of("source.http"));
    if (!checksum.isEmpty()) {
      attributes.put("http.checksum", checksum);
      capabilities.add("source.http.checksum");
    }
    return new SourceNode(new Source(url, attributes, capabilities), Optional.empty(), notes);
  }

  /// A repository.
  ///
  /// @param address with the choices for this use put in
  public static SourceNode git(GitAddress address, NodeNotes notes) {
    String remote = address.looksLocal() ? "https://" + address.remote() : address.remote();
    SortedMap<String, String> attributes =
        new TreeMap<>(
            Map.of(
                "git.fullurl",
                remote,
                "git.authtokensecret",
                "GIT_AUTH_TOKEN",
                "git.authheadersecret",
                "GIT_AUTH_HEADER"));
    Set<String> capabilities = new TreeSet<>(Set.of("source.git", "source.git.fullurl"));
    if (address.keepGitDir().orElse(false)) {
      attributes.put("git.keepgitdir", "true");
      capabilities.add("source.git.keepgitdir");
    }
    if (address.scheme().equals("ssh")) {
      attributes.put("git.mountsshsock", "default");
      capabilities.addAll(List.of("source.git.knownsshhosts", "source.git.mountsshsock"));
    }
    if (!address.checksum().isEmpty()) {
      attributes.put("git.checksum", address.checksum());
      capabilities.add("source.git.checksum");
    }
    if (!address.submodules().orElse(true)) {
      attributes.put("git.skipsubmodules", "true");
      capabilities.add("source.git.skipsubmodules");
    }
    if (!address.modificationTime().isEmpty()) {
      attributes.put("git.mtime", address.modificationTime());
      capabilities.add("source.git.mtime");
    }
    if (address.fetchByCommit()) {
      attributes.put("git.fetchbycommit", "true");
      capabilities.add("source.git.fetchbycommit");
    }
    return new SourceNode(
        new Source(gitIdentifier(address), attributes, capabilities), Optional.empty(), notes);
  }

  /// The same for all schemes, so that one repository has one cache.
  private static String gitIdentifier(GitAddress address) {
    String identifier = "git://" + address.host() + SlashPath.join("/", address.path());
    if (address.reference().isEmpty() && address.directory().isEmpty()) {
      return identifier;
    }
    return identifier
        + "#"
        + address.reference()
        + (address.directory().isEmpty() ? "" : ":" + address.directory());
  }

  /// The name a download gets: the last element of its path.
  static String downloadName(String url) {
    String withoutQuery = url.replaceFirst("[?#].*", "");
    int start = withoutQuery.indexOf("://") + 3;
    int slash = withoutQuery.indexOf('/', start);
    String name = slash < 0 ? "." : SlashPath.base(UrlText.decode(withoutQuery.substring(slash)));
    return name.equals(".") || name.equals("/") ? "__unnamed__" : name;
  }

  private static void putUnlessEmpty(
      SortedMap<String, String> attributes, String name, String value) {
    if (!value.isEmpty()) {
      attributes.put(name, value);
    }
  }
}
