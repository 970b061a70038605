package dev.slipway.session;

import com.google.protobuf.ByteString;
import dev.slipway.api.ssh.BytesMessage;
import dev.slipway.api.ssh.CheckAgentRequest;
import dev.slipway.api.ssh.SSHGrpc;
import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.WrongState;
import dev.slipway.task.TaskScope;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// ssh agents of clients, made reachable as unix sockets here.
public final class SshClient {
  private static final Logger LOG = LoggerFactory.getLogger(SshClient.class);
  private static final Metadata.Key<String> SSH_ID = SessionHeaders.key("buildkit.ssh.id");

  private SshClient() {}

  /// Asks whether the client has such an agent.
  ///
  /// @param id empty: `default`
  /// @throws BuildFailure it has not
  public static void check(Session session, String id) {
    try {
      SSHGrpc.newBlockingStub(session.channel())
          .checkAgent(CheckAgentRequest.newBuilder().setID(orDefault(id)).build());
    } catch (StatusRuntimeException failed) {
      throw ClientFailures.of(failed, "ssh agent " + orDefault(id));
    }
  }

  private static String orDefault(String id) {
    return id.isEmpty() ? "default" : id;
  }

  /// @param mode permission bits of the socket
  public record SocketOwner(int uid, int gid, int mode) {}

  /// Listens on a new unix socket; every connection to it talks to the client's agent. Caller
  /// closes.
  ///
  /// @param parent directory in which a directory of its own is made
  public static AgentSocket open(Session session, String id, Path parent, SocketOwner owner) {
    Path directory;
    try {
      directory = Files.createTempDirectory(parent, "ssh");
      Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx--x--x"));
    } catch (IOException failed) {
      throw new WrongState("cannot make a directory for an ssh socket in " + parent, failed);
    }
    Path path = directory.resolve("ssh_auth_sock");
    try {
      ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
      server.bind(UnixDomainSocketAddress.of(path));
      Files.setAttribute(path, "unix:uid", owner.uid(), LinkOption.NOFOLLOW_LINKS);
      Files.setAttribute(path, "unix:gid", owner.gid(), LinkOption.NOFOLLOW_LINKS);
      Files.setPosixFilePermissions(path, permissions(owner.mode()));
      return AgentSocket.start(session, orDefault(id), path, server);
    } catch (IOException failed) {
      throw new WrongState("cannot make the ssh socket " + path, failed);
    }
  }

  private static Set<PosixFilePermission> permissions(int mode) {
    Set<PosixFilePermission> set = EnumSet.noneOf(PosixFilePermission.class);
    PosixFilePermission[] fromHighest = PosixFilePermission.values();
    for (int bit = 0; bit < fromHighest.length; bit++) {
      if ((mode & 0400 >> bit) != 0) {
        set.add(fromHighest[bit]);
      }
    }
    return set;
  }

  /// A socket behind which an agent answers. Thread-safe.
  public static final class AgentSocket implements AutoCloseable {
    private final Session session;
    private final String id;
    private final Path path;
    private final ServerSocketChannel server;
    private final TaskScope scope = TaskScope.open("ssh-forward");

    private AgentSocket(Session session, String id, Path path, ServerSocketChannel server) {
      this.session = session;
      this.id = id;
      this.path = path;
      this.server = server;
    }

    private static AgentSocket start(
        Session session, String id, Path path, ServerSocketChannel server) {
      AgentSocket socket = new AgentSocket(session, id, path, server);
      socket.scope.forkAction(socket::accept);
      return socket;
    }

    /// Host path of the socket.
    public Path path() {
      return path;
    }

    private void accept() throws IOException {
      try {
        while (true) {
          SocketChannel connection = server.accept();
          scope.forkAction(() -> forward(connection));
        }
      } catch (ClosedChannelException closed) {
        LOG.trace("ssh socket {} closed", path);
      }
    }

    /// One connection; its failures end that connection only.
    private void forward(SocketChannel connection) {
      Metadata headers = new Metadata();
      headers.put(SSH_ID, id);
      try (connection;
          MessageStream<BytesMessage, BytesMessage> stream =
              MessageStream.open(
                  session, SSHGrpc.getForwardAgentMethod(), headers, "ssh agent " + id);
          TaskScope both = TaskScope.open("ssh-connection")) {
        both.forkAction(() -> toClient(connection, stream));
        toConnection(stream, connection);
      } catch (IOException | BuildFailure failed) {
        LOG.debug("ssh connection to agent {} ended", id, failed);
      }
    }

    private static void toClient(
        SocketChannel connection, MessageStream<BytesMessage, BytesMessage> stream)
        throws IOException {
      ByteBuffer buffer = ByteBuffer.allocate(32 * 1024);
      try {
        while (connection.read(buffer) >= 0) {
          stream.send(
              BytesMessage.newBuilder().setData(ByteString.copyFrom(buffer.flip())).build());
          buffer.clear();
        }
        stream.halfClose();
      } catch (AsynchronousCloseException over) {
        LOG.trace("ssh connection closed by the agent", over);
      }
    }

    private static void toConnection(
        MessageStream<BytesMessage, BytesMessage> stream, SocketChannel connection)
        throws IOException {
      for (Optional<BytesMessage> next = stream.receive();
          next.isPresent();
          next = stream.receive()) {
        ByteBuffer bytes = next.get().getData().asReadOnlyByteBuffer();
        while (bytes.hasRemaining()) {
          connection.write(bytes);
        }
      }
    }

    /// Ends all connections and removes the socket.
    @Override
    public void close() {
      try {
        server.close();
      } catch (IOException failed) {
        LOG.warn("could not close ssh socket {}", path, failed);
      }
      scope.close();
      try {
        Files.deleteIfExists(path);
        Files.deleteIfExists(path.getParent());
      } catch (IOException failed) {
        LOG.warn("could not remove ssh socket {}", path, failed);
      }
    }
  }
}
