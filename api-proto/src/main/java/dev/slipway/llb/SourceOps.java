package dev.slipway.llb;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;

/// Makes source ops, and names their attributes.
///
/// Source: `solver/pb/attr.go`, `client/llb/source.go`, v0.32.2.
public final class SourceOps {
  public static final String IMAGE_RESOLVE_MODE = "image.resolvemode";
  public static final String IMAGE_RECORD_TYPE = "image.recordtype";
  public static final String IMAGE_LAYER_LIMIT = "image.layerlimit";
  public static final String IMAGE_CHECKSUM = "image.checksum";
  public static final String LOCAL_SESSION = "local.session";
  public static final String LOCAL_UNIQUE = "local.unique";

  /// A JSON array; mind the singular.
  public static final String LOCAL_INCLUDE_PATTERNS = "local.includepattern";

  /// A JSON array, as are the next two.
  public static final String LOCAL_EXCLUDE_PATTERNS = "local.excludepatterns";

  public static final String LOCAL_FOLLOW_PATHS = "local.followpaths";
  public static final String LOCAL_METADATA_TRANSFER_EXCLUDE = "local.metadatatransferexclude";
  public static final String LOCAL_METADATA_TRANSFER = "local.metadatatransfer";
  public static final String LOCAL_SHARED_KEY_HINT = "local.sharedkeyhint";

  /// `metadata` or `none`.
  public static final String LOCAL_DIFFER = "local.differ";

  public static final String OCI_SESSION = "oci.session";
  public static final String OCI_STORE = "oci.store";
  public static final String OCI_LAYER_LIMIT = "oci.layerlimit";
  public static final String HTTP_CHECKSUM = "http.checksum";
  public static final String HTTP_FILENAME = "http.filename";

  /// Octal.
  public static final String HTTP_PERM = "http.perm";

  public static final String HTTP_UID = "http.uid";
  public static final String HTTP_GID = "http.gid";
  public static final String HTTP_AUTH_HEADER_SECRET = "http.authheadersecret";
  public static final String HTTP_HEADER_PREFIX = "http.header.";
  public static final String HTTP_SIGNATURE_PUBLIC_KEY = "http.sig.pubkey";
  public static final String HTTP_SIGNATURE = "http.sig.signature";
  public static final String GIT_KEEP_DIR = "git.keepgitdir";
  public static final String GIT_FULL_URL = "git.fullurl";
  public static final String GIT_AUTH_HEADER_SECRET = "git.authheadersecret";
  public static final String GIT_AUTH_TOKEN_SECRET = "git.authtokensecret";
  public static final String GIT_KNOWN_SSH_HOSTS = "git.knownsshhosts";
  public static final String GIT_MOUNT_SSH_SOCKET = "git.mountsshsock";
  public static final String GIT_CHECKSUM = "git.checksum";
  public static final String GIT_SKIP_SUBMODULES = "git.skipsubmodules";
  public static final String GIT_MTIME = "git.mtime";
  public static final String GIT_FETCH_BY_COMMIT = "git.fetchbycommit";
  public static final String GIT_BUNDLE = "git.bundle";
  public static final String GIT_CHECKOUT_BUNDLE = "git.checkoutbundle";

  private SourceOps() {}

  /// @param reference in full, with tag or digest: `docker.io/library/alpine:latest`
  public static SourceOp image(String reference, ImageOptions options) {
    Map<String, String> attributes = new TreeMap<>();
    options.resolveMode().ifPresent(mode -> attributes.put(IMAGE_RESOLVE_MODE, mode));
    options.recordType().ifPresent(type -> attributes.put(IMAGE_RECORD_TYPE, type));
    options
        .layerLimit()
        .ifPresent(limit -> attributes.put(IMAGE_LAYER_LIMIT, Integer.toString(limit)));
    options.checksum().ifPresent(digest -> attributes.put(IMAGE_CHECKSUM, digest));
    return new SourceOp("docker-image://" + reference, attributes);
  }

  /// @param resolveMode `default`, `pull` or `local`
  /// @param recordType `internal` or `frontend` keeps it out of the usual disk usage
  public record ImageOptions(
      Optional<String> resolveMode,
      Optional<String> recordType,
      OptionalInt layerLimit,
      Optional<String> checksum) {
    public static final ImageOptions NONE =
        new ImageOptions(Optional.empty(), Optional.empty(), OptionalInt.empty(), Optional.empty());
  }

  /// @param name which of the client's directories
  public static SourceOp local(String name, LocalOptions options) {
    Map<String, String> attributes = new TreeMap<>();
    options.sessionId().ifPresent(id -> attributes.put(LOCAL_SESSION, id));
    put(attributes, LOCAL_INCLUDE_PATTERNS, options.includePatterns());
    put(attributes, LOCAL_EXCLUDE_PATTERNS, options.excludePatterns());
    put(attributes, LOCAL_FOLLOW_PATHS, options.followPaths());
    options.sharedKeyHint().ifPresent(hint -> attributes.put(LOCAL_SHARED_KEY_HINT, hint));
    options.differ().ifPresent(differ -> attributes.put(LOCAL_DIFFER, differ));
    return new SourceOp("local://" + name, attributes);
  }

  /// @param differ `none` or `metadata`: whether unchanged files are told by their metadata
  public record LocalOptions(
      Optional<String> sessionId,
      List<String> includePatterns,
      List<String> excludePatterns,
      List<String> followPaths,
      Optional<String> sharedKeyHint,
      Optional<String> differ) {
    public static final LocalOptions NONE =
        new LocalOptions(
            Optional.empty(), List.of(), List.of(), List.of(), Optional.empty(), Optional.empty());
  }

  /// @param reference `name@digest`
  public static SourceOp ociLayout(String reference, String sessionId, String storeId) {
    Map<String, String> attributes = new TreeMap<>();
    if (!sessionId.isEmpty()) {
      attributes.put(OCI_SESSION, sessionId);
    }
    if (!storeId.isEmpty()) {
      attributes.put(OCI_STORE, storeId);
    }
    return new SourceOp("oci-layout://" + reference, attributes);
  }

  private static void put(Map<String, String> attributes, String name, List<String> texts) {
    if (!texts.isEmpty()) {
      attributes.put(name, JsonTexts.encode(texts));
    }
  }
}
