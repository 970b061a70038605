package dev.slipway.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.failure.CorruptData;
import dev.slipway.kernel.FileAttributes;
import dev.slipway.layer.testing.UnprivilegedKernel;
import dev.slipway.oci.DiffId;
import dev.slipway.oci.Digest;
import dev.slipway.oci.MediaType;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Archives are written by commons-compress, so that reader and writer under test cannot agree on a
/// mistake.
class LayerApplierTest {
  private final UnprivilegedKernel kernel = new UnprivilegedKernel();
  private final LayerApplier applier = new LayerApplier(kernel);

  @TempDir Path folder;
  private Path layer = Path.of("");

  @BeforeEach
  void makeLayerDirectory() throws IOException {
    layer = Files.createDirectories(folder.resolve("layer"));
  }

  @Test
  void filesGetContentOwnerModeTimeAndAttributes() throws IOException {
    byte[] tar =
        tar(
            out -> {
              TarArchiveEntry entry = file("dir/tool", 3);
              entry.setMode(04755);
              entry.setUserId(1000L);
              entry.setGroupId(3_000_000L);
              entry.setModTime(
                  java.nio.file.attribute.FileTime.from(
                      java.time.Instant.ofEpochSecond(1_700_000_000L, 5000)));
              entry.addPaxHeader("SCHILY.xattr.security.capability", "cap");
              put(out, entry, "abc");
            });

    DiffId diffId = apply(tar);

    Path tool = layer.resolve("dir/tool");
    assertThat(tool).hasContent("abc");
    assertThat(kernel.attributes(tool).mode()).isEqualTo(04755);
    assertThat(kernel.attributes(tool).uid()).isEqualTo(1000);
    assertThat(kernel.attributes(tool).gid()).isEqualTo(3_000_000);
    assertThat(kernel.attributes(tool).modifiedNanos()).isEqualTo(1_700_000_000_000_005_000L);
    assertThat(kernel.extendedAttribute(tool, "security.capability"))
        .contains("cap".getBytes(StandardCharsets.UTF_8));
    assertThat(kernel.attributes(layer.resolve("dir")).mode()).isEqualTo(0755);
    assertThat(diffId).isEqualTo(new DiffId(Digest.ofBytes(tar)));
  }

  @Test
  void whiteoutsBecomeOverlayMarks() throws IOException {
    byte[] tar =
        tar(
            out -> {
              put(out, directory("d/"), "");
              put(out, file("d/.wh.gone", 0), "");
              put(out, directory("o/"), "");
              put(out, file("o/.wh..wh..opq", 0), "");
              put(out, file("o/kept", 1), "k");
              put(out, file(".wh..wh.plnk", 0), "");
            });

    apply(tar);

    assertThat(kernel.attributes(layer.resolve("d/gone")).isOverlayWhiteout()).isTrue();
    assertThat(DirectoryStack.isOpaque(kernel, layer.resolve("o"))).isTrue();
    assertThat(layer.resolve("o/kept")).hasContent("k");
    assertThat(layer.resolve(".wh.plnk")).doesNotExist();
  }

  @Test
  void aDirectoryThatReplacesWhatTheSameLayerDeletesHidesWhatIsBelow() throws IOException {
    byte[] tar =
        tar(
            out -> {
              put(out, file(".wh.d", 0), "");
              put(out, directory("d/"), "");
              put(out, file("d/new", 1), "n");
            });

    apply(tar);

    assertThat(DirectoryStack.isOpaque(kernel, layer.resolve("d"))).isTrue();
    assertThat(layer.resolve("d/new")).hasContent("n");
  }

  @Test
  void namesThatLeadOutsideAreConfined() throws IOException {
    byte[] tar =
        tar(
            out -> {
              put(out, rawName("../../escape1", "1"), "1");
              put(out, rawName("/escape2", "2"), "2");
              put(out, rawName("a/../../escape3", "3"), "3");
              put(out, symlink("up", "../../.."), "");
              put(out, file("up/escape4", 1), "4");
              put(out, symlink("abs", folder.toString()), "");
              put(out, file("abs/escape5", 1), "5");
            });

    apply(tar);

    assertThat(layer.resolve("escape1")).hasContent("1");
    assertThat(layer.resolve("escape2")).hasContent("2");
    assertThat(layer.resolve("escape3")).hasContent("3");
    assertThat(layer.resolve("escape4")).hasContent("4");
    assertThat(layer.resolve(folder.toString().substring(1)).resolve("escape5")).hasContent("5");
    assertThat(folder)
        .isDirectoryNotContaining(path -> path.getFileName().toString().startsWith("escape"));
  }

