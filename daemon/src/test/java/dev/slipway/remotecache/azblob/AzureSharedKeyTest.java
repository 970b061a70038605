package dev.slipway.remotecache.azblob;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.remotecache.object.ObjectRequest;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class AzureSharedKeyTest {
  private static final byte[] KEY = "azblobcacheaccountkey".getBytes(StandardCharsets.UTF_8);
  private static final Instant NOW = Instant.parse("2026-11-27T23:00:00Z");

  /// Computed from the text that Microsoft's documentation says is signed.
  @Test
  void aBlockOfABlob() {
    ObjectRequest request =
        ObjectRequest.of(
                "PUT",
                URI.create("http://h:1/account/caches/blobs%2Fx?comp=block&blockid=MDAwMDAwMDE%3D"))
            .with("x-ms-version", "2021-12-02")
            .with("content-type", "application/octet-stream")
            .with(new byte[3]);

    ObjectRequest signed = new AzureSharedKey("account", KEY).sign(request, NOW);

    assertThat(signed.headers())
        .containsEntry("x-ms-date", "Fri, 27 Nov 2026 23:00:00 GMT")
        .containsEntry(
            "authorization", "SharedKey account:oo1Kbk6eM6tDyuplb3E8akCXN/Iz0Ly6lYasJYurV1k=");
  }
}
