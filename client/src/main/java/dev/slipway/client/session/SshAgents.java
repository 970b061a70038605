package dev.slipway.client.session;

import com.google.protobuf.ByteString;
import dev.slipway.api.ssh.BytesMessage;
import dev.slipway.api.ssh.CheckAgentRequest;
import dev.slipway.api.ssh.CheckAgentResponse;
import dev.slipway.api.ssh.SSHGrpc;
import dev.slipway.client.ssh.Agent;
import dev.slipway.client.ssh.AgentMessages;
import dev.slipway.client.ssh.Forwarded;
import dev.slipway.client.ssh.RawSocket;
import dev.slipway.failure.BuildFailure;
import dev.slipway.task.TaskScope;
import io.grpc.BindableService;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Map;
import java.util.Optional;

/// ssh agents that steps of a build may ask, by id. Steps may list keys and have things signed;
/// everything else is refused here, but for sockets that are forwarded as they are (BuildKit
/// v0.32.2, `session/sshforward/sshprovider`). Thread-safe; caller closes, which ends all
/// conversations.
public final class SshAgents extends SSHGrpc.SSHImplBase implements AutoCloseable {
  private static final String ID = "buildkit.ssh.id";
  private static final String USUAL = "default";
  private static final int CHUNK = 32 << 10;

  private final Map<String, Forwarded> agents;
  private final TaskScope conversations = TaskScope.open("forward-ssh");

  /// @param agents by id; the usual one is `default`
  public SshAgents(Map<String, ? extends Forwarded> agents) {
    this.agents = Map.copyOf(agents);
  }

  public BindableService service() {
    return RequestHeaders.carriedTo(this);
  }

  @Override
  public void checkAgent(CheckAgentRequest request, StreamObserver<CheckAgentResponse> answers) {
    String id = request.getID().isEmpty() ? USUAL : request.getID();
    if (agents.containsKey(id)) {
      answers.onNext(CheckAgentResponse.getDefaultInstance());
      answers.onCompleted();
    } else {
      answers.onError(unknown(id).asRuntimeException());
    }
  }

  private static Status unknown(String id) {
    return Status.UNKNOWN.withDescription("unset ssh forward key " + id);
  }

  @Override
  public StreamObserver<BytesMessage> forwardAgent(StreamObserver<BytesMessage> answers) {
    ServedStream<BytesMessage, BytesMessage> stream = new ServedStream<>(answers);
    String id = RequestHeaders.value(ID).filter(text -> !text.isEmpty()).orElse(USUAL);
    switch (agents.get(id)) {
      case null -> stream.fail(unknown(id));
      case Agent agent -> conversations.forkAction(() -> forward(agent, stream));
      case RawSocket socket -> conversations.forkAction(() -> forward(socket, stream));
    }
    return stream;
  }

  private static void forward(Agent agent, ServedStream<BytesMessage, BytesMessage> stream) {
    try (Agent.Connection connection = agent.connect()) {
      AgentMessages requests = new AgentMessages();
      for (Optional<BytesMessage> bytes = stream.receive();
          bytes.isPresent();
          bytes = stream.receive()) {
        requests.add(bytes.get().getData().toByteArray());
        for (Optional<byte[]> request = requests.next();
            request.isPresent();
            request = requests.next()) {
          byte[] answer =
              AgentMessages.isHarmless(request.get())
                  ? connection.answer(request.get())
                  : AgentMessages.refusal();
          stream.send(
              BytesMessage.newBuilder()
                  .setData(ByteString.copyFrom(AgentMessages.framed(answer)))
                  .build());
        }
      }
      stream.complete();
    } catch (BuildFailure failure) {
      stream.fail(Status.UNKNOWN.withDescription(failure.text()));
    } catch (IOException failure) {
      stream.fail(Status.UNKNOWN.withDescription(failure.getMessage()));
    }
  }

  private static void forward(RawSocket socket, ServedStream<BytesMessage, BytesMessage> stream) {
    try (SocketChannel channel = socket.connect();
        TaskScope scope = TaskScope.open("forward-socket")) {
      scope.forkAction(() -> feed(stream, channel));
      ByteBuffer answer = ByteBuffer.allocate(CHUNK);
      while (channel.read(answer.clear()) >= 0) {
        stream.send(BytesMessage.newBuilder().setData(ByteString.copyFrom(answer.flip())).build());
      }
      stream.complete();
    } catch (BuildFailure failure) {
      stream.fail(Status.UNKNOWN.withDescription(failure.text()));
    } catch (IOException failure) {
      stream.fail(Status.UNKNOWN.withDescription(failure.getMessage()));
    }
  }

  /// Hands on what comes, and the end of it; hangs up when there is trouble.
  private static void feed(ServedStream<BytesMessage, BytesMessage> stream, SocketChannel channel)
      throws IOException {
    try {
      for (Optional<BytesMessage> bytes = stream.receive();
          bytes.isPresent();
          bytes = stream.receive()) {
        ByteBuffer out = bytes.get().getData().asReadOnlyByteBuffer();
        while (out.hasRemaining()) {
          channel.write(out);
        }
      }
      channel.shutdownOutput();
    } catch (BuildFailure | IOException broken) {
      channel.close();
      throw broken;
    }
  }

  @Override
  public void close() {
    conversations.close();
  }
}
