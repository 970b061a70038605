package dev.slipway.client.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.slipway.api.ssh.BytesMessage;
import dev.slipway.api.ssh.CheckAgentRequest;
import dev.slipway.api.ssh.CheckAgentResponse;
import dev.slipway.api.ssh.SSHGrpc;
import dev.slipway.client.ssh.Agent;
import dev.slipway.client.ssh.RawSocket;
import dev.slipway.client.ssh.SocketAgent;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What daemons ask for steps, and what reaches the agent of it.
@Timeout(60)
class SshAgentsTest {
  private static final byte[] LIST = {11};
  private static final byte[] SIGN = {13, 1, 2, 3};
  private static final byte[] REMOVE_ALL = {19};
  private static final byte[] REFUSED = {5};

  @TempDir Path folder;
  private final BlockingQueue<byte[]> reached = new LinkedBlockingQueue<>();
  private SshAgents agents;
  private LoopbackService service;
  private ServerSocketChannel socket;

  @BeforeEach
  void open() throws IOException {
    Path path = folder.resolve("agent");
    socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    socket.bind(UnixDomainSocketAddress.of(path));
    Thread.ofVirtual().start(this::serve);
    agents =
        new SshAgents(
            Map.of(
                "default",
                new Echo(),
                "socket",
                new SocketAgent(path),
                "gone",
                new SocketAgent(folder.resolve("nothing")),
                "raw",
                new RawSocket(path),
                "raw-gone",
                new RawSocket(folder.resolve("nothing"))));
    service = LoopbackService.start(agents.service());
  }

  @AfterEach
  void close() throws IOException {
    service.close();
    agents.close();
    socket.close();
  }

  @Test
  void agentsThatAreOfferedAreThere() {
    assertThat(check("socket")).isNotNull();
    assertThat(check("")).as("the usual one").isNotNull();
    assertThatThrownBy(() -> check("another"))
        .isInstanceOf(StatusRuntimeException.class)
        .hasMessageContaining("unset ssh forward key another");
  }

  @Test
  void requestsInPiecesReachTheAgentWhole() throws InterruptedException {
    try (Conversation conversation = new Conversation("")) {
      byte[] both = joined(framed(LIST), framed(SIGN));
      conversation.send(Arrays.copyOf(both, 3));
      conversation.send(Arrays.copyOfRange(both, 3, both.length));

      assertThat(conversation.answers.take()).isEqualTo(framed(new byte[] {12, 11}));
      assertThat(conversation.answers.take()).isEqualTo(framed(new byte[] {12, 13}));
    }
    assertThat(reached).containsExactly(LIST, SIGN);
  }

  @Test
  void keysAreNeitherAddedNorRemoved() throws InterruptedException {
    try (Conversation conversation = new Conversation("default")) {
      conversation.send(framed(REMOVE_ALL));
      conversation.send(framed(new byte[0]));

      assertThat(conversation.answers.take()).isEqualTo(framed(REFUSED));
      assertThat(conversation.answers.take()).isEqualTo(framed(REFUSED));
    }
    assertThat(reached).isEmpty();
  }

  @Test
  void anAgentBehindASocketAnswers() throws InterruptedException {
    try (Conversation conversation = new Conversation("socket")) {
      conversation.send(framed(LIST));

      assertThat(conversation.answers.take()).isEqualTo(framed(new byte[] {12, 42}));
    }
    assertThat(reached.take()).isEqualTo(LIST);
  }

  @Test
  void nobodyLooksAtWhatGoesThroughARawSocket() throws InterruptedException {
    try (Conversation conversation = new Conversation("raw")) {
      conversation.send(framed(REMOVE_ALL));

      assertThat(conversation.answers.take()).isEqualTo(framed(new byte[] {12, 42}));
    }
    assertThat(reached.take()).isEqualTo(REMOVE_ALL);
  }

  @ParameterizedTest
  @ValueSource(strings = {"gone", "raw-gone"})
  void anAgentThatIsGoneIsNamed(String id) throws InterruptedException {
    try (Conversation conversation = new Conversation(id)) {
      assertThat(conversation.end().getDescription())
          .startsWith("failed to connect to " + folder.resolve("nothing"));
    }
  }

  @Test
  void aMessageThatIsTooLongEndsTheConversation() throws InterruptedException {
    try (Conversation conversation = new Conversation("default")) {
      conversation.send(new byte[] {0x7f, 0, 0, 0});

      assertThat(conversation.end().getDescription()).contains("more than 262144");
    }
  }

  private CheckAgentResponse check(String id) {
    return SSHGrpc.newBlockingStub(service.channel())
        .checkAgent(CheckAgentRequest.newBuilder().setID(id).build());
  }

  private static byte[] framed(byte[] message) {
    return ByteBuffer.allocate(4 + message.length).putInt(message.length).put(message).array();
  }

  private static byte[] joined(byte[] first, byte[] second) {
    return ByteBuffer.allocate(first.length + second.length).put(first).put(second).array();
  }

  /// Takes one connection and answers one request.
  private void serve() {
    try (SocketChannel connection = socket.accept()) {
      ByteBuffer length = ByteBuffer.allocate(4);
      while (length.hasRemaining()) {
        connection.read(length);
      }
      ByteBuffer request = ByteBuffer.allocate(length.flip().getInt());
      while (request.hasRemaining()) {
        connection.read(request);
      }
      reached.add(request.array());
      connection.write(ByteBuffer.wrap(framed(new byte[] {12, 42})));
      connection.read(ByteBuffer.allocate(1)); // the other end hangs up
    } catch (IOException _) {
      // closed before anybody came
    }
  }

  /// Answers each request with its kind.
  private final class Echo implements Agent {
    @Override
    public Connection connect() {
      return new Connection() {
        @Override
        public byte[] answer(byte[] request) {
          reached.add(request);
          return new byte[] {12, request[0]};
        }

        @Override
        public void close() {
          // nothing is open
        }
      };
    }
  }

  /// One `ForwardAgent` call.
  private final class Conversation implements StreamObserver<BytesMessage>, AutoCloseable {
    private final BlockingQueue<byte[]> answers = new LinkedBlockingQueue<>();
    private final CountDownLatch ended = new CountDownLatch(1);
    private final StreamObserver<BytesMessage> requests;
    private Status end = Status.OK;

    Conversation(String id) {
      Metadata headers = new Metadata();
      headers.put(Metadata.Key.of("buildkit.ssh.id", Metadata.ASCII_STRING_MARSHALLER), id);
      requests =
          SSHGrpc.newStub(service.channel())
              .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
              .forwardAgent(this);
    }

    void send(byte[] bytes) {
      requests.onNext(BytesMessage.newBuilder().setData(ByteString.copyFrom(bytes)).build());
    }

    Status end() throws InterruptedException {
      ended.await();
      return end;
    }

    @Override
    public void onNext(BytesMessage message) {
      answers.add(message.getData().toByteArray());
    }

    @Override
    public void onError(Throwable failure) {
      end = Status.fromThrowable(failure);
      ended.countDown();
    }

    @Override
    public void onCompleted() {
      ended.countDown();
    }

    @Override
    public void close() throws InterruptedException {
      requests.onCompleted();
      ended.await();
    }
  }
}
