package dev.slipway.source.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.failure.CorruptData;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.failure.NotFound;
import dev.slipway.failure.Unsupported;
import dev.slipway.frontend.FrontendBridge.ImageQuery;
import dev.slipway.frontend.FrontendBridge.ResolvedImage;
import dev.slipway.frontend.ResolvedSource;
import dev.slipway.frontend.ResolvedSource.AttestationChain;
import dev.slipway.frontend.SourceQuery;
import dev.slipway.frontend.SourceQuery.Attestations;
import dev.slipway.frontend.SourceQuery.GitObjects;
import dev.slipway.image.testing.GoldenImages;
import dev.slipway.image.testing.PullFixture;
import dev.slipway.llb.SourceOp;
import dev.slipway.oci.Descriptor;
import dev.slipway.oci.Digest;
import dev.slipway.oci.Index;
import dev.slipway.oci.Manifest;
import dev.slipway.oci.MediaType;
import dev.slipway.oci.Platform;
import dev.slipway.oci.json.OciJson;
import dev.slipway.ref.ImmutableRef;
import dev.slipway.registry.CredentialSource;
import dev.slipway.registry.testing.InProcessRegistry;
import dev.slipway.registry.testing.InProcessRegistry.Fault;
import dev.slipway.snapshot.Mounter.MountedTree;
import dev.slipway.source.Source;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageSourceTest {
  @TempDir Path folder;
  private PullFixture fixture;
  private ImageSource source;

  @BeforeEach
  void start() throws IOException {
    fixture =
        new PullFixture(
            folder,
            made ->
                Map.of(
                    "registry",
                    new RegistryLayerFetcher(
                        made.client.fetcher(), made.content, _ -> CredentialSource.none())));
    GoldenImages.pushTo(fixture.registry);
    source =
        new ImageSource(
            fixture.client, fixture.content, fixture.refs, _ -> CredentialSource.none());
  }

  @AfterEach
  void stop() {
    fixture.close();
  }

  @Test
  void keysAreThoseOfBuildkit() {
    assertThat(keys("docker.io/library/gold:latest", Platform.LINUX_AMD64, Map.of()))
        .containsExactly(
            "sha256:af40c310108bbb5b790d596f690547ba270439e5a5cd650c9d64d001ecb2327e",
            "sha256:ee9974ab3086f2a4e729501c4d960b1ff4718db5b6b028294800fade6bf4380c");
    assertThat(
            keys(
                "docker.io/library/gold:latest",
                Platform.LINUX_AMD64,
                Map.of("image.layerlimit", "1")))
        .containsExactly(
            "sha256:9ecfbe4c98f0390f8e8044af4f1a3f495ca399462a4e4e5219a32301ea833e6c",
            "sha256:ee9974ab3086f2a4e729501c4d960b1ff4718db5b6b028294800fade6bf4380c");
    assertThat(keys("docker.io/library/goldmulti:latest", Platform.LINUX_AMD64, Map.of()))
        .first()
        .isEqualTo("sha256:7d3ba5d9f68cf8cc0fa0af7ee2a32fb4cf0c809765eb2a021a4e6454bf05ddb4");
    assertThat(keys("docker.io/library/goldmulti:latest", Platform.LINUX_ARM64, Map.of()))
        .containsExactly(
            "sha256:dafaf1847eb306504e42ec90a0b95c011ccd9924d7bb5b4ee33c47b7da30a58e",
            "sha256:39dc347a78ca86947e3a3ef481057bb6785ad43a1a3db1edf11f51208310fafb");
  }

  @Test
  void theLayersStayWhereTheyAreUntilFilesAreNeeded() throws IOException {
    Source.Resolution resolution =
        resolve("docker.io/library/gold:latest", Platform.LINUX_AMD64, Map.of());
    try (ImmutableRef ref = resolution.open(fixture.context()).orElseThrow()) {
      assertThat(ref.lazy()).isTrue();
      assertThat(fixture.registry.requests())
          .noneMatch(line -> line.contains("blobs/sha256:ee9974"));
      assertThat(ref.layers().getFirst().origin().orElseThrow().reference())
          .isEqualTo("docker.io/library/gold");

      try (MountedTree tree = ref.openTree(fixture.context())) {
        assertThat(tree.root().resolve("etc/passwd"))
            .content(StandardCharsets.UTF_8)
            .contains("gold:");
      }
    }
    assertThat(fixture.items())
        .contains(
            "resolve docker.io/library/gold:latest",
            "sha256:ee9974ab3086f2a4e729501c4d960b1ff4718db5b6b028294800fade6bf4380c",
            "extracting sha256:ee9974ab3086f2a4e729501c4d960b1ff4718db5b6b028294800fade6bf4380c");
    assertThat(fixture.refs.openHolds()).isZero();
  }

  @Test
  void aNameWithADigestThatIsKnownAsksNobody() {
    keys("docker.io/library/gold:latest", Platform.LINUX_AMD64, Map.of());
    int before = fixture.registry.requests().size();

    keys("docker.io/library/gold:latest@" + GoldenImages.GOLD, Platform.LINUX_AMD64, Map.of());

    assertThat(fixture.registry.requests()).hasSize(before);
  }

  @Test
  void aPlatformThatIsNotThereIsNamedAsBuildkitNamesIt() {
    assertThatThrownBy(
            () ->
                keys("docker.io/library/goldmulti:latest", Platform.of("linux", "s390x"), Map.of()))
        .isInstanceOf(NotFound.class)
        .hasMessage("no match for platform in manifest: not found");
  }

  @Test
  void anImageThatIsNotThereIsNamedAsBuildkitNamesIt() {
    String name = fixture.registry.host() + "/nosuch:latest";

    assertThatThrownBy(() -> keys(name, Platform.LINUX_AMD64, Map.of()))
        .isInstanceOf(NotFound.class)
        .hasMessage(name + ": not found");
  }

  @Test
  void anotherChecksumIsRefused() {
    String other = "sha256:" + "1".repeat(64);

    assertThatThrownBy(
            () ->
                keys(
                    "docker.io/library/gold:latest",
                    Platform.LINUX_AMD64,
                    Map.of("image.checksum", other)))
        .isInstanceOf(InvalidRequest.class)
        .hasMessage(
            "image digest "
                + GoldenImages.GOLD
                + " for docker.io/library/gold:latest does not match expected checksum "
                + other);
  }

  @Test
  void badAttributesAreNamedAsBuildkitNamesThem() {
    assertThatThrownBy(
            () ->
                resolve(
                    "docker.io/library/gold:latest",
                    Platform.LINUX_AMD64,
                    Map.of("image.layerlimit", "x")))
        .isInstanceOf(InvalidRequest.class)
        .hasMessage("invalid layer limit x: strconv.Atoi: parsing \"x\": invalid syntax");
    assertThatThrownBy(
            () ->
                resolve(
                    "docker.io/library/gold:latest",
                    Platform.LINUX_AMD64,
                    Map.of("image.resolvemode", "bogus")))
        .isInstanceOf(InvalidRequest.class)
        .hasMessage("invalid resolvemode: bogus");
    assertThatThrownBy(() -> resolve("docker.io/library/gold", Platform.LINUX_AMD64, Map.of()))
        .isInstanceOf(InvalidRequest.class);
  }

  @Test
  void moreLayersThanThereAreCannotBeAskedFor() {
    assertThatThrownBy(
            () ->
                keys(
                    "docker.io/library/gold:latest",
                    Platform.LINUX_AMD64,
                    Map.of("image.layerlimit", "2")))
        .isInstanceOf(InvalidRequest.class)
        .hasMessage("layer limit 2 is greater than the number of layers in the image 1");
  }

  @Test
  void aManifestWithOtherBytesIsRefused() {
    // A registry that sends other bytes is asked again a few times.
    for (int attempt = 0; attempt < 10; attempt++) {
      fixture.registry.next(new Fault.OtherBytes("GET .*/manifests/"));
    }
    String name = fixture.registry.host() + "/library/gold:latest";

    assertThatThrownBy(() -> keys(name, Platform.LINUX_AMD64, Map.of()))
        .isInstanceOf(CorruptData.class);
  }

  @Test
  void schemaOneIsRefusedInWords() {
    byte[] old = "{\"schemaVersion\":1}".getBytes(StandardCharsets.UTF_8);
    MediaType type = new MediaType("application/vnd.docker.distribution.manifest.v1+prettyjws");
    fixture.registry.addManifest("old", Optional.of("latest"), type, old);

    assertThatThrownBy(
            () -> keys(fixture.registry.host() + "/old:latest", Platform.LINUX_AMD64, Map.of()))
        .isInstanceOf(Unsupported.class)
        .hasMessageContaining("schema 1 has been removed");
  }

  @Test
  void armv7TakesAnOlderVariantWhenThereIsNoBetter() {
    String manifests =
        "{\"schemaVersion\":2,\"mediaType\":\""
            + MediaType.OCI_INDEX
            + "\",\"manifests\":["
            + entry(GoldenImages.GOLD, "arm", "v5")
            + ","
            + entry(
                Digest.parse(
                    "sha256:bfcd8c0fbd34e51dc90d21e36eb441c07a7d63314e8386f7d5693843811035fd"),
                "arm64",
                "")
            + "]}";
    fixture.registry.addManifest(
        "library/gold",
        Optional.of("arm"),
        MediaType.OCI_INDEX,
        manifests.getBytes(StandardCharsets.UTF_8));

    assertThat(
            keys("docker.io/library/gold:arm", Platform.of("linux", "arm", "v7"), Map.of())
                .getLast())
        .isEqualTo("sha256:ee9974ab3086f2a4e729501c4d960b1ff4718db5b6b028294800fade6bf4380c");
  }

  @Test
  void frontendsAreToldDigestAndConfig() {
    ImageMetadataResolver resolver =
        new ImageMetadataResolver(fixture.client, fixture.content, _ -> CredentialSource.none());

    ResolvedSource found =
        resolver.resolve(
            new SourceOp("docker-image://goldmulti", Map.of()),
            SourceQuery.of(query(Platform.LINUX_ARM64)),
            fixture.context());

    ResolvedImage image = found.image().orElseThrow();
    assertThat(image.digest()).isEqualTo(GoldenImages.GOLDMULTI);
    assertThat(image.reference()).isEqualTo("docker.io/library/goldmulti:latest");
    assertThat(new String(image.config(), StandardCharsets.UTF_8)).contains("arm64");
  }

  @Test
  void frontendsAreToldWhoVouchesForAnImage() {
    Attested attested = new Attested(fixture.registry);
    ImageMetadataResolver resolver =
        new ImageMetadataResolver(fixture.client, fixture.content, _ -> CredentialSource.none());
    SourceQuery query =
        new SourceQuery(
            query(Platform.LINUX_ARM64),
            new Attestations(false, java.util.List.of("https://slsa.dev/provenance/v1")),
            GitObjects.LEFT_OUT,
            Optional.empty(),
            java.util.List.of());

    AttestationChain chain =
        resolver.resolve(attested.source(), query, fixture.context()).attestations().orElseThrow();

    assertThat(chain.root()).isEqualTo(attested.index.digest());
    assertThat(chain.imageManifest()).contains(attested.image.digest());
    assertThat(chain.attestationManifest()).contains(attested.attestation.digest());
    assertThat(chain.signatureManifests()).containsExactly(attested.signature.digest());
    assertThat(chain.blobs().keySet())
        .containsExactly(
            attested.index.digest(),
            attested.attestation.digest(),
            attested.signature.digest(),
            attested.bundle.digest(),
            attested.provenance.digest());
    assertThat(
            new String(
                chain.blobs().get(attested.provenance.digest()).data(), StandardCharsets.UTF_8))
        .isEqualTo("provenance");
  }

  private static ImageQuery query(Platform platform) {
    return new ImageQuery(platform, "", "default", Optional.empty(), false);
  }

  /// An index with an image, its attestations and their signature, which is found by its stand-in
  /// tag.
  private static final class Attested {
    private final InProcessRegistry registry;
    final Descriptor image;
    final Descriptor provenance;
    final Descriptor attestation;
    final Descriptor bundle;
    final Descriptor signature;
    final Descriptor index;

    Attested(InProcessRegistry registry) {
      this.registry = registry;
      Descriptor config =
          blob(MediaType.OCI_CONFIG, "{\"architecture\":\"arm64\",\"os\":\"linux\",\"rootfs\":{}}");
      image = manifest("image", config, java.util.List.of());
      Descriptor sbom =
          blob(MediaType.IN_TOTO, "sbom")
              .withAnnotations(Map.of("in-toto.io/predicate-type", "https://spdx.dev/Document"));
      provenance =
          blob(MediaType.IN_TOTO, "provenance")
              .withAnnotations(
                  Map.of("in-toto.io/predicate-type", "https://slsa.dev/provenance/v1"));
      attestation =
          manifest("attestation", config, java.util.List.of(sbom, provenance))
              .withAnnotations(
                  Map.of(
                      "vnd.docker.reference.type",
                      "attestation-manifest",
                      "vnd.docker.reference.digest",
                      image.digest().toString()));
      bundle = blob(new MediaType("application/vnd.dev.sigstore.bundle.v0.3+json"), "bundle");
      signature = manifest("signature", config, java.util.List.of(bundle));
      index =
          push(
              "latest",
              MediaType.OCI_INDEX,
              OciJson.write(
                  new Index(
                      MediaType.OCI_INDEX,
                      java.util.List.of(
                          image.withPlatform(Platform.LINUX_ARM64),
                          attestation.withPlatform(Platform.of("unknown", "unknown", ""))),
                      Map.of())));
      String referrers =
          "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"manifests\":[{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d,\"artifactType\":\"application/vnd.dev.sigstore.bundle.v0.3+json\"}]}"
              .formatted(
                  MediaType.OCI_INDEX,
                  MediaType.OCI_MANIFEST,
                  signature.digest(),
                  signature.bytes());
      push(
          attestation.digest().toString().replace(':', '-'),
          MediaType.OCI_INDEX,
          referrers.getBytes(StandardCharsets.UTF_8));
    }

    private Descriptor blob(MediaType type, String text) {
      return registry.addBlob("attested", type, text.getBytes(StandardCharsets.UTF_8));
    }

    private Descriptor manifest(String tag, Descriptor config, java.util.List<Descriptor> layers) {
      return push(
          tag,
          MediaType.OCI_MANIFEST,
          OciJson.write(new Manifest(MediaType.OCI_MANIFEST, config, layers, Map.of("tag", tag))));
    }

    private Descriptor push(String tag, MediaType type, byte[] bytes) {
      return registry.addManifest("attested", Optional.of(tag), type, bytes);
    }

    SourceOp source() {
      return new SourceOp("docker-image://" + registry.host() + "/attested:latest", Map.of());
    }
  }

  private static String entry(Digest digest, String architecture, String variant) {
    return "{\"mediaType\":\""
        + MediaType.OCI_MANIFEST
        + "\",\"digest\":\""
        + digest
        + "\",\"size\":398,\"platform\":{\"os\":\"linux\",\"architecture\":\""
        + architecture
        + "\",\"variant\":\""
        + variant
        + "\"}}";
  }

  private java.util.List<String> keys(
      String name, Platform platform, Map<String, String> attributes) {
    Source.Resolution resolution = resolve(name, platform, attributes);
    Source.Key first = resolution.key(0, fixture.context());
    Source.Key second = resolution.key(1, fixture.context());
    assertThat(first.last()).isFalse();
    assertThat(second.last()).isTrue();
    return java.util.List.of(first.text(), second.text());
  }

  private Source.Resolution resolve(
      String name, Platform platform, Map<String, String> attributes) {
    return source.resolve(new SourceOp("docker-image://" + name, attributes), platform);
  }
}
