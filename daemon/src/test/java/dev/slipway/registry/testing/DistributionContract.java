package dev.slipway.registry.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.oci.Digest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

/// What a registry answers, as far as clients build on it: what holds of the registry in memory
/// holds of the one that most people run.
public abstract class DistributionContract {
  private static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";
  private static final String INDEX = "application/vnd.oci.image.index.v1+json";
  private static final byte[] BLOB = bytes("a blob of some bytes");
  private static final Digest DIGEST = Digest.ofBytes(BLOB);

  private final HttpClient http = HttpClient.newHttpClient();

  /// `http://host:port` of an empty registry that lets everyone in.
  protected abstract URI base();

  @AfterEach
  final void closeConnections() {
    http.close();
  }

  private record Answer(int status, HttpHeaders headers, byte[] body) {
    String header(String name) {
      return headers.firstValue(name).orElse("");
    }

    String code() {
      return JsonMapper.shared().readTree(body).at("/errors/0/code").asString();
    }
  }

  @Test
  void whatIsNotThereIsUnknown() {
    Answer blob = ask("GET", "/v2/team/a/blobs/" + DIGEST);
    Answer manifest = ask("GET", "/v2/team/a/manifests/latest");

    assertThat(blob.status()).isEqualTo(404);
    assertThat(blob.code()).isEqualTo("BLOB_UNKNOWN");
    assertThat(manifest.status()).isEqualTo(404);
    assertThat(manifest.code()).isEqualTo("MANIFEST_UNKNOWN");
    assertThat(ask("HEAD", "/v2/team/a/blobs/" + DIGEST).status()).isEqualTo(404);
    assertThat(ask("HEAD", "/v2/team/a/manifests/latest").status()).isEqualTo(404);
  }

  @Test
  void aBlobThatWasSentIsThere() {
    Answer sent = finish(begin("team/a"), DIGEST, BLOB);

    assertThat(sent.status()).isEqualTo(201);
    assertThat(sent.header("Docker-Content-Digest")).isEqualTo(DIGEST.toString());
    Answer head = ask("HEAD", "/v2/team/a/blobs/" + DIGEST);
    assertThat(head.status()).isEqualTo(200);
    assertThat(head.header("Content-Length")).isEqualTo(Integer.toString(BLOB.length));
    assertThat(head.header("Docker-Content-Digest")).isEqualTo(DIGEST.toString());
    assertThat(ask("GET", "/v2/team/a/blobs/" + DIGEST).body()).isEqualTo(BLOB);
    assertThat(ask("HEAD", "/v2/team/b/blobs/" + DIGEST).status()).isEqualTo(404);
  }

  @Test
  void theRestOfABlobIsGivenToWhoHasItsStart() {
    finish(begin("team/a"), DIGEST, BLOB);

    Answer rest =
        send("GET", "/v2/team/a/blobs/" + DIGEST, Map.of("Range", "bytes=7-"), new byte[0]);

    assertThat(rest.status()).isEqualTo(206);
    assertThat(rest.header("Content-Range")).isEqualTo("bytes 7-19/20");
    assertThat(rest.body()).isEqualTo(bytes("of some bytes"));
  }

  @Test
  void anUploadGoesOnWhereItStands() {
    Answer first = piece(begin("team/a"), "a blob", 0);
    Answer asked = ask("GET", first.header("Location"));
    Answer second = piece(asked.header("Location"), " of some bytes", 6);
    Answer done = finish(second.header("Location"), DIGEST, new byte[0]);

    assertThat(first.status()).isEqualTo(202);
    assertThat(first.header("Range")).isEqualTo("0-5");
    assertThat(asked.status()).isEqualTo(204);
    assertThat(asked.header("Range")).isEqualTo("0-5");
    assertThat(second.header("Range")).isEqualTo("0-19");
    assertThat(done.status()).isEqualTo(201);
    assertThat(ask("GET", "/v2/team/a/blobs/" + DIGEST).body()).isEqualTo(BLOB);
  }

  @Test
  void aBlobIsTakenThoughNobodyKnowsItsLengthYet() {
    Answer taken = stream(begin("team/a"), BLOB);
    Answer done = finish(taken.header("Location"), DIGEST, new byte[0]);

    assertThat(taken.status()).isEqualTo(202);
    assertThat(done.status()).isEqualTo(201);
    assertThat(ask("GET", "/v2/team/a/blobs/" + DIGEST).body()).isEqualTo(BLOB);
  }

  @Test
  void whatWasTakenIsGivenUp() {
    String upload = stream(begin("team/a"), BLOB).header("Location");

    assertThat(ask("DELETE", upload).status()).isEqualTo(204);
    assertThat(ask("GET", upload).status()).isEqualTo(404);
    assertThat(ask("HEAD", "/v2/team/a/blobs/" + DIGEST).status()).isEqualTo(404);
  }

  @Test
  void otherBytesThanTheDigestAreRefused() {
    Answer refused = finish(begin("team/a"), DIGEST, bytes("other bytes"));

    assertThat(refused.status()).isEqualTo(400);
    assertThat(refused.code()).isEqualTo("DIGEST_INVALID");
    assertThat(ask("HEAD", "/v2/team/a/blobs/" + DIGEST).status()).isEqualTo(404);
  }

