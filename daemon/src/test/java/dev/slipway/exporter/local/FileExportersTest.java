package dev.slipway.exporter.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.attestation.Attestation;
import dev.slipway.exporter.Exporter;
import dev.slipway.exporter.Exporter.ExportSession;
import dev.slipway.exporter.Exporter.Input;
import dev.slipway.exporter.tar.TarExporter;
import dev.slipway.failure.AlreadyExists;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.failure.Unsupported;
import dev.slipway.fsutil.DirectoryTarget;
import dev.slipway.layer.testing.UnprivilegedKernel;
import dev.slipway.oci.Digest;
import dev.slipway.progress.ProgressEvent;
import dev.slipway.progress.ProgressEvent.StatusChanged;
import dev.slipway.progress.VertexProgress;
import dev.slipway.ref.FetchContext;
import dev.slipway.ref.ImmutableRef;
import dev.slipway.ref.testing.RefStoreFixture;
import dev.slipway.session.SessionGroup;
import dev.slipway.session.testing.ReceivedArchive;
import dev.slipway.session.testing.ReceivedFiles;
import dev.slipway.session.testing.SessionFixture;
import dev.slipway.task.Clock;
import io.grpc.Metadata;
import io.grpc.Status;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The exporters of plain files, over a real session.
@Timeout(60)
class FileExportersTest {
  private static final String PLATFORMS =
      """
      {"Platforms":[{"ID":"linux/amd64","Platform":{"architecture":"amd64","os":"linux"}},\
      {"ID":"linux/arm64","Platform":{"architecture":"arm64","os":"linux"}}]}\
      """;

  @TempDir Path folder;
  private final List<ProgressEvent> events = Collections.synchronizedList(new ArrayList<>());
  private RefStoreFixture stores;
  private SessionFixture clients;
  private ReceivedFiles received;
  private Path target;
  private Exporter local;
  private Exporter tar;
  private ImmutableRef amd;
  private ImmutableRef arm;

  @BeforeEach
  void start() throws IOException {
    stores = new RefStoreFixture(Files.createDirectory(folder.resolve("state")));
    clients = new SessionFixture(folder);
    target = Files.createDirectory(folder.resolve("target"));
    received = new ReceivedFiles(() -> new DirectoryTarget(target, DirectoryTarget.Existing.KEEP));
    local = new LocalExporter(clients.sessions(), new UnprivilegedKernel(), Clock.system());
    tar = new TarExporter(clients.sessions(), new UnprivilegedKernel(), Clock.system());
    amd = stores.step(Optional.empty(), "bin/tool=amd", "readme=r");
    arm = stores.step(Optional.empty(), "bin/tool=arm", "other=o");
  }

  @AfterEach
  void stop() {
    amd.close();
    arm.close();
    received.close();
    clients.close();
    assertThat(stores.store.openHolds()).isZero();
    stores.close();
  }

  @Test
  void aSingleResultLandsInTheClientsDirectory() {
    String client = clients.connect(received.service());

    export(local, Map.of(), client, single());

    assertThat(contents()).isEqualTo(Map.of("bin/tool", "amd", "readme", "r"));
    assertThat(header("buildkit-attachable-exporter-id")).contains("3");
    assertThat(header("buildkit-exporter-multi-platform")).isEmpty();
    assertThat(items()).containsOnly("copying files");
  }

  @Test
  void resultsOfSeveralPlatformsGetADirectoryEach() {
    String client = clients.connect(received.service());

    export(local, Map.of(), client, both());

    assertThat(contents())
        .isEqualTo(
            Map.of(
                "linux_amd64/bin/tool",
                "amd",
                "linux_amd64/readme",
                "r",
                "linux_arm64/bin/tool",
                "arm",
                "linux_arm64/other",
                "o"));
    assertThat(items()).containsOnly("copying files linux/amd64", "copying files linux/arm64");
  }

