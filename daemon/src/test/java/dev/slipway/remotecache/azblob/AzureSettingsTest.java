package dev.slipway.remotecache.azblob;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.failure.InvalidRequest;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AzureSettingsTest {
  private static final Map<String, String> URL =
      Map.of("account_url", "https://mine.blob.core.windows.net/");

  @Test
  void whatIsNotSaidIsAsInBuildkit() {
    AzureSettings settings = AzureSettings.of(URL, Map.of());

    assertThat(settings.accountName()).isEqualTo("mine");
    assertThat(settings.container()).isEqualTo("buildkit-cache");
    assertThat(settings.tableName(settings.names().getFirst())).isEqualTo("manifests/buildkit");
    assertThat(settings.blobName("sha256:1")).isEqualTo("blobs/sha256:1");
    assertThat(settings.key()).isEmpty();
  }

  @Test
  void theEnvironmentSaysWhatAttributesDoNot() {
    Map<String, String> environment =
        Map.of(
            "BUILDKIT_AZURE_STORAGE_ACCOUNT_URL",
            "https://theirs.example",
            "BUILDKIT_AZURE_STORAGE_ACCOUNT_NAME",
            "name",
            "BUILDKIT_AZURE_STORAGE_CONTAINER",
            "container",
            "BUILDKIT_AZURE_STORAGE_PREFIX",
            "prefix");

    AzureSettings settings = AzureSettings.of(Map.of("container", "other"), environment);

    assertThat(settings.account()).hasToString("https://theirs.example");
    assertThat(settings.accountName()).isEqualTo("name");
    assertThat(settings.container()).isEqualTo("other");
    assertThat(settings.blobName("x")).isEqualTo("prefix/blobs/x");
  }

  @Test
  void namesAreJoinedLikePaths() {
    AzureSettings settings =
        AzureSettings.of(
            Map.of(
                "account_url", "https://a.example", "prefix", "a//b/", "blobs_prefix", "./c/../d"),
            Map.of());

    assertThat(settings.blobName("x")).isEqualTo("a/b/d/x");
  }

  @Test
  void anAddressIsNeeded() {
    assertThatThrownBy(() -> AzureSettings.of(Map.of(), Map.of()))
        .isInstanceOf(InvalidRequest.class)
        .hasMessageContaining("account_url attribute is required for azblob cache");
    assertThatThrownBy(() -> AzureSettings.of(Map.of("account_url", "not a url"), Map.of()))
        .isInstanceOf(InvalidRequest.class)
        .hasMessageContaining("not a valid url");
  }

  @Test
  void theKeyIsBase64() {
    assertThatThrownBy(
            () ->
                AzureSettings.of(
                    Map.of("account_url", "https://a.example", "secret_access_key", "!"), Map.of()))
        .isInstanceOf(InvalidRequest.class)
        .hasMessageContaining("failed to create shared key");
  }
}
