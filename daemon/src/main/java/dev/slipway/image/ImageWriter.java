package dev.slipway.image;

import dev.slipway.attestation.Attestation;
import dev.slipway.content.ContentStore;
import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.Cancelled;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.image.ImageAnnotations.Level;
import dev.slipway.image.ImageInput.PlatformImage;
import dev.slipway.layer.LayerConverter;
import dev.slipway.layer.LayerWriter.WrittenLayer;
import dev.slipway.oci.Descriptor;
import dev.slipway.oci.DiffId;
import dev.slipway.oci.Digest;
import dev.slipway.oci.ImageConfig;
import dev.slipway.oci.ImageConfig.History;
import dev.slipway.oci.Index;
import dev.slipway.oci.Manifest;
import dev.slipway.oci.MediaType;
import dev.slipway.oci.json.OciJson;
import dev.slipway.progress.VertexProgress;
import dev.slipway.ref.FetchContext;
import dev.slipway.ref.ImmutableRef;
import dev.slipway.ref.RefStore;
import dev.slipway.task.TaskScope;
import dev.slipway.task.TaskScope.Forked;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Makes images of results: layers into blobs, config, manifest, and an index where there are
/// several. All of it lies in the content store afterwards, except layers that may come later.
/// Thread-safe.
public final class ImageWriter {
  private static final Logger log = LoggerFactory.getLogger(ImageWriter.class);
  private static final String NON_DISTRIBUTABLE = ".nondistributable.";
  private static final String FOREIGN = ".foreign.";
  private static final String REWRITTEN = "buildkit/rewritten-timestamp";

  /// Whether layers that can be fetched must be in the content store once an image is made of them.
  public enum Presence {
    HERE,
    WHEN_NEEDED
  }

  private final RefStore refs;
  private final Presence presence;
  private final LayerConverter converter;
  private final Documents documents;
  private final BillCompletion bills;

  public ImageWriter(
      RefStore refs, ContentStore store, LayerConverter converter, Presence presence) {
    this.refs = refs;
    this.presence = presence;
    this.converter = converter;
    this.documents = new Documents(store);
    this.bills = new BillCompletion(refs, store);
  }

  /// Makes the cache records to embed into a platform's config.
  @FunctionalInterface
  public interface InlineRecords {
    Optional<byte[]> of(String platformId, List<Descriptor> layers);
  }

  /// @return what was made, with everything a push or an archive needs
  /// @throws InvalidRequest the options do not fit the result
  public CommittedImage commit(
      ImageInput input,
      ImageOptions options,
      Optional<InlineRecords> inline,
      FetchContext context) {
    ImageAnnotations annotations =
        ImageAnnotations.of(List.of(options.annotations(), texts(input.metadata())));
    annotations.check(
        input.images().stream().map(PlatformImage::id).collect(Collectors.toSet()),
        options.ociTypes());
    if (!input.multiple()
        && (!annotations.index(Level.INDEX).isEmpty()
            || !annotations.index(Level.INDEX_DESCRIPTOR).isEmpty())) {
      throw new InvalidRequest("index annotations not supported for single platform export");
    }
    List<List<Descriptor>> layers = exportLayers(input, options, context);
    List<CommittedImage.One> images = new ArrayList<>();
    for (int i = 0; i < input.images().size(); i++) {
      images.add(
          commitOne(input.images().get(i), layers.get(i), options, annotations, inline, context));
    }
    if (!input.multiple()) {
      CommittedImage.One only = images.getFirst();
      Descriptor root = only.manifest().withPlatform(input.images().getFirst().platform());
      return new CommittedImage(root, Optional.of(only.config().digest()), images);
    }
    images.addAll(stated(input, images, options, context));
    return new CommittedImage(
        commitIndex(images, options, annotations, context), Optional.empty(), images);
  }

