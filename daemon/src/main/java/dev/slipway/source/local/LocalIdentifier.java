package dev.slipway.source.local;

import dev.slipway.failure.InvalidRequest;
import dev.slipway.llb.SourceOp;
import dev.slipway.source.KeyJson;
import dev.slipway.text.TruthValue;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A `local://` source as the build asks for it.
///
/// @param name of the directory, as the client knows it; with the session's prefix in front when it
///   has one
/// @param session empty: any of the build's
/// @param include absent and empty mean the same to the client, but not in the key
record LocalIdentifier(
    String name,
    Optional<String> session,
    Optional<List<String>> include,
    Optional<List<String>> exclude,
    Optional<List<String>> follow,
    String sharedKeyHint,
    Compare compare,
    Content content) {
  /// How it is decided which files need not travel again.
  enum Compare {
    METADATA,
    /// All files travel.
    NOTHING
  }

  /// What travels of files.
  sealed interface Content {
    record Whole() implements Content {}

    /// A list of all entries, and of files only those that match.
    ///
    /// @param exceptions patterns as in `.dockerignore`; absent and empty mean the same but for the
    ///   key
    record MetadataOnly(Optional<List<String>> exceptions) implements Content {}
  }

  /// @throws InvalidRequest an attribute's value is not of its form
  static LocalIdentifier of(SourceOp op) {
    Map<String, String> attributes = op.attributes();
    String sessionText = attributes.getOrDefault("local.session", "");
    int colon = sessionText.indexOf(':');
    String prefix = colon >= 0 ? sessionText.substring(0, colon) + "-" : "";
    String session = sessionText.substring(colon + 1);
    boolean metadataOnly = isTrue(attributes, "local.metadatatransfer");
    Optional<List<String>> exceptions = list(attributes, "local.metadatatransferexclude");
    return new LocalIdentifier(
        prefix + op.rest(),
        session.isEmpty() ? Optional.empty() : Optional.of(session),
        list(attributes, "local.includepattern"),
        list(attributes, "local.excludepatterns"),
        list(attributes, "local.followpaths"),
        attributes.getOrDefault("local.sharedkeyhint", ""),
        compare(attributes.getOrDefault("local.differ", "")),
        metadataOnly ? new Content.MetadataOnly(exceptions) : new Content.Whole());
  }

  private static Compare compare(String text) {
    return text.equals("none") ? Compare.NOTHING : Compare.METADATA;
  }

  private static boolean isTrue(Map<String, String> attributes, String name) {
    String text = attributes.getOrDefault(name, "false");
    return TruthValue.parse(text)
        .orElseThrow(
            () ->
                new InvalidRequest(
                    "invalid value for " + name + " \"" + text + "\": want true or false"));
  }

  private static Optional<List<String>> list(Map<String, String> attributes, String name) {
    return Optional.ofNullable(attributes.get(name))
        .flatMap(text -> KeyJson.parseTexts(name, text));
  }

  /// What BuildKit hashes for the cache key (source/local/source.go, `CacheKey`).
  ///
  /// @param asked id of the session that is asked
  String keyJson(String asked) {
    KeyJson json =
        new KeyJson()
            .text("SessionID", asked)
            .textsOrNull("IncludePatterns", include)
            .textsOrNull("ExcludePatterns", exclude)
            .textsOrNull("FollowPaths", follow);
    if (content instanceof Content.MetadataOnly only) {
      json.raw("MetadataTransfer", "true");
      if (only.exceptions().filter(list -> !list.isEmpty()).isPresent()) {
        json.textsOrNull("MetadataExceptions", only.exceptions());
      }
    }
    return json.end();
  }

  /// Under which the tree is kept for the next build.
  String tag(String sharedKey) {
    String suffix = content instanceof Content.MetadataOnly ? ":metadata" : "";
    return "local:" + name + ":" + sharedKeyHint + ":" + sharedKey + suffix;
  }
}
