package dev.slipway.source.blob;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.failure.InvalidRequest;
import dev.slipway.failure.NotFound;
import dev.slipway.image.testing.PullFixture;
import dev.slipway.llb.SourceOp;
import dev.slipway.oci.Digest;
import dev.slipway.oci.MediaType;
import dev.slipway.oci.Platform;
import dev.slipway.ref.ImmutableRef;
import dev.slipway.registry.CredentialSource;
import dev.slipway.snapshot.Mounter.MountedTree;
import dev.slipway.source.Source;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BlobSourceTest {
  private static final String TEXT = "a blob";

  @TempDir Path folder;
  private PullFixture fixture;
  private BlobSource source;

  @BeforeEach
  void start() throws IOException {
    fixture = new PullFixture(folder, _ -> Map.of());
    ContainerBlobs blobs =
        new ContainerBlobs(
            fixture.client,
            fixture.content,
            _ -> CredentialSource.none(),
            fixture.sessions(),
            (_, _) -> {
              throw new NotFound("no layouts here");
            });
    source = new BlobSource(fixture.refs, fixture.kernel, blobs);
  }

  @AfterEach
  void stop() {
    fixture.close();
  }

  @Test
  void aBlobOfARegistryIsAFileOfItsOwn() throws IOException {
    Source.Resolution resolution = resolve(push(TEXT), Map.of("http.filename", "dir/name"));

    try (ImmutableRef ref = resolution.open(fixture.context()).orElseThrow();
        MountedTree tree = ref.openTree(fixture.context())) {
      Path file = tree.root().resolve("name");
      assertThat(Files.readString(file)).isEqualTo(TEXT);
      assertThat(Files.getLastModifiedTime(file)).isEqualTo(FileTime.fromMillis(0));
      assertThat(fixture.kernel.attributes(file).mode()).isEqualTo(0600);
    }
  }

  @Test
  void withoutANameItIsCalledByItsDigest() {
    Source.Resolution resolution = resolve(push(TEXT), Map.of());

    try (ImmutableRef ref = resolution.open(fixture.context()).orElseThrow();
        MountedTree tree = ref.openTree(fixture.context())) {
      assertThat(tree.root().resolve(Digest.ofText(TEXT).hex())).exists();
    }
  }

  @Test
  void itsKeyNeedsNobodyToBeAsked() {
    String json =
        "{\"Digest\":\""
            + Digest.ofText(TEXT)
            + "\",\"Filename\":\"name\",\"Perm\":420,\"UID\":1,\"GID\":2}";
    Source.Resolution resolution =
        resolve(
            "docker-image+blob://nowhere.invalid/x@" + Digest.ofText(TEXT),
            Map.of("http.filename", "name", "http.perm", "0644", "http.uid", "1", "http.gid", "2"));

    assertThat(resolution.key(0, fixture.context()).text())
        .isEqualTo(Digest.ofText(json).toString());
  }

  @Test
  void aBlobThatIsNotThereIsNotFound() {
    Source.Resolution resolution =
        resolve(
            "docker-image+blob://" + fixture.registry.host() + "/some@" + Digest.ofText("x"),
            Map.of());

    assertThatThrownBy(() -> resolution.open(fixture.context())).isInstanceOf(NotFound.class);
  }

  @Test
  void malformedSourcesAreRefused() {
    assertThatThrownBy(() -> resolve("docker-image+blob://some/thing:latest", Map.of()))
        .isInstanceOf(InvalidRequest.class);
    assertThatThrownBy(
            () -> resolve("oci-layout+blob://some/thing@" + Digest.ofText("x"), Map.of()))
        .isInstanceOf(InvalidRequest.class)
        .hasMessage("oci-layout blob source requires store id");
  }

  private String push(String text) {
    fixture.registry.addBlob(
        "some", new MediaType("text/plain"), text.getBytes(StandardCharsets.UTF_8));
    return "docker-image+blob://" + fixture.registry.host() + "/some@" + Digest.ofText(text);
  }

  private Source.Resolution resolve(String identifier, Map<String, String> attributes) {
    return source.resolve(new SourceOp(identifier, attributes), Platform.LINUX_AMD64);
  }
}
