package dev.slipway.proxy;

import dev.slipway.failure.WrongState;
import dev.slipway.task.Clock;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/// Vouches, towards steps, for the servers that they speak to through the proxy. Its key lives as
/// long as the daemon and is written nowhere.
///
/// Guarded by its monitor: what was issued for a host is kept for a while.
final class CertificateAuthority {
  private static final Duration LIFETIME = Duration.ofDays(3650);
  private static final Duration LEAF_LIFETIME = Duration.ofDays(1);
  private static final Duration RENEWED_BEFORE = Duration.ofHours(1);
  private static final int KEPT = 1024;
  private static final String ECDSA_SHA256 = "1.2.840.10045.4.3.2";
  private static final char[] NO_PASSWORD = {};

  private final Clock clock;
  private final SecureRandom random = new SecureRandom();
  private final KeyPair keys;
  private final Certificate certificate;
  private final Map<String, Issued> issued = new LinkedHashMap<>(16, 0.75f, true);

  private record Issued(SSLContext context, Instant renewed) {}

  private CertificateAuthority(Clock clock) throws GeneralSecurityException {
    this.clock = clock;
    this.keys = newKeys();
    this.certificate =
        certificate("BuildKit exec proxy", keys, LIFETIME, List.of(basicConstraints(), signs()));
  }

  static CertificateAuthority create(Clock clock) {
    try {
      return new CertificateAuthority(clock);
    } catch (GeneralSecurityException failed) {
      throw new WrongState("cannot make a certificate: " + failed.getMessage(), failed);
    }
  }

  /// Its own certificate as PEM.
  String pem() {
    try {
      String text =
          Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(certificate.getEncoded());
      return "-----BEGIN CERTIFICATE-----\n" + text + "\n-----END CERTIFICATE-----\n";
    } catch (GeneralSecurityException failed) {
      throw new WrongState("cannot write a certificate: " + failed.getMessage(), failed);
    }
  }

  /// To speak as that host.
  ///
  /// @param host name or address, without port
  synchronized SSLContext contextFor(String host) {
    Issued known = issued.get(host);
    if (known != null && clock.now().isBefore(known.renewed())) {
      return known.context();
    }
    try {
      SSLContext context = issue(host);
      issued.put(host, new Issued(context, clock.now().plus(LEAF_LIFETIME).minus(RENEWED_BEFORE)));
      if (issued.size() > KEPT) {
        issued.remove(issued.keySet().iterator().next());
      }
      return context;
    } catch (GeneralSecurityException | IOException failed) {
      throw new WrongState("cannot speak as " + host + ": " + failed.getMessage(), failed);
    }
  }

  private SSLContext issue(String host) throws GeneralSecurityException, IOException {
    KeyPair leaf = newKeys();
    Certificate own =
        certificate(
            "BuildKit exec proxy for one host",
            leaf,
            LEAF_LIFETIME,
            List.of(subjectName(host), servesTls()));
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, NO_PASSWORD);
    store.setKeyEntry("host", leaf.getPrivate(), NO_PASSWORD, new Certificate[] {own, certificate});
    KeyManagerFactory factory =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    factory.init(store, NO_PASSWORD);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(factory.getKeyManagers(), null, random);
    return context;
  }

  private KeyPair newKeys() throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"), random);
    return generator.generateKeyPair();
  }

  /// RFC 5280, 4.1. Signed by this authority, itself included.
  private Certificate certificate(
      String name, KeyPair subject, Duration lifetime, List<byte[]> more)
      throws GeneralSecurityException {
    Instant now = clock.now();
    List<byte[]> extensions = new ArrayList<>(more);
    extensions.add(extension("2.5.29.14", Der.octets(keyId(subject))));
    extensions.add(extension("2.5.29.35", Der.sequence(Der.implicit(0, keyId(keys)))));
    byte[] algorithm = Der.sequence(Der.identifier(ECDSA_SHA256));
    byte[] signed =
        Der.sequence(
            Der.explicit(0, Der.integer(BigInteger.TWO)),
            Der.integer(new BigInteger(120, random).setBit(0)),
            algorithm,
            name("BuildKit exec proxy"),
            Der.sequence(Der.time(now.minus(Duration.ofHours(1))), Der.time(now.plus(lifetime))),
            name(name),
            subject.getPublic().getEncoded(),
            Der.explicit(3, Der.sequence(extensions.toArray(byte[][]::new))));
    Signature signature = Signature.getInstance("SHA256withECDSA");
    signature.initSign(keys.getPrivate(), random);
    signature.update(signed);
    byte[] encoded = Der.sequence(signed, algorithm, Der.bits(0, signature.sign()));
    return CertificateFactory.getInstance("X.509")
        .generateCertificate(new ByteArrayInputStream(encoded));
  }

  private static byte[] name(String commonName) {
    return Der.sequence(Der.set(Der.sequence(Der.identifier("2.5.4.3"), Der.text(commonName))));
  }

  private static byte[] keyId(KeyPair keys) throws GeneralSecurityException {
    return MessageDigest.getInstance("SHA-1").digest(keys.getPublic().getEncoded());
  }

  private static byte[] extension(String identifier, byte[] value) {
    return Der.sequence(Der.identifier(identifier), Der.octets(value));
  }

  private static byte[] critical(String identifier, byte[] value) {
    return Der.sequence(Der.identifier(identifier), Der.yes(), Der.octets(value));
  }

  private static byte[] basicConstraints() {
    return critical("2.5.29.19", Der.sequence(Der.yes()));
  }

  /// keyUsage: digitalSignature, keyCertSign.
  private static byte[] signs() {
    return critical("2.5.29.15", Der.bits(2, new byte[] {(byte) 0x84}));
  }

  private static byte[] servesTls() {
    return extension("2.5.29.37", Der.sequence(Der.identifier("1.3.6.1.5.5.7.3.1")));
  }

  private static byte[] subjectName(String host) throws IOException {
    boolean address = host.matches("[0-9.]+") || host.contains(":");
    return extension(
        "2.5.29.17",
        Der.sequence(
            address
                ? Der.implicit(7, InetAddress.getByName(host).getAddress())
                : Der.implicit(2, host.getBytes(StandardCharsets.US_ASCII))));
  }
}