  @Test
  void anUploadThatWasGivenUpIsUnknown() {
    String upload = begin("team/a");
    assertThat(ask("DELETE", upload).status()).isEqualTo(204);

    Answer late = piece(upload, "a blob", 0);

    assertThat(late.status()).isEqualTo(404);
    assertThat(late.code()).isEqualTo("BLOB_UPLOAD_UNKNOWN");
    assertThat(ask("GET", upload).status()).isEqualTo(404);
  }

  @Test
  void aBlobIsMountedWhereItIsAndUploadedWhereItIsNot() {
    finish(begin("team/a"), DIGEST, BLOB);
    String unknown = Digest.ofText("unknown").toString().replace(":", "%3A");

    Answer mounted =
        ask(
            "POST",
            "/v2/team/b/blobs/uploads/?mount="
                + DIGEST.toString().replace(":", "%3A")
                + "&from=team%2Fa");
    Answer begun = ask("POST", "/v2/team/b/blobs/uploads/?mount=" + unknown + "&from=team%2Fa");

    assertThat(mounted.status()).isEqualTo(201);
    assertThat(ask("HEAD", "/v2/team/b/blobs/" + DIGEST).status()).isEqualTo(200);
    assertThat(begun.status()).isEqualTo(202);
    assertThat(begun.header("Location")).isNotEmpty();
  }

  @Test
  void aManifestIsFoundByTagAndDigest() {
    finish(begin("team/a"), DIGEST, BLOB);
    byte[] manifest = manifest();
    Digest digest = Digest.ofBytes(manifest);

    Answer put = put("/v2/team/a/manifests/v1", MANIFEST, manifest);

    assertThat(put.status()).isEqualTo(201);
    assertThat(put.header("Docker-Content-Digest")).isEqualTo(digest.toString());
    for (String reference : new String[] {"v1", digest.toString()}) {
      Answer head = ask("HEAD", "/v2/team/a/manifests/" + reference);
      assertThat(head.status()).isEqualTo(200);
      assertThat(head.header("Docker-Content-Digest")).isEqualTo(digest.toString());
      assertThat(head.header("Content-Type")).isEqualTo(MANIFEST);
      assertThat(head.header("Content-Length")).isEqualTo(Integer.toString(manifest.length));
      assertThat(ask("GET", "/v2/team/a/manifests/" + reference).body()).isEqualTo(manifest);
    }
  }

  @Test
  void whatSpeaksOfOthersNeedsThemThere() {
    byte[] manifest = manifest();
    byte[] index =
        bytes(
            "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"manifests\":[%s]}"
                .formatted(INDEX, descriptor(MANIFEST, manifest)));

    Answer withoutBlobs = put("/v2/team/a/manifests/v1", MANIFEST, manifest);
    Answer withoutManifest = put("/v2/team/a/manifests/all", INDEX, index);
    finish(begin("team/a"), DIGEST, BLOB);
    put("/v2/team/a/manifests/v1", MANIFEST, manifest);

    assertThat(withoutBlobs.status()).isEqualTo(400);
    assertThat(withoutBlobs.code()).isEqualTo("MANIFEST_BLOB_UNKNOWN");
    assertThat(withoutManifest.status()).isEqualTo(400);
    assertThat(withoutManifest.code()).isEqualTo("MANIFEST_BLOB_UNKNOWN");
    assertThat(put("/v2/team/a/manifests/all", INDEX, index).status()).isEqualTo(201);
  }

  private static byte[] manifest() {
    String blob = descriptor("application/vnd.oci.image.config.v1+json", BLOB);
    String layer = descriptor("application/vnd.oci.image.layer.v1.tar", BLOB);
    return bytes(
        "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"config\":%s,\"layers\":[%s]}"
            .formatted(MANIFEST, blob, layer));
  }

  private static String descriptor(String type, byte[] content) {
    return "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d}"
        .formatted(type, Digest.ofBytes(content), content.length);
  }

  /// @return where the upload is
  private String begin(String repository) {
    Answer begun = ask("POST", "/v2/" + repository + "/blobs/uploads/");
    assertThat(begun.status()).isEqualTo(202);
    return begun.header("Location");
  }

  private Answer piece(String upload, String text, int offset) {
    String range = offset + "-" + (offset + text.length() - 1);
    return send("PATCH", upload, Map.of("Content-Range", range), bytes(text));
  }

  private Answer finish(String upload, Digest digest, byte[] rest) {
    String whole =
        upload
            + (upload.indexOf('?') < 0 ? "?" : "&")
            + "digest="
            + digest.toString().replace(":", "%3A");
    return send("PUT", whole, Map.of("Content-Type", "application/octet-stream"), rest);
  }

  /// As one piece without a length.
  private Answer stream(String upload, byte[] bytes) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(base().resolve(upload))
            .version(HttpClient.Version.HTTP_1_1)
            .method("PATCH", BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(bytes)));
    return send(request);
  }

  private Answer put(String path, String type, byte[] body) {
    return send("PUT", path, Map.of("Content-Type", type), body);
  }

  private Answer ask(String method, String target) {
    return send(method, target, Map.of("Accept", MANIFEST + ", " + INDEX), new byte[0]);
  }

  private Answer send(String method, String target, Map<String, String> headers, byte[] body) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(base().resolve(target))
            .method(
                method,
                body.length == 0 ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body));
    headers.forEach(request::header);
    return send(request);
  }

  private Answer send(HttpRequest.Builder request) {
    try {
      HttpResponse<byte[]> response = http.send(request.build(), BodyHandlers.ofByteArray());
      return new Answer(response.statusCode(), response.headers(), response.body());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
