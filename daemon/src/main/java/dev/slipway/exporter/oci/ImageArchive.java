package dev.slipway.exporter.oci;

import dev.slipway.content.BlobReader;
import dev.slipway.failure.CorruptData;
import dev.slipway.image.CommittedImage;
import dev.slipway.layer.ArchiveWriter;
import dev.slipway.oci.Descriptor;
import dev.slipway.oci.Digest;
import dev.slipway.oci.ImageReference;
import dev.slipway.oci.json.GoJson;
import dev.slipway.oci.json.OciJson;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.SortedMap;
import java.util.TreeMap;

/// The archive of one image: an OCI layout in a tar, entries sorted by name and without times, so
/// equal images give equal bytes. With Docker's `manifest.json` for `docker load`. As containerd
/// writes it (`core/images/archive`).
final class ImageArchive {
  private static final byte[] LAYOUT =
      "{\"imageLayoutVersion\":\"1.0.0\"}".getBytes(StandardCharsets.UTF_8);

  private final CommittedImage image;
  private final List<ImageReference> names;
  private final BlobReader blobs;

  /// @param names with their tags
  ImageArchive(CommittedImage image, List<ImageReference> names, BlobReader blobs) {
    this.image = image;
    this.names = List.copyOf(names);
    this.blobs = blobs;
  }

  void writeOci(OutputStream out) throws IOException {
    write(out, new TreeMap<>(Map.of("oci-layout", LAYOUT, "index.json", index())));
  }

  void writeDocker(OutputStream out) throws IOException {
    write(
        out,
        new TreeMap<>(
            Map.of(
                "oci-layout", LAYOUT, "index.json", index(), "manifest.json", dockerManifest())));
  }

  /// Everything the image is made of, children before what refers to them.
  List<Descriptor> contents() {
    SequencedMap<Digest, Descriptor> all = new LinkedHashMap<>();
    for (CommittedImage.One one : image.images()) {
      one.layers().forEach(layer -> all.putIfAbsent(layer.digest(), layer));
      all.putIfAbsent(one.config().digest(), one.config());
      all.putIfAbsent(one.manifest().digest(), one.manifest());
    }
    all.putIfAbsent(image.root().digest(), image.root());
    return List.copyOf(all.values());
  }

  private void write(OutputStream out, SortedMap<String, byte[]> documents) throws IOException {
    TreeMap<String, Descriptor> entries = new TreeMap<>();
    contents().forEach(blob -> entries.put(path(blob.digest()), blob));
    try (ArchiveWriter archive = new ArchiveWriter(out)) {
      archive.directory("blobs/");
      archive.directory("blobs/sha256/");
      for (Map.Entry<String, Descriptor> entry : entries.entrySet()) {
        try (InputStream in = Channels.newInputStream(blobs.open(entry.getValue().digest()))) {
          archive.file(entry.getKey(), 0444, entry.getValue().bytes(), in);
        }
      }
      for (Map.Entry<String, byte[]> document : documents.entrySet()) {
        int mode = document.getKey().equals("oci-layout") ? 0444 : 0644;
        archive.file(
            document.getKey(),
            mode,
            document.getValue().length,
            new ByteArrayInputStream(document.getValue()));
      }
    } catch (java.io.EOFException cut) {
      throw new CorruptData("a blob of the image is shorter than its descriptor says", cut);
    }
  }

  private byte[] index() {
    List<Object> manifests = new ArrayList<>();
    if (names.isEmpty()) {
      manifests.add(OciJson.tree(image.root()));
    }
    for (ImageReference name : names) {
      Map<String, String> annotations = new TreeMap<>(image.root().annotations());
      annotations.put("io.containerd.image.name", name.toString());
      annotations.put("org.opencontainers.image.ref.name", name.tag().orElseGet(name::toString));
      manifests.add(OciJson.tree(image.root().withAnnotations(annotations)));
    }
    SequencedMap<String, Object> json = new LinkedHashMap<>();
    json.put("schemaVersion", 2);
    json.put("mediaType", "application/vnd.oci.image.index.v1+json");
    json.put("manifests", manifests);
    return GoJson.compact(json);
  }

  private byte[] dockerManifest() {
    CommittedImage.One one = image.images().getFirst();
    SequencedMap<String, Object> json = new LinkedHashMap<>();
    json.put("Config", path(one.config().digest()));
    json.put(
        "RepoTags",
        names.isEmpty()
            ? new GoJson.Raw("null")
            : names.stream().map(ImageReference::familiar).toList());
    List<String> layers = one.layers().stream().map(layer -> path(layer.digest())).toList();
    json.put("Layers", layers.isEmpty() ? new GoJson.Raw("null") : layers);
    return GoJson.compact(List.of(json));
  }

  private static String path(Digest digest) {
    return "blobs/" + digest.algorithm() + "/" + digest.hex();
  }
}