  /// What is stated about the images, each as a manifest after all images.
  private List<CommittedImage.One> stated(
      ImageInput input,
      List<CommittedImage.One> images,
      ImageOptions options,
      FetchContext context) {
    if (!input.attestations().isEmpty() && !options.ociTypes()) {
      throw new InvalidRequest("cannot export attestations with \"oci-mediatypes=false\"");
    }
    AttestationManifest writer = new AttestationManifest(documents, options, context);
    List<CommittedImage.One> all = new ArrayList<>();
    for (CommittedImage.One image : images) {
      List<Attestation> attestations =
          input.attestations().getOrDefault(image.image().id(), List.of()).stream()
              .map(attestation -> bills.complete(attestation, image, context))
              .toList();
      if (!attestations.isEmpty()) {
        all.add(writer.commit(image, attestations));
      }
    }
    return all;
  }

  private List<List<Descriptor>> exportLayers(
      ImageInput input, ImageOptions options, FetchContext context) {
    try (VertexProgress.Item _ = context.progress().start("exporting layers");
        TaskScope scope = TaskScope.open("export layers")) {
      List<Forked<List<Descriptor>>> all = new ArrayList<>();
      for (PlatformImage image : input.images()) {
        all.add(
            scope.fork(
                () -> image.ref().map(ref -> blobs(ref, options, context)).orElse(List.of())));
      }
      scope.join();
      return all.stream().map(Forked::result).toList();
    }
  }

  private List<Descriptor> blobs(ImmutableRef ref, ImageOptions options, FetchContext context) {
    return presence == Presence.HERE || options.rewriteTimestamp()
        ? refs.blobs(ref, options.compression(), context)
        : refs.lazyBlobs(ref, options.compression(), context);
  }

  private CommittedImage.One commitOne(
      PlatformImage image,
      List<Descriptor> exported,
      ImageOptions options,
      ImageAnnotations annotations,
      Optional<InlineRecords> inline,
      FetchContext context) {
    Optional<Instant> epoch = options.epoch().isPresent() ? options.epoch().get() : image.epoch();
    List<Descriptor> layers =
        options.rewriteTimestamp() && epoch.isPresent()
            ? rewritten(exported, epoch.get(), image.baseConfig(), options, context)
            : exported;
    byte[] given = image.config().orElseGet(() -> ConfigPatch.plain(image.platform()));
    List<History> history =
        ImageHistory.normalized(OciJson.config(given).history(), layers.size(), image.ref());
    Optional<byte[]> records = inline.flatMap(maker -> inlined(maker, image, layers, context));
    byte[] config = ConfigPatch.patched(given, layers, history, epoch, image.baseConfig(), records);
    Descriptor configDescriptor =
        new Descriptor(
            options.ociTypes() ? MediaType.OCI_CONFIG : MediaType.DOCKER_CONFIG,
            Digest.ofBytes(config),
            config.length);
    List<Descriptor> published =
        layers.stream()
            .map(layer -> layer.withAnnotations(published(layer, options.ociTypes())))
            .map(
                layer ->
                    options.nonDistributable() && !layer.urls().isEmpty()
                        ? layer
                        : distributable(layer))
            .toList();
    MediaType type = options.ociTypes() ? MediaType.OCI_MANIFEST : MediaType.DOCKER_MANIFEST;
    byte[] manifest =
        OciJson.write(
            new Manifest(
                type,
                configDescriptor,
                published,
                annotations.manifest(Level.MANIFEST, image.platform())));
    Digest digest = Digest.ofBytes(manifest);
    keep("exporting manifest " + digest, manifest, context);
    keep("exporting config " + configDescriptor.digest(), config, context);
    Descriptor descriptor =
        new Descriptor(
            type,
            digest,
            manifest.length,
            annotations.manifest(Level.MANIFEST_DESCRIPTOR, image.platform()),
            Optional.empty());
    return new CommittedImage.One(image, descriptor, configDescriptor, published);
  }

  private static Optional<byte[]> inlined(
      InlineRecords maker, PlatformImage image, List<Descriptor> layers, FetchContext context) {
    try (VertexProgress.Item _ = context.progress().start("preparing layers for inline cache")) {
      return maker.of(image.id(), layers);
    }
  }

