package dev.slipway.deploy;

import dev.slipway.remotecache.object.PlaceKind;
import dev.slipway.remotecache.object.testing.ObjectCacheContract;
import dev.slipway.remotecache.object.testing.ObjectServer;
import dev.slipway.remotecache.object.testing.RelayedStore;
import dev.slipway.remotecache.s3.S3Kind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/// What is promised of the S3 in memory, S3Proxy keeps.
final class S3ContractIT extends ObjectCacheContract {
  private static StoreProcess store;

  private final String prefix = UUID.randomUUID() + "/";

  @BeforeAll
  static void openStore(@TempDir Path folder) {
    store = StoreProcess.s3(Distribution.underTest(), folder, "bucket");
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
    return new S3Kind(connections, clock, Map.of());
  }

  @Override
  protected Map<String, String> attributes() {
    return Map.of(
        "bucket",
        "bucket",
        "region",
        "us-east-1",
        "endpoint_url",
        server().url(),
        "use_path_style",
        "true",
        "prefix",
        prefix,
        "access_key_id",
        StoreProcess.USER,
        "secret_access_key",
        StoreProcess.PASSWORD);
  }

  @Override
  protected Map<String, String> wrongAttributes() {
    Map<String, String> changed = new HashMap<>(attributes());
    changed.put("access_key_id", "stranger");
    return changed;
  }

  @Override
  protected String layerRead() {
    return "GET /bucket/" + prefix + "blobs/";
  }

  @Override
  protected String layerWritten() {
    return "PUT /bucket/" + prefix + "blobs/";
  }

  @Override
  protected void loseLayers() {
    try (DirectoryStream<Path> layers =
        Files.newDirectoryStream(store.object("bucket/" + prefix + "blobs"))) {
      for (Path layer : layers) {
        Files.delete(layer);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
