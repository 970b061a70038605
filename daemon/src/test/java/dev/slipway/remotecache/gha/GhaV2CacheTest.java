package dev.slipway.remotecache.gha;

import static org.assertj.core.api.Assertions.assertThatCode;

import dev.slipway.remotecache.CachedLayer;
import java.util.Map;
import org.junit.jupiter.api.Test;

class GhaV2CacheTest extends GhaCacheContract {
  @Override
  Map<String, String> address(String url) {
    return Map.of("url_v2", url, "url", "http://unused.invalid/");
  }

  @Override
  protected String layerRead() {
    return "GET /storage/cache/1\\?";
  }

  @Override
  protected String layerWritten() {
    return "PUT /storage/cache/[13]\\?";
  }

  /// Addresses are good for some minutes; a layer may be needed hours after the import.
  @Test
  void anAddressThatExpiredIsAskedForAgain() {
    write(cache("one"));
    CachedLayer layer = onlyLayer();
    backend().has(layer, context());
    store().expireAddresses();

    assertThatCode(() -> fetch(layer)).doesNotThrowAnyException();
  }
}
