package dev.slipway.oci;

import java.util.List;

/// The identity of a stack of layers applied in order (OCI image-spec, config.md, "Layer ChainID").
public record ChainId(Digest digest) {
  /// The chain of these layers, base layer first.
  ///
  /// @throws IllegalArgumentException for no layers: the empty stack has no chain id
  public static ChainId of(List<DiffId> diffIds) {
    if (diffIds.isEmpty()) {
      throw new IllegalArgumentException("a chain has at least one layer");
    }
    ChainId chain = new ChainId(diffIds.getFirst().digest());
    for (DiffId next : diffIds.subList(1, diffIds.size())) {
      chain = chain.append(next);
    }
    return chain;
  }

  public ChainId append(DiffId next) {
    return new ChainId(Digest.ofText(digest + " " + next));
  }

  @Override
  public String toString() {
    return digest.toString();
  }
}
