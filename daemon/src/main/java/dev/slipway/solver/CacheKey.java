package dev.slipway.solver;

import dev.slipway.oci.Digest;
import dev.slipway.solver.cachekey.Alternative;
import dev.slipway.solver.cachekey.KeyId;
import dev.slipway.solver.cachekey.KeyRecord;
import java.util.List;
import java.util.Optional;

/// The identity by which a result is found again, as BuildKit forms it (surface reference 4.2 and
/// 5.7): the op's digest and output index, and per input the alternatives by which that input may
/// be identified. Two keys are equal when their ids are.
///
/// @param id its name in the key store, where it may have more results and more alternatives than
///   are seen here
/// @param digest of the op (or of content, with index -1)
/// @param output index of the output; -1 for content keys
/// @param exported its result may go into exported caches, as far as they have room for it
/// @param inputs one list an input: the keys that stand for it, each with the selector in force
public record CacheKey(
    KeyId id,
    Digest digest,
    int output,
    boolean shareable,
    boolean exported,
    List<List<Link>> inputs) {
  public CacheKey {
    inputs = inputs.stream().map(List::copyOf).toList();
  }

  /// A key no store has named yet.
  public CacheKey(Digest digest, int output, boolean shareable, List<List<Link>> inputs) {
    this(
        recordOf(digest, output, shareable, inputs).freshId(),
        digest,
        output,
        shareable,
        true,
        inputs);
  }

  /// The key of bytes, whatever made them.
  static CacheKey ofContent(Digest content) {
    return new CacheKey(KeyId.content(content), content, KeyId.CONTENT, true, true, List.of());
  }

  /// The same in the store's words.
  public KeyRecord asRecord() {
    return recordOf(digest, output, shareable, inputs);
  }

  CacheKey withId(KeyId name) {
    return new CacheKey(name, digest, output, shareable, exported, inputs);
  }

  /// The same, whose result stays out of exported caches.
  public CacheKey withoutExport() {
    return new CacheKey(id, digest, output, shareable, false, inputs);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof CacheKey key && key.id.equals(id);
  }

  @Override
  public int hashCode() {
    return id.hashCode();
  }

  /// The id alone: the inputs' keys form a graph that may be large.
  @Override
  public String toString() {
    return id.toString();
  }

  private static KeyRecord recordOf(
      Digest digest, int output, boolean shareable, List<List<Link>> inputs) {
    return new KeyRecord(
        digest,
        output,
        shareable,
        inputs.stream().map(input -> input.stream().map(Link::asAlternative).toList()).toList());
  }

  public record Link(CacheKey key, Optional<Digest> selector) {
    Alternative asAlternative() {
      return new Alternative(key.id(), selector);
    }
  }
}
