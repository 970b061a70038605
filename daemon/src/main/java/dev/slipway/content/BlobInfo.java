package dev.slipway.content;

import dev.slipway.oci.Digest;
import java.time.Instant;
import java.util.Map;

/// What the store knows of a committed blob.
public record BlobInfo(Digest digest, long bytes, Instant committedAt, Map<String, String> labels) {
  public BlobInfo {
    labels = Map.copyOf(labels);
  }
}
