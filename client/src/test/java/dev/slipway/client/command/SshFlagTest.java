package dev.slipway.client.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.client.ssh.KeyRing;
import dev.slipway.client.ssh.RawSocket;
import dev.slipway.client.ssh.SocketAgent;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.failure.NotFound;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SshFlagTest {
  @TempDir Path folder;
  private Path socket;
  private Path key;

  @BeforeEach
  void make() throws IOException, NoSuchAlgorithmException {
    socket = folder.resolve("agent");
    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(socket)); // what is left of it is a socket
    }
    byte[] made = KeyPairGenerator.getInstance("RSA").generateKeyPair().getPrivate().getEncoded();
    key =
        Files.writeString(
            folder.resolve("key"),
            "-----BEGIN PRIVATE KEY-----\n"
                + Base64.getMimeEncoder().encodeToString(made)
                + "\n-----END PRIVATE KEY-----\n",
            StandardCharsets.US_ASCII);
  }

  @Test
  void theEnvironmentsAgentIsTheUsualOne() {
    SshFlag flag = new SshFlag(Map.of("SSH_AUTH_SOCK", socket.toString()));

    flag.add("default");
    flag.add("mine");
    flag.add("empty=");

    assertThat(flag.agents().keySet()).containsExactly("default", "mine", "empty");
    assertThat(flag.agents().values()).containsOnly(new SocketAgent(socket));
  }

  @Test
  void pathsAreASocketOrKeys() {
    SshFlag flag = new SshFlag(Map.of());

    flag.add("one=" + socket);
    flag.add("=" + key);
    flag.add("two=" + key + "," + key);

    assertThat(flag.agents().get("one")).isEqualTo(new SocketAgent(socket));
    assertThat(flag.agents().get("default")).isInstanceOf(KeyRing.class);
    assertThat(flag.agents().get("two")).isInstanceOf(KeyRing.class);
  }

  @Test
  void aSocketMayBeForwardedAsItIs() {
    SshFlag flag = new SshFlag(Map.of("SSH_AUTH_SOCK", socket.toString()));

    flag.add("one=" + socket + ",raw=true");
    flag.add("two=raw=1," + socket);
    flag.add("three=" + socket + ",raw=false");

    assertThat(flag.agents().get("one")).isEqualTo(new RawSocket(socket));
    assertThat(flag.agents().get("two")).isEqualTo(new RawSocket(socket));
    assertThat(flag.agents().get("three")).isEqualTo(new SocketAgent(socket));
    assertThatThrownBy(() -> flag.add("four=raw=true"))
        .isInstanceOf(InvalidRequest.class)
        .hasMessageContaining("raw mode must supply exactly one socket path for \"four\"");
    assertThatThrownBy(() -> flag.add("four=" + key + ",raw=true"))
        .hasMessageContaining("raw mode only supported with socket paths");
    assertThatThrownBy(() -> flag.add("four=" + socket + ",raw=perhaps"))
        .hasMessageContaining("invalid value for 'raw': perhaps");
  }

  @Test
  void whatCannotBeForwardedIsRefused() {
    SshFlag flag = new SshFlag(Map.of());
    flag.add("one=" + key);

    assertThatThrownBy(() -> flag.add("one=" + key))
        .isInstanceOf(InvalidRequest.class)
        .hasMessage("duplicate agent ID \"one\"");
    assertThatThrownBy(() -> flag.add("default"))
        .hasMessage(
            "failed to convert agent config for ID: \"default\": invalid empty ssh agent socket:"
                + " make sure SSH_AUTH_SOCK is set");
    assertThatThrownBy(() -> flag.add("two=" + socket + "," + key))
        .hasMessageContaining("invalid combination of keys and sockets");
    assertThatThrownBy(() -> flag.add("two=" + socket + "," + socket))
        .hasMessageContaining("only single socket allowed");
    assertThatThrownBy(() -> flag.add("two=" + folder.resolve("absent")))
        .isInstanceOf(NotFound.class)
        .hasMessageContaining("absent: no such file or directory");
  }
}
