package dev.slipway.source.http;

import dev.slipway.failure.InvalidRequest;
import dev.slipway.llb.SourceOp;
import dev.slipway.oci.Digest;
import dev.slipway.source.AskedFile;
import dev.slipway.source.KeyJson;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/// An `http://` or `https://` source as the build asks for it.
///
/// @param checksum the content must have it; then nothing needs to be asked for the key
/// @param filename empty: from the answer or the URL
/// @param perm permission bits as given, 0: 0600
/// @param authHeaderSecret secret whose text is the Authorization header; empty: the usual ones of
///   the host
/// @param headers sent with the request, by canonical name
/// @param signature that the content must bear
record HttpIdentifier(
    URI uri,
    Optional<Digest> checksum,
    String filename,
    long perm,
    long uid,
    long gid,
    String authHeaderSecret,
    SortedMap<String, String> headers,
    Optional<RequiredSignature> signature) {
  private static final String HEADER = "http.header.";

  /// @throws InvalidRequest the URL or an attribute's value is malformed
  static HttpIdentifier of(SourceOp op) {
    Map<String, String> attributes = op.attributes();
    AskedFile file = AskedFile.of(attributes);
    SortedMap<String, String> headers = new TreeMap<>();
    attributes.forEach(
        (name, value) -> {
          switch (name) {
            case HEADER + "accept" -> headers.put("Accept", value);
            case HEADER + "user-agent" -> headers.put("User-Agent", value);
            default -> {
              // Read below, or another header, which BuildKit ignores.
            }
          }
        });
    return new HttpIdentifier(
        uri(op.identifier()),
        Optional.ofNullable(attributes.get("http.checksum"))
            .filter(text -> !text.isEmpty())
            .map(Digest::parse),
        file.filename(),
        file.perm(),
        file.uid(),
        file.gid(),
        attributes.getOrDefault("http.authheadersecret", ""),
        headers,
        RequiredSignature.of(attributes));
  }

  private static URI uri(String text) {
    try {
      URI uri = new URI(text);
      if (uri.getHost() == null) {
        throw new InvalidRequest("invalid http source " + text + ": no host");
      }
      return uri;
    } catch (URISyntaxException malformed) {
      throw new InvalidRequest(
          "invalid http source " + text + ": " + malformed.getReason(), malformed);
    }
  }

  /// How the file is to look.
  AskedFile file() {
    return new AskedFile(filename, perm, uid, gid);
  }

  /// The one text by which earlier downloads of the same thing are found.
  String sameThing() {
    return String.join(
        "\0",
        uri.toString(),
        filename,
        perm + ":" + uid + ":" + gid,
        authHeaderSecret,
        headers.toString());
  }

  /// What BuildKit hashes for the cache key (source/http/source.go, `formatCacheKey`).
  String keyJson(Found found) {
    KeyJson json =
        new KeyJson()
            .text("Filename", found.filename())
            .number("Perm", perm)
            .number("UID", uid)
            .number("GID", gid)
            .text("Checksum", found.content().toString())
            .textIfAny("LastModTime", found.lastModifiedText())
            .textIfAny("AuthHeaderSecret", authHeaderSecret);
    if (!headers.isEmpty()) {
      json.raw("Header", headersJson());
    }
    return json.end();
  }

  private String headersJson() {
    StringBuilder list = new StringBuilder("[");
    headers.forEach(
        (name, value) -> {
          list.append(list.length() > 1 ? "," : "");
          list.append(new KeyJson().text("Name", name).text("Value", value).end());
        });
    return list.append(']').toString();
  }
}
