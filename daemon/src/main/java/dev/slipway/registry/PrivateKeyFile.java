package dev.slipway.registry;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.cert.Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// An unencrypted private key in a PEM file, in any of the forms that tools write: PKCS #8, PKCS #1
/// (RSA) and SEC 1 (elliptic curves). The latter two say less than PKCS #8 does; what is missing,
/// the algorithm, the certificate tells.
final class PrivateKeyFile {
  private static final Pattern BLOCK =
      Pattern.compile(
          "-----BEGIN ((?:RSA |EC )?PRIVATE KEY)-----([A-Za-z0-9+/=\\s]+)-----END \\1-----");

  private static final int SEQUENCE = 0x30;
  private static final int OCTETS = 0x04;
  private static final byte[] VERSION = {2, 1, 0};

  private PrivateKeyFile() {}

  static PrivateKey read(Path file, Certificate certificate)
      throws GeneralSecurityException, IOException {
    Matcher block = BLOCK.matcher(Files.readString(file, StandardCharsets.US_ASCII));
    if (!block.find()) {
      throw new IOException(file + " holds no unencrypted private key (PEM)");
    }
    PublicKey publicKey = certificate.getPublicKey();
    byte[] told = Base64.getMimeDecoder().decode(block.group(2));
    byte[] key =
        block.group(1).equals("PRIVATE KEY")
            ? told.clone()
            : wrapped(told, algorithm(publicKey.getEncoded()));
    try {
      return KeyFactory.getInstance(publicKey.getAlgorithm())
          .generatePrivate(new PKCS8EncodedKeySpec(key));
    } finally {
      Arrays.fill(told, (byte) 0);
      Arrays.fill(key, (byte) 0);
    }
  }

  /// The first part of a SubjectPublicKeyInfo (RFC 5280, 4.1), header included.
  private static byte[] algorithm(byte[] publicKey) {
    int start = contentAt(publicKey, 0);
    int content = contentAt(publicKey, start);
    return Arrays.copyOfRange(publicKey, start, content + lengthAt(publicKey, start));
  }

  private static int contentAt(byte[] der, int tag) {
    int first = der[tag + 1] & 0xff;
    return tag + 2 + (first < 0x80 ? 0 : first & 0x7f);
  }

  private static int lengthAt(byte[] der, int tag) {
    int first = der[tag + 1] & 0xff;
    if (first < 0x80) {
      return first;
    }
    int length = 0;
    for (int i = 0; i < (first & 0x7f); i++) {
      length = length << 8 | der[tag + 2 + i] & 0xff;
    }
    return length;
  }

  private static byte[] wrapped(byte[] key, byte[] algorithm) {
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    content.writeBytes(VERSION);
    content.writeBytes(algorithm);
    content.writeBytes(element(OCTETS, key));
    return element(SEQUENCE, content.toByteArray());
  }

  private static byte[] element(int tag, byte[] content) {
    ByteArrayOutputStream element = new ByteArrayOutputStream();
    element.write(tag);
    if (content.length < 0x80) {
      element.write(content.length);
    } else {
      int bytes = (39 - Integer.numberOfLeadingZeros(content.length)) / 8;
      element.write(0x80 | bytes);
      for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
        element.write(content.length >>> shift);
      }
    }
    element.writeBytes(content);
    return element.toByteArray();
  }
}
