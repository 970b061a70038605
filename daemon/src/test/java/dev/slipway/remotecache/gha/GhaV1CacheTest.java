package dev.slipway.remotecache.gha;

import java.util.Map;

class GhaV1CacheTest extends GhaCacheContract {
  @Override
  Map<String, String> address(String url) {
    return Map.of("url", url);
  }

  @Override
  protected String layerRead() {
    return "GET /archive/1";
  }

  @Override
  protected String layerWritten() {
    return "PATCH /_apis/artifactcache/caches/[13]$";
  }
}