  @Test
  void aHardLinkCannotReachOutside() throws IOException {
    Files.writeString(folder.resolve("secret"), "s");
    byte[] tar = tar(out -> put(out, hardLink("stolen", "../secret"), ""));

    assertThatThrownBy(() -> apply(tar))
        .isInstanceOf(CorruptData.class)
        .hasMessageContaining("stolen");
    assertThat(layer.resolve("stolen")).doesNotExist();
  }

  @Test
  void aHardLinkThroughALinkOutsideIsConfined() throws IOException {
    Files.writeString(folder.resolve("secret"), "s");
    byte[] tar =
        tar(
            out -> {
              put(out, symlink("up", folder.toString()), "");
              put(out, hardLink("stolen", "up/secret"), "");
            });

    assertThatThrownBy(() -> apply(tar)).isInstanceOf(CorruptData.class);
    assertThat(layer.resolve("stolen")).doesNotExist();
  }

  @Test
  void aFileReplacesALinkInsteadOfFollowingIt() throws IOException {
    Path outside = Files.writeString(folder.resolve("outside"), "untouched");
    byte[] tar =
        tar(
            out -> {
              put(out, symlink("f", outside.toString()), "");
              put(out, file("f", 1), "x");
            });

    apply(tar);

    assertThat(outside).hasContent("untouched");
    assertThat(Files.isRegularFile(layer.resolve("f"), LinkOption.NOFOLLOW_LINKS)).isTrue();
  }

  @Test
  void hardLinksShareOneFile() throws IOException {
    byte[] tar =
        tar(
            out -> {
              put(out, file("a", 1), "x");
              put(out, hardLink("b", "a"), "");
            });

    apply(tar);

    assertThat(kernel.attributes(layer.resolve("b")).inode())
        .isEqualTo(kernel.attributes(layer.resolve("a")).inode());
  }

  @Test
  void longNamesAndLinksSurvive() throws IOException {
    String longName = "d/" + "n".repeat(200);
    String longTarget = "t".repeat(300);
    byte[] tar =
        tar(
            out -> {
              put(out, file(longName, 1), "x");
              put(out, symlink("link", longTarget), "");
            });

    apply(tar);

    assertThat(layer.resolve(longName)).hasContent("x");
    assertThat(Files.readSymbolicLink(layer.resolve("link"))).hasToString(longTarget);
  }

  @Test
  void aDirectoryKeepsItsTimeWhateverIsPutIntoIt() throws IOException {
    byte[] tar =
        tar(
            out -> {
              put(out, directory("d/"), "");
              put(out, file("d/f", 1), "x");
            });

    apply(tar);

    assertThat(kernel.attributes(layer.resolve("d")).modifiedNanos())
        .isEqualTo(1_600_000_000_000_000_000L);
  }

  @Test
  void compressionIsToldByTheBytes() throws IOException {
    byte[] tar = tar(out -> put(out, file("f", 5), "hello"));
    DiffId expected = new DiffId(Digest.ofBytes(tar));
    ByteArrayOutputStream twoMembers = new ByteArrayOutputStream();
    gzipInto(twoMembers, Arrays.copyOfRange(tar, 0, 700));
    gzipInto(twoMembers, Arrays.copyOfRange(tar, 700, tar.length));
    byte[] zstd = com.github.luben.zstd.Zstd.compress(tar);

    for (Map.Entry<String, byte[]> form :
        Map.of("plain", tar, "gzip", twoMembers.toByteArray(), "zstd", zstd).entrySet()) {
      Path directory = Files.createDirectories(folder.resolve(form.getKey()));

      DiffId diffId =
          applier
              .apply(new ByteArrayInputStream(form.getValue()), MediaType.OCI_LAYER_GZIP, directory)
              .diffId();

      assertThat(diffId).as(form.getKey()).isEqualTo(expected);
      assertThat(directory.resolve("f")).hasContent("hello");
    }
  }

