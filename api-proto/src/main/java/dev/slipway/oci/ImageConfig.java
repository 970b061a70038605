package dev.slipway.oci;

import java.util.List;
import java.util.Optional;

/// What an image's config says about its layers (OCI image-spec, config.md). How to run it is not
/// told here: whoever needs that reads the config's own bytes.
///
/// @param rootfsType `layers`
/// @param diffIds base layer first
/// @param created as written, RFC 3339
public record ImageConfig(
    Platform platform,
    String rootfsType,
    List<DiffId> diffIds,
    List<History> history,
    Optional<String> created) {
  public ImageConfig {
    diffIds = List.copyOf(diffIds);
    history = List.copyOf(history);
  }

  /// The chain of the layers; empty when there are none.
  public Optional<ChainId> chainId() {
    return diffIds.isEmpty() || !rootfsType.equals("layers")
        ? Optional.empty()
        : Optional.of(ChainId.of(diffIds));
  }

  /// How one layer came to be, or a step that made none.
  ///
  /// @param created as written, RFC 3339; empty when not told
  /// @param emptyLayer no layer belongs to it
  public record History(
      Optional<String> created,
      String createdBy,
      String author,
      String comment,
      boolean emptyLayer) {
    public History withCreated(Optional<String> time) {
      return new History(time, createdBy, author, comment, emptyLayer);
    }

    public History withEmptyLayer(boolean empty) {
      return new History(created, createdBy, author, comment, empty);
    }
  }
}