  @Test
  void aSingleResultGetsItsPlatformsDirectoryWhenAskedFor() {
    String client = clients.connect(received.service());
    Input named =
        new Input(
            Optional.of(amd),
            new LinkedHashMap<>(),
            Map.of(
                "containerimage.config",
                "{\"architecture\":\"s390x\",\"os\":\"linux\"}".getBytes(StandardCharsets.UTF_8)));

    export(local, Map.of("platform-split", "true"), client, named);

    assertThat(contents())
        .isEqualTo(Map.of("linux_s390x/bin/tool", "amd", "linux_s390x/readme", "r"));
    assertThat(items()).containsOnly("copying files linux/s390x");
  }

  @Test
  void withoutSplitTheSamePathOfTwoPlatformsIsRefused() {
    String client = clients.connect(received.service());

    assertThatThrownBy(() -> export(local, Map.of("platform-split", "false"), client, both()))
        .isInstanceOf(InvalidRequest.class)
        .hasMessage(
            "cannot overwrite bin/tool from linux/amd64 with linux/arm64 when split option is"
                + " disabled");
  }

  @Test
  void statementsStandBesideTheFilesWithTheirPrefix() {
    String client = clients.connect(received.service());

    export(local, Map.of("attestation-prefix", "our-"), client, both().with(claims()));

    assertThat(contents())
        .containsKeys("linux_amd64/our-claim.json", "linux_arm64/our-claim.json")
        .doesNotContainKey("linux_amd64/claim.json");
  }

  @Test
  void statementsForStoredImagesAreNotAmongTheFiles() {
    String client = clients.connect(received.service());

    export(local, Map.of(), client, both().with(claims(true)));

    assertThat(contents()).containsKey("linux_amd64/bin/tool");
    assertThat(contents().keySet()).noneMatch(name -> name.contains("claim"));
  }

  @Test
  void statementsInATarAreNamedByPlatformWhereItIsNotSplit() throws IOException {
    ReceivedArchive archive = new ReceivedArchive();
    String client = clients.connect(archive);

    export(
        tar,
        Map.of("attestation-prefix", "our-", "platform-split", "false"),
        client,
        both().with(claims()));

    assertThat(new String(archive.bytes(), StandardCharsets.ISO_8859_1))
        .contains("linux_amd64/our-claim.linux_amd64.json");
  }

  private static Map<String, List<Attestation>> claims() {
    return claims(false);
  }

  private static Map<String, List<Attestation>> claims(boolean inlineOnly) {
    Attestation claim =
        new Attestation(
            "claim.json",
            "https://example.com/claim",
            inlineOnly,
            () -> "{}".getBytes(StandardCharsets.UTF_8),
            List.of());
    return Map.of("linux/amd64", List.of(claim), "linux/arm64", List.of(claim));
  }

  @Test
  void deletingGoesInOneTransferThatSaysSo() {
    String client = clients.connect(received.service());

    export(local, Map.of("mode", "delete"), client, both());

    assertThat(received.requests()).hasSize(1);
    assertThat(header("buildkit-exporter-multi-platform")).contains("1");
    assertThat(contents()).hasSize(4);
  }

  @Test
  void theEpochOfTheBuildIsEveryFilesTime() throws IOException {
    String client = clients.connect(received.service());

    export(local, Map.of("source-date-epoch", "1700000000"), client, single());

    assertThat(Files.getLastModifiedTime(target.resolve("readme")).toInstant())
        .isEqualTo(Instant.ofEpochSecond(1_700_000_000));
  }

  @Test
  void wrongAttributesAreRefusedBeforeAnythingIsSent() {
    assertThatThrownBy(() -> local.prepare("local", 0, Map.of("mode", "mirror")))
        .hasMessageContaining("mirror");
    assertThatThrownBy(() -> local.prepare("local", 0, Map.of("platform-split", "perhaps")))
        .hasMessageContaining("perhaps");
    assertThatThrownBy(() -> tar.prepare("tar", 0, Map.of("platform-split", "perhaps")))
        .hasMessageContaining("perhaps");
    assertThatThrownBy(() -> tar.prepare("tar", 0, Map.of("source-date-epoch", "soon")))
        .hasMessageContaining("soon");
  }

  @Test
  void severalResultsWithoutPlatformsAreRefused() {
    String client = clients.connect(received.service());
    Input unnamed = new Input(Optional.empty(), refs(), Map.of());

    assertThatThrownBy(() -> export(local, Map.of(), client, unnamed))
        .hasMessage("unable to export multiple refs, missing platforms mapping");
  }

