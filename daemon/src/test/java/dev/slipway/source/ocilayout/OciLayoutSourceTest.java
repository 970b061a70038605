package dev.slipway.source.ocilayout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.content.testing.InMemoryContentStore;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.failure.NotFound;
import dev.slipway.failure.Unavailable;
import dev.slipway.image.testing.GoldenImages;
import dev.slipway.image.testing.PullFixture;
import dev.slipway.llb.SourceOp;
import dev.slipway.oci.Digest;
import dev.slipway.oci.Platform;
import dev.slipway.ref.ImmutableRef;
import dev.slipway.session.Session;
import dev.slipway.snapshot.Mounter.MountedTree;
import dev.slipway.source.Source;
import io.grpc.Channel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OciLayoutSourceTest {
  private final InMemoryContentStore layout = new InMemoryContentStore();
  private final ClientLayouts layouts =
      (_, store) -> {
        if (!store.equals("oci:base")) {
          throw new NotFound("no store " + store);
        }
        return layout;
      };

  @TempDir Path folder;
  private PullFixture fixture;
  private OciLayoutSource source;

  @BeforeEach
  void start() throws IOException {
    fixture =
        new PullFixture(
            folder,
            made ->
                Map.of(
                    "oci-layout", new LayoutLayerFetcher(made.content, made.sessions(), layouts)));
    fixture.connect(new Client("client"));
    GoldenImages.blobs().values().forEach(layout::put);
    source = new OciLayoutSource(fixture.content, fixture.refs, fixture.sessions(), layouts);
  }

  @AfterEach
  void stop() {
    fixture.close();
  }

  @Test
  void anImageOfTheClientHasTheKeysOfOneFromARegistry() {
    Source.Resolution resolution =
        resolve(
            "base@" + GoldenImages.GOLDMULTI, Map.of("oci.session", "client", "oci.store", "base"));

    assertThat(resolution.key(0, fixture.context()).text())
        .isEqualTo("sha256:7d3ba5d9f68cf8cc0fa0af7ee2a32fb4cf0c809765eb2a021a4e6454bf05ddb4");
    assertThat(resolution.key(1, fixture.context()).text())
        .isEqualTo("sha256:ee9974ab3086f2a4e729501c4d960b1ff4718db5b6b028294800fade6bf4380c");
  }

  @Test
  void layersComeFromTheClientWhenNeededEvenFromAnotherClientOfTheBuild() {
    fixture.connect(new Client("later"));
    Source.Resolution resolution =
        resolve("base@" + GoldenImages.GOLD, Map.of("oci.session", "client", "oci.store", "base"));
    try (ImmutableRef ref = resolution.open(fixture.context()).orElseThrow()) {
      assertThat(ref.lazy()).isTrue();

      try (MountedTree tree = ref.openTree(fixture.context())) {
        assertThat(tree.root().resolve("bin/sh")).exists();
      }
    }
  }

  @Test
  void whatTheLayoutLacksIsSaid() {
    Source.Resolution resolution =
        resolve("base@sha256:" + "0".repeat(64), Map.of("oci.store", "base"));

    assertThatThrownBy(() -> resolution.key(0, fixture.context()))
        .isInstanceOf(NotFound.class)
        .hasMessageContaining("unable to get info about digest");
  }

  @Test
  void aNameWithoutDigestIsRefused() {
    assertThatThrownBy(() -> resolve("base:latest", Map.of()))
        .isInstanceOf(InvalidRequest.class)
        .hasMessageContaining("must have digest");
  }

  @Test
  void aDocumentThatIsNoManifestIsRefused() {
    Digest other = layout.put("{}".getBytes(java.nio.charset.StandardCharsets.UTF_8));
    Source.Resolution resolution = resolve("base@" + other, Map.of("oci.store", "base"));

    assertThatThrownBy(() -> resolution.key(0, fixture.context()))
        .isInstanceOf(InvalidRequest.class)
        .hasMessageContaining("neither an index nor a manifest");
  }

  private Source.Resolution resolve(String name, Map<String, String> attributes) {
    return source.resolve(new SourceOp("oci-layout://" + name, attributes), Platform.LINUX_AMD64);
  }

  private record Client(String id) implements Session {
    @Override
    public String name() {
      return "";
    }

    @Override
    public String sharedKey() {
      return "";
    }

    @Override
    public boolean supports(String method) {
      return true;
    }

    @Override
    public Channel channel() {
      throw new Unavailable("not needed here");
    }
  }
}
