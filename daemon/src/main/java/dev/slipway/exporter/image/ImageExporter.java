package dev.slipway.exporter.image;

import dev.slipway.content.ContentStore;
import dev.slipway.exporter.ExportedImages;
import dev.slipway.exporter.ExportedImages.OciTypes;
import dev.slipway.exporter.Exporter;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.image.CommittedImage;
import dev.slipway.image.GoValues;
import dev.slipway.image.ImageInput;
import dev.slipway.image.ImageOptions;
import dev.slipway.image.ImageWriter;
import dev.slipway.layer.LayerConverter;
import dev.slipway.ref.FetchContext;
import dev.slipway.ref.RefStore;
import dev.slipway.registry.CredentialSource;
import dev.slipway.registry.RegistryClient;
import dev.slipway.session.SessionGroup;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/// Makes images, and pushes them when asked. Thread-safe.
///
/// There is no store of images by name, so `store` and `unpack` are accepted and mean nothing, as
/// with the genuine daemon's OCI worker.
public final class ImageExporter implements Exporter {
  private final ImageWriter writer;
  private final ImagePush push;

  public ImageExporter(
      RefStore refs,
      ContentStore content,
      LayerConverter converter,
      RegistryClient client,
      Function<SessionGroup, CredentialSource> credentials) {
    this.writer = new ImageWriter(refs, content, converter, ImageWriter.Presence.WHEN_NEEDED);
    this.push = new ImagePush(client, refs, content, credentials);
  }

  @Override
  public List<String> types() {
    return List.of("image");
  }

  @Override
  public Export prepare(String type, int index, Map<String, String> attributes) {
    return new ImageExport(ImageOptions.of(attributes), Where.of(attributes));
  }

  /// Attributes that say where an image goes.
  private record Where(
      boolean push,
      boolean byDigest,
      boolean insecure,
      String danglingPrefix,
      boolean danglingOnlyWhenEmpty) {
    static Where of(Map<String, String> attributes) {
      for (String accepted : List.of("unpack", "store", "name-canonical")) {
        flag(attributes, accepted);
      }
      return new Where(
          flag(attributes, "push"),
          flag(attributes, "push-by-digest"),
          flag(attributes, "registry.insecure"),
          attributes.getOrDefault("dangling-name-prefix", ""),
          flag(attributes, "danging-name-empty-only"));
    }

    private static boolean flag(Map<String, String> attributes, String key) {
      return Optional.ofNullable(attributes.get(key))
          .map(value -> GoValues.flag(key, value))
          .orElse(false);
    }

    String names(String asked, CommittedImage image) {
      if (danglingPrefix.isEmpty() || (danglingOnlyWhenEmpty && !asked.isEmpty())) {
        return asked;
      }
      String dangling = danglingPrefix + "@" + image.root().digest();
      return asked.isEmpty() ? dangling : asked + "," + dangling;
    }
  }

  private final class ImageExport implements Export {
    private final ImageOptions options;
    private final Where where;

    private ImageExport(ImageOptions options, Where where) {
      this.options = options;
      this.where = where;
    }

    @Override
    public String name() {
      return "exporting to image";
    }

    @Override
    public Exported export(Input input, FetchContext context, ExportSession session) {
      Map<String, byte[]> metadata = new HashMap<>(input.metadata());
      options
          .rest()
          .forEach(
              (key, value) ->
                  metadata.put(key, value.getBytes(java.nio.charset.StandardCharsets.UTF_8)));
      ImageInput images =
          ImageInput.of(input.single(), input.refs(), metadata)
              .with(input.attestations(), options.inlineAttestations().orElse(true));
      ImageOptions decided =
          ExportedImages.decided(
              "image",
              options,
              session.compatibility(),
              // Statements have no place among Docker's types.
              input.attestations().isEmpty() ? OciTypes.BY_VERSION : OciTypes.ALWAYS);
      String asked =
          options.name().equals("*") ? images.text("image.name").orElse("*") : options.name();
      CommittedImage image;
      try (HeadStart head = push.headStart(foreseen(asked), context)) {
        image =
            writer.commit(
                images,
                decided,
                session.inlineCache().map(cache -> (id, layers) -> cache.recordsOf(id, layers)),
                context.watchedBy(head));
        head.join();
      }
      Map<String, String> response = new HashMap<>(image.response());
      String names = where.names(asked, image);
      if (!names.isEmpty()) {
        response.put("image.name", names);
      }
      List<ImagePush.Target> targets = targets(names);
      return new Exported(
          response,
          Optional.of(image.root()),
          targets.isEmpty()
              ? Optional.empty()
              : Optional.of(later -> push.run(image, targets, later)));
    }

    private List<ImagePush.Target> targets(String names) {
      List<ImagePush.Target> targets = new ArrayList<>();
      if (where.push && !names.isEmpty()) {
        for (String name : names.split(",", -1)) {
          targets.add(ImagePush.Target.of(name, where.byDigest, where.insecure));
        }
      }
      return targets;
    }

    /// Where the layers will be wanted, as far as it is certain before there is an image.
    private List<ImagePush.Target> foreseen(String names) {
      if (options.rewriteTimestamp()) {
        return List.of(); // by others
      }
      try {
        return targets(names);
      } catch (InvalidRequest toldLater) {
        return List.of();
      }
    }
  }
}