  @Test
  void aTarHoldsEveryEntry() throws IOException {
    ReceivedArchive archive = new ReceivedArchive();
    String client = clients.connect(archive);

    export(tar, Map.of("source-date-epoch", "1700000000"), client, both());

    Map<String, String> entries = new TreeMap<>();
    try (TarArchiveInputStream in =
        new TarArchiveInputStream(new ByteArrayInputStream(archive.bytes()))) {
      for (TarArchiveEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
        assertThat(entry.getLastModifiedTime().toInstant())
            .isEqualTo(Instant.ofEpochSecond(1_700_000_000));
        entries.put(entry.getName(), new String(in.readAllBytes(), StandardCharsets.UTF_8));
      }
    }
    assertThat(entries)
        .containsOnlyKeys(
            "linux_amd64/",
            "linux_amd64/bin/",
            "linux_amd64/bin/tool",
            "linux_amd64/readme",
            "linux_arm64/",
            "linux_arm64/bin/",
            "linux_arm64/bin/tool",
            "linux_arm64/other")
        .containsEntry("linux_arm64/bin/tool", "arm");
    assertThat(items()).containsOnly("sending tarball");
  }

  @Test
  void whatTheClientAnswersIsTheFailure() {
    String refusing =
        clients.connect(
            new ReceivedArchive(
                Optional.of(Status.ALREADY_EXISTS.withDescription("target already exists"))));

    assertThatThrownBy(() -> export(tar, Map.of(), refusing, single()))
        .isInstanceOf(AlreadyExists.class)
        .hasMessageContaining("target already exists");
  }

  @Test
  void aClientThatTakesNoFilesIsNamedAsTheReason() {
    String bare = clients.connect();

    assertThatThrownBy(() -> export(local, Map.of(), bare, single()))
        .isInstanceOf(Unsupported.class)
        .hasMessage("method /moby.filesync.v1.FileSend/DiffCopy not supported by the client");
  }

  @Test
  void scratchIsAnEmptyDirectory() {
    String client = clients.connect(received.service());

    export(local, Map.of(), client, new Input(Optional.empty(), new LinkedHashMap<>(), Map.of()));

    assertThat(contents()).isEmpty();
    assertThat(received.requests()).hasSize(1);
  }

  private void export(
      Exporter exporter, Map<String, String> attributes, String client, Input input) {
    VertexProgress progress =
        new VertexProgress(Digest.ofText("export"), events::add, Clock.system());
    FetchContext context =
        new FetchContext(new SessionGroup(clients.sessions(), () -> List.of(client)), progress);
    exporter
        .prepare(exporter.types().getFirst(), 3, attributes)
        .export(input, context, new ExportSession(client, "build", Optional.empty()));
  }

  private Input single() {
    return new Input(Optional.of(amd), new LinkedHashMap<>(), Map.of());
  }

  private Input both() {
    return new Input(
        Optional.empty(),
        refs(),
        Map.of("refs.platforms", PLATFORMS.getBytes(StandardCharsets.UTF_8)));
  }

  private SequencedMap<String, Optional<ImmutableRef>> refs() {
    SequencedMap<String, Optional<ImmutableRef>> refs = new LinkedHashMap<>();
    refs.put("linux/amd64", Optional.of(amd));
    refs.put("linux/arm64", Optional.of(arm));
    return refs;
  }

  private Optional<String> header(String key) {
    return Optional.ofNullable(
        received.requests().getFirst().get(Metadata.Key.of(key, Metadata.ASCII_STRING_MARSHALLER)));
  }

  private List<String> items() {
    return events.stream()
        .map(StatusChanged.class::cast)
        .map(StatusChanged::id)
        .distinct()
        .toList();
  }

  private Map<String, String> contents() {
    Map<String, String> contents = new TreeMap<>();
    try (Stream<Path> paths = Files.walk(target)) {
      for (Path path : paths.filter(Files::isRegularFile).toList()) {
        contents.put(target.relativize(path).toString(), Files.readString(path));
      }
    } catch (IOException failed) {
      throw new IllegalStateException(failed);
    }
    return contents;
  }
}
