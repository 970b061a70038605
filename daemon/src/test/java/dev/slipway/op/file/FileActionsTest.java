package dev.slipway.op.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.kernel.FileAttributes;
import dev.slipway.kernel.Kernel;
import dev.slipway.layer.testing.UnprivilegedKernel;
import dev.slipway.llb.FileAction;
import dev.slipway.llb.FileAction.Chown;
import dev.slipway.llb.FileAction.CopyOptions;
import dev.slipway.llb.FileAction.Owner;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.apache.commons.compress.compressors.CompressorStreamFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FileActionsTest {
  private static final FileAction.Place PLACE =
      new FileAction.Place(OptionalInt.of(0), OptionalInt.of(1), OptionalInt.of(0));
  private static final long TIME = 1_000_000_000_000_000_000L;

  @TempDir Path folder;
  private final Kernel kernel = new UnprivilegedKernel();
  private Path source;
  private Path target;

  @BeforeEach
  void makeTrees() throws IOException {
    source = Files.createDirectory(folder.resolve("source"));
    target = Files.createDirectory(folder.resolve("target"));
  }

  @Test
  void copiesAFileToANewName() throws IOException {
    write("a", "text");

    copy("/a", "/b", create());

    assertThat(target.resolve("b")).hasContent("text");
  }

  @Test
  void copiesAFileIntoAnExistingDirectory() throws IOException {
    write("a", "text");
    Files.createDirectory(target.resolve("d"));

    copy("/a", "/d", create());

    assertThat(target.resolve("d/a")).hasContent("text");
  }

  @Test
  void makesTheDirectoriesThatADestinationWithATrailingSlashNames() throws IOException {
    write("a", "text");

    copy("/a", "/x/y/", create());

    assertThat(target.resolve("x/y/a")).hasContent("text");
    assertThat(kernel.attributes(target.resolve("x")).mode()).isEqualTo(0755);
  }

  @Test
  void refusesAMissingParentUnlessTold() throws IOException {
    write("b", "text");

    assertThatThrownBy(() -> copy("/b", "/x/y/b", CopyOptions.NONE))
        .isInstanceOf(BuildFailure.class)
        .hasMessageStartingWith("failed to stat /x/y/b: ")
        .hasMessageNotContaining(folder.toString());
  }

  @Test
  void copiesTheContentsOfADirectoryOrTheDirectoryItself() throws IOException {
    write("d/f", "text");
    Files.createDirectory(target.resolve("itself"));

    copy("/d", "/contents", options(true, false));
    copy("/d", "/itself", create());
    copy("/d/.", "/dot/", options(true, false));

    assertThat(target.resolve("contents/f")).hasContent("text");
    assertThat(target.resolve("itself/d/f")).hasContent("text");
    assertThat(target.resolve("dot/f")).hasContent("text");
  }

  @Test
  void keepsOwnerModeTimeAndExtendedAttributes() throws IOException {
    write("a", "text");
    kernel.setOwner(source.resolve("a"), 123, 456);
    kernel.setMode(source.resolve("a"), 04751);
    kernel.setExtendedAttribute(source.resolve("a"), "security.capability", new byte[] {1, 2});
    kernel.setModifiedTime(source.resolve("a"), TIME);

    copy("/a", "/a", create());

    FileAttributes copied = kernel.attributes(target.resolve("a"));
    assertThat(copied.uid()).isEqualTo(123);
    assertThat(copied.gid()).isEqualTo(456);
    assertThat(copied.mode()).isEqualTo(04751);
    assertThat(copied.modifiedNanos()).isEqualTo(TIME);
    assertThat(kernel.extendedAttribute(target.resolve("a"), "security.capability"))
        .hasValue(new byte[] {1, 2});
  }

  @Test
  void setsOwnerModeAndTimeWhenAsked() throws IOException {
    write("d/f", "text");
    var chown = new Chown(Optional.of(new Owner.ById(7)), Optional.empty());

    run(
        new FileAction.Copy(
            PLACE,
            "/d",
            "/n/d",
            Optional.of(chown),
            OptionalInt.of(0640),
            "",
            create(),
            OptionalLong.of(TIME),
            List.of(),
            List.of(),
            List.of()));

    for (String path : List.of("n", "n/d", "n/d/f")) {
      FileAttributes attributes = kernel.attributes(target.resolve(path));
      assertThat(attributes.uid()).as(path).isEqualTo(7);
      assertThat(attributes.gid()).as(path).isEqualTo(7);
      assertThat(attributes.mode()).as(path).isEqualTo(0640);
      assertThat(attributes.modifiedNanos()).as(path).isEqualTo(TIME);
    }
  }

  @Test
  void findsOwnersByNameInTheTreeGivenForThem() throws IOException {
    write("a", "text");
    Files.createDirectory(target.resolve("etc"));
    Files.writeString(
        target.resolve("etc/passwd"), "root:x:0:0::/:\nbroken\nmike:x:1000:1001::/:\n");
    Files.writeString(target.resolve("etc/group"), "root:x:0:\nstaff:x:50:mike\n");
    var mike = Optional.<Owner>of(new Owner.ByName("mike", OptionalInt.of(0)));
    var staff = Optional.<Owner>of(new Owner.ByName("staff", OptionalInt.of(0)));

    run(mkdir("/one", new Chown(mike, Optional.empty())));
    run(mkdir("/two", new Chown(mike, staff)));
    run(
        mkdir(
            "/three",
            new Chown(
                Optional.of(new Owner.ByName("nobody", OptionalInt.of(0))), Optional.empty())));

    assertThat(owner("one")).isEqualTo("1000:1001");
    assertThat(owner("two")).isEqualTo("1000:50");
    assertThat(owner("three")).isEqualTo("0:0");
  }

  @Test
  void keepsHardLinksAmongCopiedFiles() throws IOException {
    write("d/a", "text");
    Files.createLink(source.resolve("d/b"), source.resolve("d/a"));

    copy("/d", "/d", create());

    assertThat(kernel.attributes(target.resolve("d/b")).inode())
        .isEqualTo(kernel.attributes(target.resolve("d/a")).inode());
  }

  @Test
  void neverWritesThroughLinksOfTheTarget() throws IOException {
    Path outside = Files.writeString(folder.resolve("outside"), "untouched");
    write("a", "text");
    write("d/f", "text");
    Files.createSymbolicLink(target.resolve("a"), outside);
    Files.createSymbolicLink(target.resolve("up"), Path.of("../../../../../../.."));
    Files.createSymbolicLink(target.resolve("d"), folder);

    copy("/a", "/up/b", create());
    copy("/a", "/a", create());
    assertThatThrownBy(() -> copy("/d/.", "/../../d/../x/../up/../../d2/d3", CopyOptions.NONE))
        .isInstanceOf(BuildFailure.class);

    assertThat(outside).hasContent("untouched");
    assertThat(target.resolve("b")).hasContent("text");
  }

  @Test
  void resolvesWildcardsWithoutFollowingLinks() throws IOException {
    write("x1", "1");
    write("x2", "2");
    write("d/x3", "3");
    Files.createSymbolicLink(source.resolve("link"), Path.of("d"));

    copy("/x?", "/all/", wildcard(false));
    copy("/*/x3", "/deep/", wildcard(false));

    assertThat(target.resolve("all"))
        .isDirectoryContaining("glob:**/x1")
        .isDirectoryContaining("glob:**/x2");
    assertThat(Files.list(target.resolve("deep"))).hasSize(1);
  }

  @Test
  void failsForAWildcardThatMatchesNothingUnlessAllowed() {
    assertThatThrownBy(() -> copy("/z*", "/", wildcard(false))).hasMessage("/z* not found");

    copy("/z*", "/", wildcard(true));
  }

  @Test
  void replacesEntriesOfAnotherKindOnlyWhenTold() throws IOException {
    write("a", "text");
    Files.createDirectories(target.resolve("dir/a"));

    assertThatThrownBy(() -> copy("/a", "/dir/", create()))
        .hasMessageContaining("cannot replace to directory /dir/a with file");
    copy("/a", "/dir/", new CopyOptions(false, false, false, true, false, false, true));

    assertThat(target.resolve("dir/a")).hasContent("text");
  }

  @Test
  void copiesOnlyWhatPatternsWant() throws IOException {
    write("d/a.txt", "1");
    write("d/b.bin", "2");
    write("d/sub/deep/c.txt", "3");
    write("d/none/d.bin", "4");
    write("d/sub/skipped.txt", "5");
    kernel.setMode(source.resolve("d/sub"), 0711);

    run(filtered("/d", "/out", List.of("**/*.txt"), List.of("sub/skipped.txt")));

    try (Stream<Path> files = Files.walk(target)) {
      assertThat(files.map(path -> target.relativize(path).toString()))
          .containsExactlyInAnyOrder(
              "", "out", "out/a.txt", "out/sub", "out/sub/deep", "out/sub/deep/c.txt");
    }
    assertThat(kernel.attributes(target.resolve("out/sub")).mode()).isEqualTo(0711);
  }

  @Test
  void looksForExceptionsInsideExcludedDirectories() throws IOException {
    write("d/x/a", "1");
    write("d/x/b", "2");
    write("d/y", "3");

    run(filtered("/d", "/out", List.of(), List.of("x", "!x/b")));

    try (Stream<Path> files = Files.walk(target)) {
      assertThat(files.map(path -> target.relativize(path).toString()))
          .containsExactlyInAnyOrder("", "out", "out/x", "out/x/b", "out/y");
    }
  }

  private static FileAction filtered(
      String from, String to, List<String> include, List<String> exclude) {
    return new FileAction.Copy(
        PLACE,
        from,
        to,
        Optional.empty(),
        OptionalInt.empty(),
        "",
        options(true, false),
        OptionalLong.empty(),
        include,
        exclude,
        List.of());
  }

  @Test
  void makesFilesDirectoriesAndLinks() throws IOException {
    run(new FileAction.Mkdir(PLACE, "/a/b", 0700, true, Optional.empty(), OptionalLong.of(TIME)));
    run(
        new FileAction.Mkfile(
            PLACE,
            "/a/f",
            0600,
            ByteString.copyFromUtf8("data"),
            Optional.empty(),
            OptionalLong.of(TIME)));
    run(new FileAction.Symlink(PLACE, "f", "/a/l", Optional.empty(), OptionalLong.of(TIME)));

    assertThat(kernel.attributes(target.resolve("a/b")).mode()).isEqualTo(0700);
    assertThat(kernel.attributes(target.resolve("a/b")).modifiedNanos()).isEqualTo(TIME);
    assertThat(target.resolve("a/f")).hasContent("data");
    assertThat(kernel.attributes(target.resolve("a/f")).mode()).isEqualTo(0600);
    assertThat(Files.readSymbolicLink(target.resolve("a/l"))).hasToString("f");
  }

  @Test
  void speaksOfMissingParentsAsBuildKitDoes() {
    assertThatThrownBy(
            () ->
                run(
                    new FileAction.Mkdir(
                        PLACE, "/a/b", 0755, false, Optional.empty(), OptionalLong.empty())))
        .hasMessage("mkdir /a/b: no such file or directory");
    assertThatThrownBy(
            () ->
                run(
                    new FileAction.Mkfile(
                        PLACE,
                        "/a/b",
                        0644,
                        ByteString.EMPTY,
                        Optional.empty(),
                        OptionalLong.empty())))
        .hasMessage("open /a/b: no such file or directory");
    assertThatThrownBy(
            () ->
                run(
                    new FileAction.Symlink(
                        PLACE, "a", "/a/b", Optional.empty(), OptionalLong.empty())))
        .hasMessage("symlink a /a/b: no such file or directory");
    assertThatThrownBy(() -> run(new FileAction.Rm(PLACE, "/nosuch", false, false)))
        .hasMessage("stat /nosuch: no such file or directory");
    assertThatThrownBy(() -> copy("/a", "/b", create())).hasMessageStartingWith("lstat /a");
  }

  @Test
  void removesTreesAndLinksButNotWhatLinksPointTo() throws IOException {
    Path outside =
        Files.writeString(Files.createDirectory(folder.resolve("outside")).resolve("f"), "kept");
    Files.createDirectories(target.resolve("d/e"));
    Files.createSymbolicLink(target.resolve("d/e/link"), outside.getParent());
    Files.createSymbolicLink(target.resolve("link"), outside.getParent());
    Files.writeString(target.resolve("x1"), "");
    Files.writeString(target.resolve("x2"), "");

    run(new FileAction.Rm(PLACE, "/d", false, false));
    run(new FileAction.Rm(PLACE, "/link", false, false));
    run(new FileAction.Rm(PLACE, "/x*", false, true));
    run(new FileAction.Rm(PLACE, "/none", true, false));

    assertThat(Files.list(target)).isEmpty();
    assertThat(outside).hasContent("kept");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        CompressorStreamFactory.GZIP,
        CompressorStreamFactory.BZIP2,
        CompressorStreamFactory.XZ,
        CompressorStreamFactory.ZSTANDARD
      })
  void unpacksArchivesOfEveryCompression(String compression) throws Exception {
    try (TarArchiveOutputStream tar = archive("a.tar", compression)) {
      entry(tar, "d/f", TarConstants.LF_NORMAL, "", "text");
      entry(tar, "d/l", TarConstants.LF_SYMLINK, "f", "");
      entry(tar, "d/h", TarConstants.LF_LINK, "d/f", "");
    }

    copy("/a.tar", "/out/", new CopyOptions(false, false, true, true, false, false, false));

    assertThat(target.resolve("out/d/f")).hasContent("text");
    assertThat(Files.readSymbolicLink(target.resolve("out/d/l"))).hasToString("f");
    assertThat(target.resolve("out/d/h")).hasContent("text");
    assertThat(kernel.attributes(target.resolve("out/d/f")).modifiedNanos()).isEqualTo(TIME);
  }

  @Test
  void refusesAnArchiveThatClaimsToNeedMuchMemory() throws Exception {
    try (TarArchiveOutputStream tar = archive("a.tar", CompressorStreamFactory.XZ)) {
      entry(tar, "f", TarConstants.LF_NORMAL, "", "text");
    }
    claimBiggestDictionary(source.resolve("a.tar"));

    assertThatThrownBy(
            () ->
                copy(
                    "/a.tar",
                    "/out/",
                    new CopyOptions(false, false, true, true, false, false, false)))
        .isInstanceOf(InvalidRequest.class)
        .hasMessageContaining("a.tar")
        .hasMessageContaining("KiB of memory");
  }

  /// In the first block's header (12 bytes into the file), the dictionary of the only filter.
  private static void claimBiggestDictionary(Path file) throws IOException {
    byte[] xz = Files.readAllBytes(file);
    int header = 12;
    int checksum = header + xz[header] * 4;
    xz[header + 4] = 37;
    CRC32 crc = new CRC32();
    crc.update(xz, header, checksum - header);
    ByteBuffer.wrap(xz).order(ByteOrder.LITTLE_ENDIAN).putInt(checksum, (int) crc.getValue());
    Files.write(file, xz);
  }

  @Test
  void keepsHostileArchivesInside() throws Exception {
    Path outside = Files.createDirectory(folder.resolve("outside"));
    try (TarArchiveOutputStream tar = archive("a.tar", "")) {
      entry(tar, "../../../dots", TarConstants.LF_NORMAL, "", "1");
      entry(tar, "/absolute", TarConstants.LF_NORMAL, "", "2");
      entry(tar, "link", TarConstants.LF_SYMLINK, outside.toString(), "");
      entry(tar, "link/through", TarConstants.LF_NORMAL, "", "3");
      entry(tar, "hard", TarConstants.LF_LINK, "../../../../dots", "");
    }

    copy("/a.tar", "/out/", new CopyOptions(false, false, true, true, false, false, false));

    assertThat(Files.list(outside)).isEmpty();
    assertThat(target.resolve("out/dots")).hasContent("1");
    assertThat(target.resolve("out/absolute")).hasContent("2");
    assertThat(target.resolve("out/hard")).hasContent("1");
    assertThat(folder.resolve("dots")).doesNotExist();
  }

  @Test
  void copiesWhatIsNoArchiveEvenWhenToldToUnpack() throws IOException {
    write("a.tar", "this is no archive");

    copy("/a.tar", "/b", new CopyOptions(false, false, true, true, false, false, false));

    assertThat(target.resolve("b")).hasContent("this is no archive");
  }

  private void copy(String from, String to, CopyOptions options) {
    run(
        new FileAction.Copy(
            PLACE,
            from,
            to,
            Optional.empty(),
            OptionalInt.empty(),
            "",
            options,
            OptionalLong.empty(),
            List.of(),
            List.of(),
            List.of()));
  }

  private void run(FileAction action) {
    new FileActions(kernel)
        .run(
            action,
            new FileActions.Roots(
                target, Optional.of(source), Optional.of(target), Optional.of(target)));
  }

  private static FileAction mkdir(String path, Chown owner) {
    return new FileAction.Mkdir(PLACE, path, 0755, false, Optional.of(owner), OptionalLong.empty());
  }

  private static CopyOptions create() {
    return new CopyOptions(false, false, false, true, false, false, false);
  }

  private static CopyOptions options(boolean contents, boolean follow) {
    return new CopyOptions(follow, contents, false, true, false, false, false);
  }

  private static CopyOptions wildcard(boolean emptyAllowed) {
    return new CopyOptions(false, false, false, true, true, emptyAllowed, false);
  }

  private String owner(String path) {
    FileAttributes attributes = kernel.attributes(target.resolve(path));
    return attributes.uid() + ":" + attributes.gid();
  }

  private void write(String path, String text) throws IOException {
    Files.createDirectories(source.resolve(path).getParent());
    Files.writeString(source.resolve(path), text);
  }

  private TarArchiveOutputStream archive(String name, String compression) throws Exception {
    OutputStream file = Files.newOutputStream(source.resolve(name));
    return new TarArchiveOutputStream(
        compression.isEmpty()
            ? file
            : new CompressorStreamFactory().createCompressorOutputStream(compression, file));
  }

  private static void entry(
      TarArchiveOutputStream tar, String name, byte type, String link, String text)
      throws IOException {
    TarArchiveEntry entry = new TarArchiveEntry(name, type, true);
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    entry.setSize(bytes.length);
    entry.setLinkName(link);
    entry.setMode(0644);
    entry.setModTime(java.nio.file.attribute.FileTime.fromMillis(TIME / 1_000_000));
    tar.putArchiveEntry(entry);
    tar.write(bytes);
    tar.closeArchiveEntry();
  }
}