  @Test
  void cutAndBrokenArchivesAreRefused() throws IOException {
    byte[] tar = tar(out -> put(out, file("f", 5000), "x".repeat(5000)));
    ByteArrayOutputStream gzip = new ByteArrayOutputStream();
    gzipInto(gzip, tar);
    byte[] badSum = tar.clone();
    badSum[0] ^= 1;
    byte[] badGzip = gzip.toByteArray();
    badGzip[badGzip.length - 6] ^= 1;

    for (byte[] bad :
        new byte[][] {
          Arrays.copyOf(tar, 3000),
          Arrays.copyOf(gzip.toByteArray(), gzip.size() - 20),
          badSum,
          badGzip,
          "no tar at all".getBytes(StandardCharsets.UTF_8)
        }) {
      Path directory = Files.createTempDirectory(folder, "bad");

      assertThatThrownBy(
              () -> applier.apply(new ByteArrayInputStream(bad), MediaType.OCI_LAYER, directory))
          .isInstanceOf(CorruptData.class);
    }
  }

  @Test
  void hugeExtendedHeadersAreRefused() throws IOException {
    byte[] tar =
        tar(
            out -> {
              TarArchiveEntry entry = file("f", 0);
              entry.addPaxHeader("comment", "x".repeat(2 << 20));
              put(out, entry, "");
            });

    assertThatThrownBy(() -> apply(tar))
        .isInstanceOf(CorruptData.class)
        .hasMessageContaining("extended tar header");
  }

  @Test
  void whiteoutsOfTheParentItselfAreRefused() throws IOException {
    byte[] tar = tar(out -> put(out, file("d/.wh...", 0), ""));

    assertThatThrownBy(() -> apply(tar))
        .isInstanceOf(CorruptData.class)
        .hasMessageContaining("whiteout");
  }

  @Test
  void sparseFilesOfPaxForm1GetTheirHoles() throws IOException {
    String map = "2\n1024\n3\n4096\n2\n";
    byte[] stored =
        (map + "\0".repeat(512 - map.length()) + "abcde").getBytes(StandardCharsets.UTF_8);
    ByteArrayOutputStream archive = new ByteArrayOutputStream();
    try (TarWriter writer = new TarWriter(archive)) {
      TarEntry entry =
          TarEntry.of("GNUSparseFile.0/s", TarEntry.Type.FILE, 0644, java.time.Instant.EPOCH)
              .withBytes(stored.length);
      writer.startPax(
          entry
              .withRecord("GNU.sparse.major", new byte[] {'1'})
              .withRecord("GNU.sparse.minor", new byte[] {'0'})
              .withRecord("GNU.sparse.name", new byte[] {'s'})
              .withRecord("GNU.sparse.realsize", "8192".getBytes(StandardCharsets.UTF_8)));
      writer.write(stored, 0, stored.length);
    }
    byte[] tar = archive.toByteArray();

    apply(tar);

    byte[] content = Files.readAllBytes(layer.resolve("s"));
    assertThat(content).hasSize(8192);
    assertThat(Arrays.copyOfRange(content, 1024, 1027)).asString().isEqualTo("abc");
    assertThat(Arrays.copyOfRange(content, 4096, 4098)).asString().isEqualTo("de");
    assertThat(content[0]).isZero();
  }

  @Test
  void attributesOnlyTheDaemonMaySetAreNotTakenFromArchives() throws IOException {
    byte[] tar =
        tar(
            out -> {
              TarArchiveEntry entry = directory("d/");
              entry.addPaxHeader("SCHILY.xattr.trusted.overlay.opaque", "y");
              put(out, entry, "");
            });

    apply(tar);

    assertThat(kernel.extendedAttributes(layer.resolve("d"))).isEmpty();
  }

  @Test
  void directoriesThatNoEntryDescribesAreToldOf() throws IOException {
    byte[] tar =
        tar(
            out -> {
              put(out, file("implied/deep/f", 1), "f");
              put(out, file("late/f", 1), "f");
              put(out, directory("late/"), "");
              put(out, file("gone/f", 1), "f");
              put(out, file("gone", 1), "f");
              put(out, file(".wh.anew", 0), "");
              put(out, file("anew/f", 1), "f");
              put(out, directory("described/"), "");
              put(out, file("described/f", 1), "f");
            });

    List<Path> implied =
        applier.apply(new ByteArrayInputStream(tar), MediaType.OCI_LAYER, layer).implied();

    assertThat(implied).containsExactly(Path.of("implied"), Path.of("implied/deep"));
  }

