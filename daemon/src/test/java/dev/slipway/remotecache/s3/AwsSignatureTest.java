package dev.slipway.remotecache.s3;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.remotecache.object.ObjectRequest;
import java.net.URI;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// The examples of "Signature Calculations for the Authorization Header" in Amazon's S3 API
/// reference.
class AwsSignatureTest {
  private static final AwsCredentials KEYS =
      AwsCredentials.of(
          "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", Optional.empty());
  private static final Instant NOW = Instant.parse("2013-05-24T00:00:00Z");
  private static final String BUCKET = "https://examplebucket.s3.amazonaws.com";

  @Test
  void readingAnObject() {
    ObjectRequest request =
        ObjectRequest.of("GET", URI.create(BUCKET + "/test.txt")).with("range", "bytes=0-9");

    assertThat(signed(request))
        .isEqualTo(
            "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,"
                + "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,"
                + "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
  }

  @Test
  void writingAnObject() {
    ObjectRequest request =
        ObjectRequest.of("PUT", URI.create(BUCKET + "/test%24file.text"))
            .with("date", "Fri, 24 May 2013 00:00:00 GMT")
            .with("x-amz-storage-class", "REDUCED_REDUNDANCY")
            .with(
                "x-amz-content-sha256",
                "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072");

    assertThat(signed(request))
        .endsWith("Signature=98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");
  }

  @Test
  void aQueryWithoutValue() {
    ObjectRequest request = ObjectRequest.of("GET", URI.create(BUCKET + "/?lifecycle"));

    assertThat(signed(request))
        .endsWith("Signature=fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543");
  }

  @Test
  void aQueryInAnyOrder() {
    ObjectRequest request = ObjectRequest.of("GET", URI.create(BUCKET + "/?prefix=J&max-keys=2"));

    assertThat(signed(request))
        .endsWith("Signature=34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
  }

  @Test
  void temporaryKeysBringTheirToken() {
    AwsCredentials temporary = AwsCredentials.of("id", "secret", Optional.of("token"));

    ObjectRequest signed =
        new AwsSignature("us-east-1", "s3")
            .sign(ObjectRequest.of("GET", URI.create(BUCKET + "/a")), temporary, NOW);

    assertThat(signed.headers())
        .containsEntry("x-amz-security-token", "token")
        .hasEntrySatisfying(
            "authorization", text -> assertThat(text).contains("x-amz-date;x-amz-security-token"));
  }

  /// The client leaves out the scheme's own port, so it is not signed.
  @Test
  void portsAreSignedAsTheyAreSent() {
    AwsSignature signature = new AwsSignature("us-east-1", "s3");

    String usual =
        signature
            .sign(request("https://s3.example:443/a"), KEYS, NOW)
            .headers()
            .get("authorization");
    String none =
        signature.sign(request("https://s3.example/a"), KEYS, NOW).headers().get("authorization");
    String other =
        signature
            .sign(request("https://s3.example:8443/a"), KEYS, NOW)
            .headers()
            .get("authorization");

    assertThat(usual).isEqualTo(none).isNotEqualTo(other);
  }

  private static ObjectRequest request(String uri) {
    return ObjectRequest.of("GET", URI.create(uri));
  }

  private static String signed(ObjectRequest request) {
    return new AwsSignature("us-east-1", "s3")
        .sign(request, KEYS, NOW)
        .headers()
        .getOrDefault("authorization", "");
  }
}