  private Descriptor commitIndex(
      List<CommittedImage.One> images,
      ImageOptions options,
      ImageAnnotations annotations,
      FetchContext context) {
    List<Descriptor> manifests =
        images.stream().map(each -> each.manifest().withPlatform(each.image().platform())).toList();
    MediaType type = options.ociTypes() ? MediaType.OCI_INDEX : MediaType.DOCKER_LIST;
    byte[] index = OciJson.write(new Index(type, manifests, annotations.index(Level.INDEX)));
    Digest digest = Digest.ofBytes(index);
    keep("exporting manifest list " + digest, index, context);
    return new Descriptor(
        type, digest, index.length, annotations.index(Level.INDEX_DESCRIPTOR), Optional.empty());
  }

  private void keep(String item, byte[] document, FetchContext context) {
    try (VertexProgress.Item _ = context.progress().start(item)) {
      documents.keep(document, Map.of());
    }
  }

  /// Layers of the base image stay as they are; the others get no file time later than the epoch.
  private List<Descriptor> rewritten(
      List<Descriptor> layers,
      Instant epoch,
      Optional<ImageConfig> base,
      ImageOptions options,
      FetchContext context) {
    String item =
        "rewriting layers with source-date-epoch "
            + epoch.getEpochSecond()
            + " ("
            + GoValues.plain(epoch)
            + ")";
    List<DiffId> immutable = base.map(ImageConfig::diffIds).orElse(List.of());
    try (VertexProgress.Item _ = context.progress().start(item);
        TaskScope scope = TaskScope.open("rewrite layers")) {
      List<Forked<Descriptor>> all = new ArrayList<>();
      boolean diverged = false;
      for (int i = 0; i < layers.size(); i++) {
        Descriptor layer = layers.get(i);
        diverged =
            diverged
                || i >= immutable.size()
                || !layer.diffId().equals(Optional.of(immutable.get(i)));
        boolean rewrite =
            diverged
                && !Long.toString(epoch.getEpochSecond())
                    .equals(layer.annotations().get(REWRITTEN));
        all.add(scope.fork(() -> rewrite ? rewrite(layer, epoch, options) : layer));
      }
      scope.join();
      return all.stream().map(Forked::result).toList();
    }
  }

  private Descriptor rewrite(Descriptor layer, Instant epoch, ImageOptions options) {
    try {
      WrittenLayer written = converter.clampTimes(layer, epoch, options.compression());
      Map<String, String> annotations = new HashMap<>(written.blob().annotations());
      annotations.put(REWRITTEN, Long.toString(epoch.getEpochSecond()));
      return written.blob().withAnnotations(annotations);
    } catch (Cancelled cancelled) {
      throw cancelled;
    } catch (BuildFailure failure) {
      log.warn("layer {} keeps its times: {}", layer.digest(), failure.text());
      return layer;
    }
  }

  /// Layers are pushed with the image, so they say that they may be.
  private static Descriptor distributable(Descriptor layer) {
    String type = layer.mediaType().value();
    return layer.isNonDistributable()
        ? layer
            .withMediaType(
                new MediaType(type.replace(NON_DISTRIBUTABLE, ".").replace(FOREIGN, ".")))
            .withUrls(List.of())
        : layer;
  }

  /// Annotations that others may see.
  private static Map<String, String> published(Descriptor layer, boolean oci) {
    Map<String, String> kept = new TreeMap<>();
    if (oci) {
      layer
          .annotations()
          .forEach(
              (key, value) -> {
                boolean internal =
                    key.equals(Descriptor.UNCOMPRESSED)
                        || key.equals("buildkit/createdat")
                        || key.startsWith("containerd.io/distribution.source.");
                if (!internal) {
                  kept.put(key, value);
                }
              });
    }
    return kept;
  }

  private static Map<String, String> texts(Map<String, byte[]> metadata) {
    Map<String, String> texts = new HashMap<>();
    metadata.forEach(
        (key, value) -> {
          if (ImageAnnotations.isKey(key)) {
            texts.put(key, new String(value, StandardCharsets.UTF_8));
          }
        });
    return texts;
  }
}
