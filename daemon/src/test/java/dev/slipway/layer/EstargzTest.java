package dev.slipway.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.content.testing.InMemoryContentStore;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.layer.LayerCompression.Kind;
import dev.slipway.layer.LayerWriter.WrittenLayer;
import dev.slipway.layer.testing.UnprivilegedKernel;
import dev.slipway.oci.Digest;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class EstargzTest {
  private static final int FOOTER = 51;
  private static final LayerCompression ESTARGZ =
      new LayerCompression(Kind.ESTARGZ, Optional.empty(), false, true);

  private final InMemoryContentStore store = new InMemoryContentStore();
  private final byte[] large = new byte[(4 << 20) + 1000];

  @AfterEach
  void stop() {
    store.close();
  }

  @Test
  void whatComesBackIsTheVerySameArchiveAndTheTable() throws IOException {
    byte[] archive = archive();

    WrittenLayer layer = write(archive);

    byte[] unpacked = gunzip(bytes(layer), 0);
    assertThat(Arrays.copyOf(unpacked, archive.length)).isEqualTo(archive);
    assertThat(layer.diffId().digest()).isEqualTo(Digest.ofBytes(archive));
    assertThat(layer.blob().diffId().orElseThrow().digest()).isEqualTo(Digest.ofBytes(unpacked));
    assertThat(layer.blob().annotations())
        .containsEntry(
            "io.containers.estargz.uncompressed-size", Integer.toString(unpacked.length));
  }

  @Test
  void everyPieceOfAFileIsFoundWhereTheTableSays() throws IOException {
    byte[] blob = bytes(write(archive()));

    Map<String, ByteArrayOutputStream> files = new HashMap<>();
    for (JsonNode entry : table(blob).get("entries")) {
      if (entry.has("chunkDigest")) {
        byte[] rest = gunzip(blob, entry.path("offset").asInt());
        int size = entry.path("chunkSize").asInt(0);
        int whole = entry.get("name").asString().equals("large") ? large.length : 5;
        byte[] piece =
            Arrays.copyOf(rest, size > 0 ? size : whole - entry.path("chunkOffset").asInt(0));
        assertThat(Digest.ofBytes(piece).toString()).isEqualTo(entry.get("chunkDigest").asString());
        files
            .computeIfAbsent(entry.get("name").asString(), _ -> new ByteArrayOutputStream())
            .writeBytes(piece);
      }
    }

    assertThat(files).containsOnlyKeys("dir/small", "large");
    assertThat(files.get("large").toByteArray()).isEqualTo(large);
    assertThat(files.get("dir/small").toString(StandardCharsets.UTF_8)).isEqualTo("hello");
  }

  @Test
  void theTableTellsWhatEveryEntryIs() throws IOException {
    WrittenLayer layer = write(archive());

    JsonNode table = table(bytes(layer));

    assertThat(table.get("version").asInt()).isEqualTo(1);
    assertThat(table.at("/entries/0"))
        .isEqualTo(
            JsonMapper.shared()
                .readTree(
                    "{\"name\":\"dir/\",\"type\":\"dir\",\"modtime\":\"2023-11-14T22:13:20Z\",\"mode\":493}"));
    assertThat(table.at("/entries/1/digest").asString())
        .isEqualTo(Digest.ofText("hello").toString());
    assertThat(table.at("/entries/2/type").asString()).isEqualTo("symlink");
    assertThat(table.at("/entries/2/linkName").asString()).isEqualTo("dir/small");
    assertThat(table.at("/entries/4/type").asString()).isEqualTo("chunk");
    assertThat(layer.blob().annotations())
        .containsEntry(
            "containerd.io/snapshot/stargz/toc.digest",
            Digest.ofBytes(tableBytes(bytes(layer))).toString());
  }

  @Test
  void equalArchivesGiveEqualBytes() throws IOException {
    assertThat(write(archive()).blob().digest()).isEqualTo(write(archive()).blob().digest());
  }

  @Test
  void anArchiveThatHasATableAlreadyIsRefused() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (TarWriter tar = new TarWriter(out)) {
      file(tar, "stargz.index.json", new byte[300_000]);
      file(tar, "more", new byte[3_000_000]);
    }

    assertThatThrownBy(() -> write(out.toByteArray()))
        .isInstanceOf(InvalidRequest.class)
        .hasMessageContaining("existing TOC JSON is not allowed");
  }

  private byte[] archive() throws IOException {
    new Random(5).nextBytes(large);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (TarWriter tar = new TarWriter(out)) {
      tar.startPlain(entry("dir/", TarEntry.Type.DIRECTORY, 0755));
      file(tar, "dir/small", "hello".getBytes(StandardCharsets.UTF_8));
      tar.startPlain(
          entry("link", TarEntry.Type.FILE, 0777).withLink(TarEntry.Type.SYMLINK, "dir/small"));
      file(tar, "large", large);
    }
    return out.toByteArray();
  }

  private static void file(TarWriter tar, String name, byte[] content) throws IOException {
    tar.startPlain(entry(name, TarEntry.Type.FILE, 0644).withBytes(content.length));
    tar.write(content, 0, content.length);
  }

  private static TarEntry entry(String name, TarEntry.Type type, int mode) {
    return TarEntry.of(name, type, mode, Instant.ofEpochSecond(1_700_000_000));
  }

  private WrittenLayer write(byte[] archive) {
    return new BlobSink(store, new LayerCompressor(new UnprivilegedKernel()))
        .write("testing", ESTARGZ, out -> out.write(archive));
  }

  private byte[] bytes(WrittenLayer layer) throws IOException {
    try (var in = Channels.newInputStream(store.open(layer.blob().digest()))) {
      return in.readAllBytes();
    }
  }

  private static byte[] gunzip(byte[] blob, int from) throws IOException {
    try (GZIPInputStream in =
        new GZIPInputStream(new ByteArrayInputStream(blob, from, blob.length - from))) {
      return in.readAllBytes();
    }
  }

  private static JsonNode table(byte[] blob) throws IOException {
    return JsonMapper.shared().readTree(tableBytes(blob));
  }

  /// Found as the specification says: through the footer.
  private static byte[] tableBytes(byte[] blob) throws IOException {
    byte[] footer = Arrays.copyOfRange(blob, blob.length - FOOTER, blob.length);
    assertThat(gunzip(footer, 0)).isEmpty();
    String told = new String(footer, 16, 22, StandardCharsets.US_ASCII);
    assertThat(told).endsWith("STARGZ");
    byte[] archive = gunzip(blob, Integer.parseInt(told.substring(0, 16), 16));
    TarReader reader = new TarReader(new ByteArrayInputStream(archive));
    TarEntry table = reader.next().orElseThrow();
    assertThat(table.name()).isEqualTo("stargz.index.json");
    return Arrays.copyOfRange(archive, 512, 512 + (int) table.bytes());
  }
}
