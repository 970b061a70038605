package dev.slipway.remotecache.azblob;

import dev.slipway.failure.InvalidRequest;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayDeque;
import java.util.Base64;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// What the attributes of an Azure cache say.
///
/// @param account where the account's containers are; may carry a shared access signature as query
/// @param names of the table; all are written, and all are read
/// @param key of the account, decoded; empty: a token from the surroundings, or the URL's signature
record AzureSettings(
    URI account,
    String accountName,
    String container,
    String prefix,
    String manifestsPrefix,
    String blobsPrefix,
    List<String> names,
    Optional<byte[]> key) {
  AzureSettings {
    names = List.copyOf(names);
  }

  /// @param environment the daemon's
  static AzureSettings of(Map<String, String> attributes, Map<String, String> environment) {
    URI account =
        url(
            said(attributes, "account_url", environment, "BUILDKIT_AZURE_STORAGE_ACCOUNT_URL")
                .orElseThrow(
                    () ->
                        new InvalidRequest(
                            "either ${BUILDKIT_AZURE_STORAGE_ACCOUNT_URL} or account_url attribute"
                                + " is required for azblob cache")));
    String name =
        said(attributes, "account_name", environment, "BUILDKIT_AZURE_STORAGE_ACCOUNT_NAME")
            .orElseGet(() -> account.getHost().split("\\.", 2)[0]);
    if (name.isEmpty()) {
      throw new InvalidRequest(
          "unable to retrieve account name from account url or"
              + " ${BUILDKIT_AZURE_STORAGE_ACCOUNT_NAME} or account_name attribute for azblob cache");
    }
    return new AzureSettings(
        account,
        name,
        said(attributes, "container", environment, "BUILDKIT_AZURE_STORAGE_CONTAINER")
            .orElse("buildkit-cache"),
        said(attributes, "prefix", environment, "BUILDKIT_AZURE_STORAGE_PREFIX").orElse(""),
        attributes.getOrDefault("manifests_prefix", "manifests"),
        attributes.getOrDefault("blobs_prefix", "blobs"),
        List.of(attributes.getOrDefault("name", "buildkit").split(";", -1)),
        Optional.ofNullable(attributes.get("secret_access_key"))
            .filter(key -> !key.isEmpty())
            .map(AzureSettings::decoded));
  }

  String tableName(String name) {
    return joined(prefix, manifestsPrefix, name);
  }

  String blobName(String digest) {
    return joined(prefix, blobsPrefix, digest);
  }

  /// As Go joins paths of files: one slash between, no `.` and `..` left.
  private static String joined(String... parts) {
    String all = String.join("/", Stream.of(parts).filter(part -> !part.isEmpty()).toList());
    Deque<String> names = new ArrayDeque<>();
    for (String name : all.split("/")) {
      if (name.equals("..") && !names.isEmpty()) {
        names.removeLast();
      } else if (!name.isEmpty() && !name.equals(".") && !name.equals("..")) {
        names.addLast(name);
      }
    }
    return (all.startsWith("/") ? "/" : "") + String.join("/", names);
  }

  private static Optional<String> said(
      Map<String, String> attributes,
      String key,
      Map<String, String> environment,
      String variable) {
    return Optional.ofNullable(attributes.get(key))
        .or(() -> Optional.ofNullable(environment.get(variable)));
  }

  private static URI url(String text) {
    try {
      URI uri = new URI(text);
      if (uri.getHost() != null
          && ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))) {
        return uri;
      }
    } catch (URISyntaxException bad) {
      throw new InvalidRequest(
          "azure storage account url provided is not a valid url: " + bad.getReason(), bad);
    }
    throw new InvalidRequest("azure storage account url provided is not a valid url");
  }

  private static byte[] decoded(String key) {
    try {
      return Base64.getDecoder().decode(key);
    } catch (IllegalArgumentException bad) {
      throw new InvalidRequest("failed to create shared key: decode account key: not base64", bad);
    }
  }
}
