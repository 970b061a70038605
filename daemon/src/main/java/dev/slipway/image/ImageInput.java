package dev.slipway.image;

import dev.slipway.attestation.Attestation;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.oci.ImageConfig;
import dev.slipway.oci.Platform;
import dev.slipway.oci.json.OciJson;
import dev.slipway.ref.ImmutableRef;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/// A build's result as images, one a platform.
///
/// @param multiple make an index, even of one
/// @param attestations what is stated about the images, by id of their platform
public record ImageInput(
    List<PlatformImage> images,
    boolean multiple,
    Map<String, byte[]> metadata,
    Map<String, List<Attestation>> attestations) {
  private static final String PLATFORMS = "refs.platforms";
  private static final String CONFIG = "containerimage.config";
  private static final String BASE_CONFIG = "containerimage.base.config";
  private static final String EPOCH = "source.date.epoch";

  public ImageInput {
    images = List.copyOf(images);
    metadata = Map.copyOf(metadata);
    attestations = Map.copyOf(attestations);
  }

  /// With what is stated about the images, which takes an index.
  ///
  /// @param inline also for statements that are no reason to make an index
  public ImageInput with(Map<String, List<Attestation>> stated, boolean inline) {
    boolean wanted =
        images.stream()
            .flatMap(image -> stated.getOrDefault(image.id(), List.of()).stream())
            .anyMatch(attestation -> inline || !attestation.inlineOnly());
    return new ImageInput(
        images, multiple || wanted, metadata, multiple || wanted ? stated : Map.of());
  }

  /// @param id the frontend's name of the platform
  /// @param ref empty for an image without files
  /// @param config as the frontend made it; empty: a plain one is made up
  /// @param epoch what the frontend found for `SOURCE_DATE_EPOCH`
  public record PlatformImage(
      String id,
      Platform platform,
      Optional<ImmutableRef> ref,
      Optional<byte[]> config,
      Optional<ImageConfig> baseConfig,
      Optional<Instant> epoch) {}

  /// @throws InvalidRequest the metadata do not fit the results
  public static ImageInput of(
      Optional<ImmutableRef> single,
      SequencedMap<String, Optional<ImmutableRef>> refs,
      Map<String, byte[]> metadata) {
    boolean multiple = !refs.isEmpty();
    if (multiple) {
      requireMapping(metadata);
    }
    List<ResultPlatform> platforms = ResultPlatform.of(metadata);
    if (!multiple && platforms.size() > 1) {
      throw new InvalidRequest("cannot export multiple platforms without multi-platform enabled");
    }
    List<PlatformImage> images = new ArrayList<>();
    for (ResultPlatform named : platforms) {
      Optional<ImmutableRef> ref = single;
      if (multiple) {
        if (!refs.containsKey(named.id())) {
          throw new InvalidRequest("failed to find ref for ID " + named.id());
        }
        ref = refs.get(named.id());
      }
      images.add(
          new PlatformImage(
              named.id(),
              named.platform(),
              ref,
              keyed(metadata, CONFIG, named.id())
                  .filter(bytes -> bytes.length > 0)
                  .map(ImageInput::requireValue),
              keyed(metadata, BASE_CONFIG, named.id())
                  .filter(bytes -> bytes.length > 0)
                  .map(OciJson::config),
              keyed(metadata, EPOCH, named.id()).flatMap(ImageInput::epoch)));
    }
    return new ImageInput(images, multiple, metadata, Map.of());
  }

  /// Ids of the platforms that a result has, in order; of one whose frontend names none, that of
  /// its image config or of this machine.
  ///
  /// @throws InvalidRequest the metadata are malformed
  public static List<String> platformIds(Map<String, byte[]> metadata) {
    return ResultPlatform.of(metadata).stream().map(ResultPlatform::id).toList();
  }

  /// As [#platformIds], of a result that comes as several.
  public static List<String> severalPlatformIds(Map<String, byte[]> metadata) {
    requireMapping(metadata);
    return platformIds(metadata);
  }

  private static void requireMapping(Map<String, byte[]> metadata) {
    if (!metadata.containsKey(PLATFORMS)) {
      throw new InvalidRequest("unable to export multiple refs, missing platforms mapping");
    }
  }

  /// A metadata value as text.
  public Optional<String> text(String key) {
    return Optional.ofNullable(metadata.get(key))
        .map(bytes -> new String(bytes, StandardCharsets.UTF_8));
  }

  private static Optional<byte[]> keyed(Map<String, byte[]> metadata, String key, String id) {
    return Optional.ofNullable(metadata.get(key + "/" + id))
        .or(() -> Optional.ofNullable(metadata.get(key)));
  }

  private static byte[] requireValue(byte[] config) {
    if (ResultPlatform.isNull(config)) {
      throw new InvalidRequest("invalid null image config for export");
    }
    return config;
  }

  private static Optional<Instant> epoch(byte[] value) {
    String text = new String(value, StandardCharsets.UTF_8);
    try {
      return GoValues.epoch("", text);
    } catch (InvalidRequest bad) {
      throw bad.in("invalid SOURCE_DATE_EPOCH from frontend: \"" + text + "\"");
    }
  }
}
