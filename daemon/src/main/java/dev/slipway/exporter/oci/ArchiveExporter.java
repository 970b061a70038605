package dev.slipway.exporter.oci;

import dev.slipway.content.ContentStore;
import dev.slipway.exporter.ExportedImages;
import dev.slipway.exporter.ExportedImages.OciTypes;
import dev.slipway.exporter.Exporter;
import dev.slipway.failure.AlreadyExists;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.failure.Unavailable;
import dev.slipway.image.CommittedImage;
import dev.slipway.image.GoValues;
import dev.slipway.image.ImageInput;
import dev.slipway.image.ImageOptions;
import dev.slipway.image.ImageWriter;
import dev.slipway.layer.LayerConverter;
import dev.slipway.oci.Descriptor;
import dev.slipway.oci.ImageReference;
import dev.slipway.progress.VertexProgress;
import dev.slipway.ref.FetchContext;
import dev.slipway.ref.RefStore;
import dev.slipway.task.Clock;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Makes images and sends them to the client as an archive, or blob by blob with `tar=false`.
/// Thread-safe.
public final class ArchiveExporter implements Exporter {
  private static final String CREATED = "org.opencontainers.image.created";
  private static final int BUFFER = 256 * 1024;

  private final ContentStore content;
  private final ImageWriter writer;
  private final ClientSink sink;
  private final Clock clock;

  public ArchiveExporter(
      RefStore refs, ContentStore content, LayerConverter converter, ClientSink sink, Clock clock) {
    this.content = content;
    this.writer = new ImageWriter(refs, content, converter, ImageWriter.Presence.HERE);
    this.sink = sink;
    this.clock = clock;
  }

  @Override
  public List<String> types() {
    return List.of("oci", "docker");
  }

  @Override
  public Export prepare(String type, int index, Map<String, String> attributes) {
    boolean tar =
        Optional.ofNullable(attributes.get("tar"))
            .map(value -> GoValues.flag("tar", value))
            .orElse(true);
    return new ArchiveExport(type, index, ImageOptions.of(attributes), tar);
  }

  private final class ArchiveExport implements Export {
    private final String type;
    private final int index;
    private final ImageOptions options;
    private final boolean tar;

    private ArchiveExport(String type, int index, ImageOptions options, boolean tar) {
      this.type = type;
      this.index = index;
      this.options = options;
      this.tar = tar;
    }

    @Override
    public String name() {
      return "exporting to " + type + " image format";
    }

    @Override
    public Exported export(Input input, FetchContext context, ExportSession session) {
      if (type.equals("docker") && !input.refs().isEmpty()) {
        throw new InvalidRequest(
            "docker exporter does not currently support exporting manifest lists");
      }
      Map<String, byte[]> metadata = new HashMap<>(input.metadata());
      options
          .rest()
          .forEach((key, value) -> metadata.put(key, value.getBytes(StandardCharsets.UTF_8)));
      ImageInput images =
          ImageInput.of(input.single(), input.refs(), metadata)
              .with(input.attestations(), options.inlineAttestations().orElse(false));
      ImageOptions decided =
          ExportedImages.decided(
              type,
              options,
              session.compatibility(),
              type.equals("oci") || !input.attestations().isEmpty()
                  ? OciTypes.ALWAYS
                  : OciTypes.BY_VERSION);
      CommittedImage image =
          dated(
              writer.commit(
                  images,
                  decided,
                  session.inlineCache().map(cache -> (id, layers) -> cache.recordsOf(id, layers)),
                  context));
      Map<String, String> response = new HashMap<>(image.response());
      List<ImageReference> names =
          names(
              options.name().equals("*") ? images.text("image.name").orElse("*") : options.name());
      if (!names.isEmpty()) {
        response.put(
            "image.name",
            names.stream().map(ImageReference::toString).collect(Collectors.joining(",")));
      }
      ImageArchive archive = new ImageArchive(image, names, content);
      if (tar) {
        send(archive, response, context, session);
      } else {
        sink.copyBlobs(session.sessionId(), archive.contents(), content);
      }
      return new Exported(response, Optional.of(image.root()), Optional.empty());
    }

    private CommittedImage dated(CommittedImage image) {
      Descriptor root = image.root();
      if (root.annotations().containsKey(CREATED)) {
        return image;
      }
      Optional<Instant> frontend = image.images().getFirst().image().epoch();
      Instant created =
          options.epoch().orElse(frontend).orElseGet(clock::now).truncatedTo(ChronoUnit.SECONDS);
      Map<String, String> annotations = new TreeMap<>(root.annotations());
      annotations.put(CREATED, GoValues.format(created));
      return image.withRoot(root.withAnnotations(annotations));
    }

    private void send(
        ImageArchive archive,
        Map<String, String> response,
        FetchContext context,
        ExportSession session) {
      try (VertexProgress.Item _ = context.progress().start("sending tarball");
          ClientSink.ClientArchive file = sink.openArchive(session.sessionId(), index, response)) {
        BufferedOutputStream out = new BufferedOutputStream(file.bytes(), BUFFER);
        if (type.equals("docker")) {
          archive.writeDocker(out);
        } else {
          archive.writeOci(out);
        }
        out.flush();
        file.finish();
      } catch (AlreadyExists there) {
        // The client has this very image already: as good as sent.
      } catch (IOException failed) {
        throw new Unavailable("sending the archive to the client: " + failed.getMessage(), failed);
      }
    }
  }

  private static List<ImageReference> names(String joined) {
    if (joined.isEmpty()) {
      return List.of();
    }
    return Stream.of(joined.split(",", -1)).map(ArchiveExporter::name).toList();
  }

  private static ImageReference name(String text) {
    try {
      return ImageReference.parse(text).withDefaultTag();
    } catch (InvalidRequest bad) {
      throw bad.in("failed to parse " + text);
    }
  }
}
