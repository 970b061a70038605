package dev.slipway.layer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.content.testing.InMemoryContentStore;
import dev.slipway.kernel.FileAttributes;
import dev.slipway.layer.LayerCompression.Kind;
import dev.slipway.layer.LayerWriter.WrittenLayer;
import dev.slipway.layer.testing.UnprivilegedKernel;
import dev.slipway.oci.DiffId;
import dev.slipway.oci.Digest;
import dev.slipway.oci.MediaType;
import dev.slipway.progress.ProgressSink;
import dev.slipway.progress.VertexProgress;
import dev.slipway.task.Clock;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LayerWriterTest {
  private final UnprivilegedKernel kernel = new UnprivilegedKernel();
  private final OverlayLayerWriter writer = new OverlayLayerWriter(kernel);
  private final VertexProgress progress =
      new VertexProgress(Digest.EMPTY, ProgressSink.none(), Clock.system());

  @TempDir Path folder;
  private Path upper = Path.of("");
  private Path lower = Path.of("");

  @BeforeEach
  void makeDirectories() throws IOException {
    upper = Files.createDirectories(folder.resolve("upper"));
    lower = Files.createDirectories(folder.resolve("lower"));
  }

  @Test
  void marksForWhatIsNotBelowAreLeftOut() throws IOException {
    Files.writeString(lower.resolve("there"), "");
    whiteout("there");
    whiteout("never-was");

    assertThat(names(List.of(lower))).containsExactly(".wh.there");
  }

  @Test
  void withoutKnowledgeOfWhatIsBelowEveryMarkIsWritten() throws IOException {
    whiteout("a");
    Files.createDirectories(upper.resolve("d"));
    kernel.setExtendedAttribute(upper.resolve("d"), "trusted.overlay.opaque", new byte[] {'y'});

    assertThat(namesOf(archive(Optional.empty()))).containsExactly(".wh.a", "d/", "d/.wh..wh..opq");
  }

  @Test
  void anUnchangedDirectoryIsWrittenOnlyAboveAChange() throws IOException {
    Files.createDirectories(lower.resolve("same/deep"));
    Files.createDirectories(lower.resolve("untouched"));
    Files.createDirectories(upper.resolve("same/deep"));
    Files.createDirectories(upper.resolve("untouched"));
    Files.writeString(upper.resolve("same/deep/f"), "x");

    assertThat(names(List.of(lower))).containsExactly("same/", "same/deep/", "same/deep/f");
  }

  @Test
  void aFileTouchedToTheSameStateIsNoChange() throws IOException {
    for (Path side : List.of(lower, upper)) {
      Files.writeString(side.resolve("f"), "same");
      Files.writeString(side.resolve("g"), side == lower ? "old!" : "new!");
      kernel.setModifiedTime(side.resolve("f"), 1_000_000_000L);
      kernel.setModifiedTime(side.resolve("g"), 1_000_000_000L);
    }

    assertThat(names(List.of(lower))).containsExactly("g");
  }

  @Test
  void hardLinksAreWrittenOnce() throws IOException {
    Files.writeString(upper.resolve("b"), "content");
    Files.createLink(upper.resolve("a"), upper.resolve("b"));

    List<TarArchiveEntry> entries = entries(archive(Optional.of(List.of())));

    assertThat(entries).extracting(TarArchiveEntry::getName).containsExactly("a", "b");
    assertThat(entries.get(1).isLink()).isTrue();
    assertThat(entries.get(1).getLinkName()).isEqualTo("a");
  }

  @Test
  void whatIsBelowIsSeenThroughItsOwnDeletions() throws IOException {
    Path middle = Files.createDirectories(folder.resolve("middle"));
    Files.createDirectories(lower.resolve("d"));
    Files.writeString(lower.resolve("d/old"), "");
    Files.createDirectories(middle.resolve("d"));
    kernel.setExtendedAttribute(middle.resolve("d"), "trusted.overlay.opaque", new byte[] {'y'});
    Files.createDirectories(upper.resolve("d"));
    kernel.makeNode(upper.resolve("d/old"), FileAttributes.Type.CHARACTER_DEVICE, 0, 0, 0);

    assertThat(names(List.of(lower, middle))).isEmpty();
  }

  @Test
  void longAndForeignNamesAreReadBackByOthers() throws IOException {
    String longName = "x".repeat(150);
    String foreign = "ünïcødé";
    Files.createDirectories(upper.resolve(longName));
    Files.writeString(upper.resolve(longName).resolve("y".repeat(90)), "1");
    Files.writeString(upper.resolve(foreign), "2");
    Files.createSymbolicLink(upper.resolve("link"), Path.of("z".repeat(120)));
    kernel.setOwner(upper.resolve(foreign), 5_000_000, 7);
    kernel.setExtendedAttribute(
        upper.resolve(foreign), "security.capability", new byte[] {1, 0, 0, 2});

    List<TarArchiveEntry> entries = entries(archive(Optional.of(List.of())));

    assertThat(entries)
        .extracting(TarArchiveEntry::getName)
        .containsExactly("link", longName + "/", longName + "/" + "y".repeat(90), foreign);
    assertThat(entries.getFirst().getLinkName()).isEqualTo("z".repeat(120));
    assertThat(entries.getLast().getLongUserId()).isEqualTo(5_000_000L);
    assertThat(entries.getLast().getExtraPaxHeader("SCHILY.xattr.security.capability")).hasSize(4);
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void everyCompressionGivesTheSameLayerBack(Kind kind) throws IOException {
    byte[] content = new byte[3_500_000];
    new Random(7).nextBytes(content);
    java.util.Arrays.fill(content, 1_000_000, 2_600_000, (byte) 'a');
    Files.write(upper.resolve("big"), content);
    Path back = Files.createDirectories(folder.resolve("back"));
    try (InMemoryContentStore store = new InMemoryContentStore()) {
      LayerCompression compression = new LayerCompression(kind, Optional.empty(), false, true);

      WrittenLayer written = writer.write(upper, List.of(), compression, store, progress);
      WrittenLayer again = writer.write(upper, List.of(), compression, store, progress);

      assertThat(again).isEqualTo(written);
      DiffId unpacked = written.blob().diffId().orElseThrow();
      if (kind == Kind.ESTARGZ) {
        assertThat(unpacked).isNotEqualTo(written.diffId());
      } else {
        assertThat(unpacked).isEqualTo(written.diffId());
      }
      try (InputStream in = Channels.newInputStream(store.open(written.blob().digest()))) {
        assertThat(new LayerApplier(kernel).apply(in, written.blob().mediaType(), back).diffId())
            .isEqualTo(unpacked);
      }
      assertThat(Files.mismatch(upper.resolve("big"), back.resolve("big"))).isNegative();
      assertThat(new LayerConverter(store, kernel).diffId(written.blob())).isEqualTo(unpacked);
    }
  }

  @Test
  void gzipIsOneMemberThatOthersRead() throws IOException {
    byte[] content = new byte[2_200_000];
    new Random(1).nextBytes(content);
    Files.write(upper.resolve("f"), content);
    try (InMemoryContentStore store = new InMemoryContentStore()) {
      WrittenLayer written =
          writer.write(upper, List.of(), LayerCompression.DEFAULT, store, progress);

      try (InputStream in =
          new GZIPInputStream(Channels.newInputStream(store.open(written.blob().digest())))) {
        assertThat(Digest.ofBytes(in.readAllBytes())).isEqualTo(written.diffId().digest());
      }
      assertThat(written.blob().mediaType()).isEqualTo(MediaType.OCI_LAYER_GZIP);
    }
  }

  @Test
  void clampedTimesLeaveEarlierOnesAlone() throws IOException {
    Files.writeString(upper.resolve("old"), "1");
    Files.writeString(upper.resolve("young"), "2");
    kernel.setModifiedTime(upper.resolve("old"), 1_000_000_000_000_000_000L);
    kernel.setModifiedTime(upper.resolve("young"), 1_800_000_000_000_000_000L);
    try (InMemoryContentStore store = new InMemoryContentStore()) {
      WrittenLayer written =
          writer.write(upper, List.of(), LayerCompression.DEFAULT, store, progress);
      LayerCompression plain =
          new LayerCompression(Kind.UNCOMPRESSED, Optional.empty(), false, true);

      WrittenLayer clamped =
          new LayerConverter(store, kernel)
              .clampTimes(written.blob(), Instant.ofEpochSecond(1_700_000_000L), plain);

      try (InputStream in = Channels.newInputStream(store.open(clamped.blob().digest()))) {
        List<TarArchiveEntry> entries = entries(in.readAllBytes());
        assertThat(entries)
            .extracting(entry -> entry.getLastModifiedTime().toMillis())
            .containsExactly(1_000_000_000_000L, 1_700_000_000_000L);
      }
    }
  }

  private void whiteout(String name) {
    kernel.makeNode(upper.resolve(name), FileAttributes.Type.CHARACTER_DEVICE, 0, 0, 0);
  }

  private List<String> names(List<Path> below) throws IOException {
    return namesOf(archive(Optional.of(below)));
  }

  private static List<String> namesOf(byte[] archive) throws IOException {
    return entries(archive).stream().map(TarArchiveEntry::getName).toList();
  }

  private byte[] archive(Optional<List<Path>> below) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    writer.writeTar(upper, below, out);
    return out.toByteArray();
  }

  private static List<TarArchiveEntry> entries(byte[] archive) throws IOException {
    List<TarArchiveEntry> entries = new ArrayList<>();
    try (TarArchiveInputStream in = new TarArchiveInputStream(new ByteArrayInputStream(archive))) {
      for (TarArchiveEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
        entries.add(entry);
      }
    }
    return entries;
  }
}
