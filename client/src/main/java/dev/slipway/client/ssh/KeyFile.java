package dev.slipway.client.ssh;

import dev.slipway.client.ssh.SshKey.Kind;
import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.Denied;
import dev.slipway.failure.Exhausted;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.failure.NotFound;
import dev.slipway.failure.Unavailable;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPrivateKeySpec;
import java.security.spec.EdECPrivateKeySpec;
import java.security.spec.NamedParameterSpec;
import java.security.spec.RSAPrivateCrtKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Private keys as `ssh-keygen` and `openssl` write them: in OpenSSH's own form, and in those of
/// [PlainKey]. Pure but for [#read].
final class KeyFile {
  private static final int LARGEST = 100 << 10;
  private static final Pattern PEM =
      Pattern.compile(
          "-----BEGIN (?!EC PARAMETERS)([A-Z0-9 ]+)-----(.*?)-----END \\1-----", Pattern.DOTALL);
  private static final byte[] MAGIC = "openssh-key-v1\0".getBytes(StandardCharsets.US_ASCII);

  private KeyFile() {}

  /// @throws BuildFailure the file cannot be read, holds no such key, or a protected one
  static SshKey read(Path file) {
    byte[] bytes;
    try (InputStream in = Files.newInputStream(file)) {
      bytes = in.readNBytes(LARGEST + 1);
    } catch (NoSuchFileException absent) {
      throw new NotFound("stat " + file + ": no such file or directory", absent);
    } catch (AccessDeniedException denied) {
      throw new Denied("failed to open " + file + ": permission denied", denied);
    } catch (IOException failure) {
      throw new Unavailable("failed to read " + file + ": " + failure.getMessage(), failure);
    }
    try {
      if (bytes.length > LARGEST) {
        throw new Exhausted("it has more than " + LARGEST + " bytes");
      }
      return parse(new String(bytes, StandardCharsets.ISO_8859_1), file.toString());
    } catch (BuildFailure failure) {
      throw failure.in("failed to parse " + file);
    }
  }

  /// @param name stands for the comment where the form has none
  static SshKey parse(String text, String name) {
    Matcher pem = PEM.matcher(text);
    if (!pem.find()) {
      throw new InvalidRequest("ssh: no key found");
    }
    String kind = pem.group(1);
    String body = pem.group(2);
    if (kind.equals("ENCRYPTED PRIVATE KEY") || body.contains("ENCRYPTED")) {
      throw isProtected();
    }
    try {
      byte[] bytes = Base64.getMimeDecoder().decode(body);
      return switch (kind) {
        case "OPENSSH PRIVATE KEY" -> openssh(bytes, name);
        case "RSA PRIVATE KEY" -> new PlainKey(name).pkcs1(bytes);
        case "EC PRIVATE KEY" -> new PlainKey(name).sec1(bytes);
        case "PRIVATE KEY" -> new PlainKey(name).pkcs8(bytes);
        default -> throw unsupported(kind);
      };
    } catch (IllegalArgumentException | GeneralSecurityException broken) {
      throw new InvalidRequest("ssh: no such key: " + broken.getMessage(), broken);
    }
  }

  private static InvalidRequest isProtected() {
    return new InvalidRequest(
        "ssh: this private key is passphrase protected: give it to an agent by ssh-add, and name the"
            + " agent's socket");
  }

  private static InvalidRequest unsupported(String kind) {
    return new InvalidRequest(
        "ssh: unsupported key type \"" + kind + "\": ssh-keygen -p writes it in OpenSSH's form");
  }

  private static SshKey openssh(byte[] bytes, String name) throws GeneralSecurityException {
    if (bytes.length < MAGIC.length
        || !Arrays.equals(bytes, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
      throw new InvalidRequest("ssh: invalid openssh private key format");
    }
    SshReader reader = new SshReader(Arrays.copyOfRange(bytes, MAGIC.length, bytes.length));
    String cipher = reader.text();
    reader.text(); // how the passphrase becomes a key
    reader.bytes();
    int count = reader.number();
    byte[] publicKey = reader.bytes();
    if (!cipher.equals("none")) {
      throw isProtected();
    }
    if (count != 1) {
      throw new InvalidRequest("ssh: multi-key files are not supported");
    }
    SshReader secret = new SshReader(reader.bytes());
    int check = secret.number();
    if (secret.number() != check) {
      throw new InvalidRequest("ssh: malformed OpenSSH key");
    }
    String type = secret.text();
    Kind kind = kind(type);
    PrivateKey key =
        switch (kind) {
          case ED25519 -> ed25519(secret);
          case RSA -> rsa(secret);
          case ECDSA_256 -> ecdsa(secret, "secp256r1");
          case ECDSA_384 -> ecdsa(secret, "secp384r1");
          case ECDSA_521 -> ecdsa(secret, "secp521r1");
        };
    String comment = secret.text();
    return new SshKey(kind, publicKey, key, comment.isEmpty() ? name : comment);
  }

  private static Kind kind(String type) {
    return switch (type) {
      case "ssh-ed25519" -> Kind.ED25519;
      case "ssh-rsa" -> Kind.RSA;
      case "ecdsa-sha2-nistp256" -> Kind.ECDSA_256;
      case "ecdsa-sha2-nistp384" -> Kind.ECDSA_384;
      case "ecdsa-sha2-nistp521" -> Kind.ECDSA_521;
      default ->
          throw new InvalidRequest(
              "ssh: unhandled key type \"" + type + "\": want ed25519, rsa or ecdsa");
    };
  }

  /// The public key, then the private one with the public one behind it.
  private static PrivateKey ed25519(SshReader reader) throws GeneralSecurityException {
    reader.bytes();
    byte[] both = reader.bytes();
    if (both.length != 64) {
      throw new InvalidRequest("ssh: private key unexpected length");
    }
    return KeyFactory.getInstance("Ed25519")
        .generatePrivate(
            new EdECPrivateKeySpec(NamedParameterSpec.ED25519, Arrays.copyOf(both, 32)));
  }

  private static PrivateKey rsa(SshReader reader) throws GeneralSecurityException {
    BigInteger modulus = reader.integer();
    BigInteger publicExponent = reader.integer();
    BigInteger privateExponent = reader.integer();
    BigInteger coefficient = reader.integer();
    BigInteger p = reader.integer();
    BigInteger q = reader.integer();
    return KeyFactory.getInstance("RSA")
        .generatePrivate(
            new RSAPrivateCrtKeySpec(
                modulus,
                publicExponent,
                privateExponent,
                p,
                q,
                privateExponent.mod(p.subtract(BigInteger.ONE)),
                privateExponent.mod(q.subtract(BigInteger.ONE)),
                coefficient));
  }

  private static PrivateKey ecdsa(SshReader reader, String curve) throws GeneralSecurityException {
    reader.text(); // the curve's name once more
    reader.bytes(); // the public point
    AlgorithmParameters parameters = AlgorithmParameters.getInstance("EC");
    parameters.init(new ECGenParameterSpec(curve));
    return KeyFactory.getInstance("EC")
        .generatePrivate(
            new ECPrivateKeySpec(
                reader.integer(), parameters.getParameterSpec(ECParameterSpec.class)));
  }
}