  @Test
  void impliedDirectoriesAreWhatTheyAreBelow() throws IOException {
    Path base = Files.createDirectories(folder.resolve("base"));
    Path above = Files.createDirectories(folder.resolve("above"));
    Files.createDirectories(base.resolve("tmp/in"));
    kernel.setMode(base.resolve("tmp"), 01777);
    kernel.setOwner(base.resolve("tmp"), 7, 8);
    kernel.setExtendedAttribute(base.resolve("tmp"), "user.a", new byte[] {'b'});
    kernel.setModifiedTime(base.resolve("tmp"), 5_000_000_000L);
    Files.createDirectories(base.resolve("hidden/x"));
    kernel.setMode(base.resolve("hidden/x"), 0700);
    kernel.makeNode(above.resolve("hidden"), FileAttributes.Type.CHARACTER_DEVICE, 0, 0, 0);
    byte[] tar =
        tar(
            out -> {
              put(out, file("tmp/new/f", 1), "f");
              put(out, file("hidden/x/f", 1), "f");
            });
    Applier.Unpacked unpacked =
        applier.apply(new ByteArrayInputStream(tar), MediaType.OCI_LAYER, layer);

    applier.inherit(layer, unpacked.implied(), List.of(base, above));

    FileAttributes tmp = kernel.attributes(layer.resolve("tmp"));
    assertThat(tmp.mode()).isEqualTo(01777);
    assertThat(tmp.uid()).isEqualTo(7);
    assertThat(tmp.gid()).isEqualTo(8);
    assertThat(tmp.modifiedNanos()).isEqualTo(5_000_000_000L);
    assertThat(kernel.extendedAttribute(layer.resolve("tmp"), "user.a")).contains(new byte[] {'b'});
    assertThat(kernel.attributes(layer.resolve("tmp/new")).mode()).isEqualTo(0755);
    assertThat(kernel.attributes(layer.resolve("hidden/x")).mode()).isEqualTo(0755);
  }

  private DiffId apply(byte[] tar) {
    return applier.apply(new ByteArrayInputStream(tar), MediaType.OCI_LAYER, layer).diffId();
  }

  @FunctionalInterface
  private interface Fill {
    void into(TarArchiveOutputStream out) throws IOException;
  }

  private static byte[] tar(Fill fill) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarArchiveOutputStream out = new TarArchiveOutputStream(bytes)) {
      out.setLongFileMode(TarArchiveOutputStream.LONGFILE_GNU);
      out.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
      fill.into(out);
    }
    return bytes.toByteArray();
  }

  private static void put(TarArchiveOutputStream out, TarArchiveEntry entry, String content)
      throws IOException {
    out.putArchiveEntry(entry);
    out.write(content.getBytes(StandardCharsets.UTF_8));
    out.closeArchiveEntry();
  }

  private static TarArchiveEntry file(String name, long bytes) {
    TarArchiveEntry entry = new TarArchiveEntry(name);
    entry.setSize(bytes);
    entry.setMode(0644);
    return entry;
  }

  private static TarArchiveEntry rawName(String name, String content) {
    TarArchiveEntry entry = new TarArchiveEntry(name, TarConstants.LF_NORMAL, true);
    entry.setSize(content.length());
    return entry;
  }

  private static TarArchiveEntry directory(String name) {
    TarArchiveEntry entry = new TarArchiveEntry(name);
    entry.setMode(0755);
    entry.setModTime(1_600_000_000_000L);
    return entry;
  }

  private static TarArchiveEntry symlink(String name, String target) {
    TarArchiveEntry entry = new TarArchiveEntry(name, TarConstants.LF_SYMLINK);
    entry.setLinkName(target);
    return entry;
  }

  private static TarArchiveEntry hardLink(String name, String target) {
    TarArchiveEntry entry = new TarArchiveEntry(name, TarConstants.LF_LINK);
    entry.setLinkName(target);
    return entry;
  }

  private static void gzipInto(OutputStream target, byte[] bytes) throws IOException {
    try (GZIPOutputStream gzip = new GZIPOutputStream(target)) {
      gzip.write(bytes);
    }
  }
}
