package dev.slipway.remotecache.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.failure.InvalidRequest;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class S3SettingsTest {
  @Test
  void whatIsNotSaidIsAsInBuildkit() {
    S3Settings settings = settings(Map.of());

    assertThat(settings.tableKey(settings.names().getFirst())).isEqualTo("manifests/buildkit");
    assertThat(settings.blobKey("sha256:1")).isEqualTo("blobs/sha256:1");
    assertThat(settings.touchRefresh()).isEqualTo(Duration.ofHours(24));
    assertThat(settings.parallelism()).isEqualTo(4);
    assertThat(settings.pathStyle()).isFalse();
    assertThat(settings.credentials()).isEmpty();
    assertThat(settings.attempts()).isEmpty();
  }

  @Test
  void prefixesAreTakenAsTheyAre() {
    S3Settings settings =
        settings(
            Map.of("prefix", "p", "manifests_prefix", "m-", "blobs_prefix", "b-", "name", "a;b"));

    assertThat(settings.names()).containsExactly("a", "b");
    assertThat(settings.tableKey("a")).isEqualTo("pm-a");
    assertThat(settings.blobKey("x")).isEqualTo("pb-x");
  }

  @Test
  void theEnvironmentNamesBucketAndRegion() {
    S3Settings settings =
        S3Settings.of(Map.of("region", "eu-1"), Map.of("AWS_BUCKET", "mine", "AWS_REGION", "us-1"));

    assertThat(settings.bucket()).isEqualTo("mine");
    assertThat(settings.region()).isEqualTo("eu-1");
  }

  @Test
  void bucketAndRegionAreNeeded() {
    assertThatThrownBy(() -> S3Settings.of(Map.of("region", "r"), Map.of()))
        .isInstanceOf(InvalidRequest.class)
        .hasMessage("bucket ($AWS_BUCKET) not set for s3 cache");
    assertThatThrownBy(() -> S3Settings.of(Map.of("bucket", "b"), Map.of()))
        .isInstanceOf(InvalidRequest.class)
        .hasMessage("region ($AWS_REGION) not set for s3 cache");
  }

  @Test
  void credentialsNeedBothHalves() {
    assertThat(settings(Map.of("access_key_id", "a")).credentials()).isEmpty();
    assertThat(
            settings(Map.of("access_key_id", "a", "secret_access_key", "s", "session_token", "t"))
                .credentials())
        .contains(AwsCredentials.of("a", "s", Optional.of("t")));
  }

  @Test
  void aTimeThatCannotBeReadMeansTheDefault() {
    assertThat(settings(Map.of("touch_refresh", "soon")).touchRefresh())
        .isEqualTo(Duration.ofHours(24));
    assertThat(settings(Map.of("touch_refresh", "90m")).touchRefresh())
        .isEqualTo(Duration.ofMinutes(90));
  }

  @ParameterizedTest
  @CsvSource({
    "upload_parallelism, 0, upload_parallelism must be a positive integer",
    "upload_parallelism, many, upload_parallelism must be a positive integer",
    "retry_max_attempts, -1, retry_max_attempts must be a positive integer",
    "retry_mode, wild, 'retry_mode must be \"standard\" or \"adaptive\"'",
    "endpoint_url, ftp://x, want http://host",
  })
  void wrongValuesAreRefused(String name, String value, String message) {
    assertThatThrownBy(() -> settings(Map.of(name, value)))
        .isInstanceOf(InvalidRequest.class)
        .hasMessageContaining(message);
  }

  @ParameterizedTest
  @CsvSource({
    "'', false, bucket, https://bucket.s3.eu-1.amazonaws.com/k%3A1/x",
    "'', false, my.bucket, https://s3.eu-1.amazonaws.com/my.bucket/k%3A1/x",
    "http://store:9000, true, bucket, http://store:9000/bucket/k%3A1/x",
    "http://store:9000/, false, bucket, http://bucket.store:9000/k%3A1/x",
    "http://127.0.0.1:9000, false, bucket, http://127.0.0.1:9000/bucket/k%3A1/x",
    "https://store/sub, true, bucket, https://store/sub/bucket/k%3A1/x",
  })
  void addressesOfObjects(String endpoint, boolean pathStyle, String bucket, String expected) {
    Map<String, String> attributes = new HashMap<>();
    attributes.put("endpoint_url", endpoint);
    attributes.put("use_path_style", Boolean.toString(pathStyle));
    attributes.put("bucket", bucket);

    assertThat(S3Address.of(settings(attributes)).of("k:1/x")).hasToString(expected);
  }

  private static S3Settings settings(Map<String, String> attributes) {
    Map<String, String> all = new HashMap<>(Map.of("bucket", "bucket", "region", "eu-1"));
    all.putAll(attributes);
    return S3Settings.of(all, Map.of());
  }
}
