package dev.slipway.remotecache.object;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// HMAC-SHA256, which both clouds sign with.
public final class Hmac {
  private static final String NAME = "HmacSHA256";

  private Hmac() {}

  public static byte[] sha256(byte[] key, String text) {
    try {
      Mac mac = Mac.getInstance(NAME);
      mac.init(new SecretKeySpec(key, NAME));
      return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
    } catch (GeneralSecurityException missing) {
      throw new IllegalStateException("every Java has " + NAME, missing);
    }
  }
}
