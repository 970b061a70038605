package dev.slipway.image;

import dev.slipway.attestation.Attestation;
import dev.slipway.attestation.PackageUrl;
import dev.slipway.attestation.Statement;
import dev.slipway.attestation.Subject;
import dev.slipway.image.ImageInput.PlatformImage;
import dev.slipway.oci.Descriptor;
import dev.slipway.oci.Digest;
import dev.slipway.oci.ImageReference;
import dev.slipway.oci.MediaType;
import dev.slipway.oci.Platform;
import dev.slipway.oci.json.GoJson;
import dev.slipway.oci.json.OciJson;
import dev.slipway.progress.VertexProgress;
import dev.slipway.ref.FetchContext;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/// Writes what is stated about an image as a manifest of its own, to stand beside the image in an
/// index: one layer a statement (BuildKit `exporter/containerimage/writer.go`, v0.32.2).
final class AttestationManifest {
  private static final Platform NO_PLATFORM = Platform.of("unknown", "unknown");
  private static final MediaType STATEMENT = new MediaType(Attestation.STATEMENT);
  private static final MediaType EMPTY = new MediaType("application/vnd.oci.empty.v1+json");
  private static final String ARTIFACT_TYPE = "application/vnd.docker.attestation.manifest.v1+json";
  private static final byte[] EMPTY_CONFIG = "{}".getBytes(StandardCharsets.UTF_8);

  private final Documents documents;
  private final ImageOptions options;
  private final FetchContext context;

  AttestationManifest(Documents documents, ImageOptions options, FetchContext context) {
    this.documents = documents;
    this.options = options;
    this.context = context;
  }

  CommittedImage.One commit(CommittedImage.One about, List<Attestation> attestations) {
    List<Subject.Raw> self = self(about);
    List<Descriptor> layers = new ArrayList<>();
    for (Attestation attestation : attestations) {
      Statement statement = Statement.of(attestation, self);
      byte[] text = statement.compact();
      Digest digest = documents.keep(text, Map.of());
      layers.add(
          new Descriptor(
              STATEMENT,
              digest,
              text.length,
              Map.of(Attestation.PREDICATE_TYPE, statement.predicateType()),
              Optional.empty()));
    }
    byte[] config = options.artifacts() ? EMPTY_CONFIG : config(layers);
    Descriptor configDescriptor =
        new Descriptor(
            options.artifacts() ? EMPTY : MediaType.OCI_CONFIG,
            Digest.ofBytes(config),
            config.length);
    byte[] manifest = manifest(about.manifest(), configDescriptor, layers);
    Digest digest = Digest.ofBytes(manifest);
    try (VertexProgress.Item _ =
        context.progress().start("exporting attestation manifest " + digest)) {
      documents.keep(config, Map.of());
      documents.keep(manifest, Map.of());
    }
    Descriptor descriptor =
        new Descriptor(
            MediaType.OCI_MANIFEST,
            digest,
            manifest.length,
            Map.of(
                "vnd.docker.reference.type",
                "attestation-manifest",
                "vnd.docker.reference.digest",
                about.manifest().digest().toString()),
            Optional.empty());
    return new CommittedImage.One(NOTHING, descriptor, configDescriptor, layers);
  }

  /// What an index says of a manifest that is no image.
  private static final PlatformImage NOTHING =
      new PlatformImage(
          "", NO_PLATFORM, Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

  /// The image under each of its names.
  private List<Subject.Raw> self(CommittedImage.One about) {
    List<Subject.Raw> names = new ArrayList<>();
    for (String name : options.name().split(",", -1)) {
      if (!name.isEmpty()) {
        String url =
            PackageUrl.of(
                "docker", ImageReference.parse(name), Optional.of(about.image().platform()));
        names.add(new Subject.Raw(url, List.of(about.manifest().digest())));
      }
    }
    return names;
  }

  private byte[] manifest(Descriptor about, Descriptor config, List<Descriptor> layers) {
    SequencedMap<String, Object> json = new LinkedHashMap<>();
    json.put("schemaVersion", 2);
    json.put("mediaType", MediaType.OCI_MANIFEST.value());
    SequencedMap<String, Object> shownConfig = OciJson.tree(config);
    if (options.artifacts()) {
      json.put("artifactType", ARTIFACT_TYPE);
      shownConfig.put("data", "e30=");
    }
    json.put("config", shownConfig);
    json.put("layers", layers.stream().map(OciJson::tree).toList());
    if (options.artifacts()) {
      json.put(
          "subject",
          OciJson.tree(new Descriptor(about.mediaType(), about.digest(), about.bytes())));
    }
    return GoJson.indented(json);
  }

  /// Makes the manifest look like an image's to registries that know nothing else.
  private static byte[] config(List<Descriptor> layers) {
    SequencedMap<String, Object> json = new LinkedHashMap<>();
    json.put("architecture", NO_PLATFORM.architecture());
    json.put("os", NO_PLATFORM.os());
    json.put("config", Map.of());
    SequencedMap<String, Object> rootfs = new LinkedHashMap<>();
    rootfs.put("type", "layers");
    rootfs.put("diff_ids", layers.stream().map(layer -> layer.digest().toString()).toList());
    json.put("rootfs", rootfs);
    return GoJson.compact(json);
  }
}
