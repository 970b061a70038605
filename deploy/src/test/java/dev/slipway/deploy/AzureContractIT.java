package dev.slipway.deploy;

import dev.slipway.remotecache.azblob.AzureKind;
import dev.slipway.remotecache.object.PlaceKind;
import dev.slipway.remotecache.object.testing.ObjectCacheContract;
import dev.slipway.remotecache.object.testing.ObjectServer;
import dev.slipway.remotecache.object.testing.RelayedStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/// What is promised of the blob storage in memory, Azurite keeps.
final class AzureContractIT extends ObjectCacheContract {
  private static final String VERSION = "2021-08-06";
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  private static StoreProcess store;

  private final String container = "caches-" + UUID.randomUUID();

  @BeforeAll
  static void openStore(@TempDir Path folder) {
    store = StoreProcess.azure(Distribution.underTest(), folder);
  }

  @AfterAll
  static void closeStore() {
    store.close();
  }

  @Override
  protected ObjectServer start() {
    return ObjectServer.start(new RelayedStore(URI.create(store.url())));
  }

  @Override
  protected PlaceKind kind() {
    return new AzureKind(connections, clock, Map.of());
  }

  @Override
  protected Map<String, String> attributes() {
    return Map.of(
        "account_url",
        server().url() + "/" + StoreProcess.USER,
        "account_name",
        StoreProcess.USER,
        "container",
        container,
        "secret_access_key",
        StoreProcess.PASSWORD);
  }

  @Override
  protected Map<String, String> wrongAttributes() {
    Map<String, String> changed = new HashMap<>(attributes());
    changed.put("secret_access_key", "d3Jvbmc=");
    return changed;
  }

  @Override
  protected String layerRead() {
    return "GET " + layers();
  }

  @Override
  protected String layerWritten() {
    return "PUT " + layers();
  }

  private String layers() {
    return "/" + StoreProcess.USER + "/" + container + "/blobs%2F";
  }

  @Override
  protected void loseLayers() {
    server().requests().stream()
        .filter(each -> each.startsWith(layerWritten()))
        .map(each -> each.replaceFirst("^PUT ", "").replaceFirst("\\?.*", ""))
        .distinct()
        .forEach(AzureContractIT::delete);
  }

  /// See Azure's "Authorize with Shared Key".
  private static void delete(String path) {
    String now = TIME.format(Instant.now());
    String signed =
        "DELETE\n\n\n\n\n\n\n\n\n\n\n\nx-ms-date:%s\nx-ms-version:%s\n/%s%s"
            .formatted(now, VERSION, StoreProcess.USER, path);
    try (HttpClient client = HttpClient.newHttpClient()) {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(Base64.getDecoder().decode(StoreProcess.PASSWORD), "HmacSHA256"));
      String signature =
          Base64.getEncoder().encodeToString(mac.doFinal(signed.getBytes(StandardCharsets.UTF_8)));
      int status =
          client
              .send(
                  HttpRequest.newBuilder(URI.create(store.url()).resolve(path))
                      .DELETE()
                      .header("x-ms-date", now)
                      .header("x-ms-version", VERSION)
                      .header("Authorization", "SharedKey " + StoreProcess.USER + ":" + signature)
                      .build(),
                  BodyHandlers.discarding())
              .statusCode();
      if (status != 202) {
        throw new AssertionError("DELETE " + path + ": " + status);
      }
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
