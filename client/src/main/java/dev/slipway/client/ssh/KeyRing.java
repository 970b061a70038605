package dev.slipway.client.ssh;

import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.InvalidRequest;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// An agent in this process, with the keys of some files. Immutable.
public final class KeyRing implements Agent {
  private final List<SshKey> keys;

  KeyRing(List<SshKey> keys) {
    this.keys = List.copyOf(keys);
  }

  /// @param files private keys that no passphrase protects
  /// @throws BuildFailure one of them cannot be read, or is no such key
  public static KeyRing of(List<Path> files) {
    return new KeyRing(files.stream().map(KeyFile::read).toList());
  }

  @Override
  public Connection connect() {
    return new Connection() {
      @Override
      public byte[] answer(byte[] request) {
        return answerTo(request);
      }

      @Override
      public void close() {
        // nothing is open
      }
    };
  }

  private byte[] answerTo(byte[] request) {
    try {
      SshReader reader = new SshReader(request);
      return switch (reader.octet()) {
        case AgentMessages.REQUEST_IDENTITIES -> list();
        case AgentMessages.SIGN_REQUEST ->
            sign(reader.bytes(), reader.bytes(), reader.number()).orElseGet(AgentMessages::refusal);
        default -> AgentMessages.refusal();
      };
    } catch (InvalidRequest _) {
      return AgentMessages.refusal(); // agents give no reasons
    }
  }

  private byte[] list() {
    SshWriter writer = new SshWriter().octet(AgentMessages.IDENTITIES).number(keys.size());
    keys.forEach(key -> writer.bytes(key.publicKey()).text(key.comment()));
    return writer.written();
  }

  private Optional<byte[]> sign(byte[] key, byte[] data, int flags) {
    return keys.stream()
        .filter(known -> known.isKnownBy(key))
        .findFirst()
        .map(
            known ->
                new SshWriter()
                    .octet(AgentMessages.SIGNATURE)
                    .bytes(known.sign(data, flags))
                    .written());
  }
}
