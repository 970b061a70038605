package dev.slipway.oci;

/// The digest of a layer's *uncompressed* tar bytes (OCI image-spec, config.md, "Layer DiffID"). A
/// type of its own, so that it cannot be mistaken for the digest of the compressed blob.
public record DiffId(Digest digest) implements Comparable<DiffId> {
  public static DiffId parse(String text) {
    return new DiffId(Digest.parse(text));
  }

  @Override
  public int compareTo(DiffId other) {
    return digest.compareTo(other.digest);
  }

  @Override
  public String toString() {
    return digest.toString();
  }
}
