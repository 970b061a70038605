package dev.slipway.session;

import dev.slipway.api.control.ControlGrpc;
import dev.slipway.failure.BuildFailure;
import dev.slipway.fsutil.ReceiveTarget;
import dev.slipway.fsutil.Stat;
import dev.slipway.oci.Digest;
import dev.slipway.task.Clock;
import dev.slipway.task.TaskScope;
import io.grpc.Attributes;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.local.LocalIoHandler;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/// Messages of a session as a client may send them, each with its length in one byte before it,
/// while the daemon asks it for files, a secret and a blob at once. The client then hangs up, and
/// every question must have its answer.
public final class TunnelFuzz {
  private static final EventLoopGroup LOOPS =
      new MultiThreadIoEventLoopGroup(1, LocalIoHandler.newFactory());
  private static final ExecutorService HANDLERS = Executors.newVirtualThreadPerTaskExecutor();
  private static final TunnelMessages MESSAGES = new TunnelMessages();

  private TunnelFuzz() {}

  public static void fuzzerTestOneInput(byte[] input) {
    try (ConnectedSessions sessions =
        new ConnectedSessions(
            LOOPS, HANDLERS, Clock.system(), ConnectedSessions.Settings.STANDARD)) {
      ServerCall.Listener<ByteBuf> client = sessions.connect(new SilentCall(), headers());
      Session session = sessions.require("hostile");
      try (TaskScope scope = TaskScope.open("questions")) {
        scope.forkAction(() -> ask(() -> files(session)));
        scope.forkAction(() -> ask(() -> SecretsClient.find(session, "id")));
        scope.forkAction(() -> ask(() -> drain(UploadClient.open(session, "h", "/p"))));
        speak(client, input);
        client.onHalfClose();
        client.onComplete();
        scope.join();
      }
    }
  }

  private static void speak(ServerCall.Listener<ByteBuf> client, byte[] input) {
    int at = 0;
    while (at < input.length) {
      int length = Math.min(input[at] & 0xff, input.length - at - 1);
      byte[] message = Arrays.copyOfRange(input, at + 1, at + 1 + length);
      at += 1 + length;
      try {
        client.onMessage(MESSAGES.parse(new ByteArrayInputStream(message)));
      } catch (StatusRuntimeException refused) {
        return;
      }
    }
  }

  private static void ask(Question question) throws IOException {
    try {
      question.ask();
    } catch (BuildFailure answered) {
      // As it should be.
    }
  }

  @FunctionalInterface
  private interface Question {
    void ask() throws IOException;
  }

  private static void files(Session session) {
    FileSyncClient.receive(
        session,
        new FileSyncClient.Request(
            "context", java.util.List.of(), java.util.List.of(), java.util.List.of()),
        new Unwanted(),
        _ -> {});
  }

  private static void drain(InputStream bytes) throws IOException {
    try (bytes) {
      bytes.transferTo(java.io.OutputStream.nullOutputStream());
    }
  }

  private static Metadata headers() {
    Metadata headers = new Metadata();
    headers.put(SessionHeaders.key("x-docker-expose-session-uuid"), "hostile");
    for (String method :
        new String[] {
          "moby.filesync.v1.FileSync/DiffCopy",
          "moby.buildkit.secrets.v1.Secrets/GetSecret",
          "moby.upload.v1.Upload/Pull",
          "grpc.health.v1.Health/Check"
        }) {
      headers.put(SessionHeaders.key("x-docker-expose-session-grpc-method"), "/" + method);
    }
    return headers;
  }

  /// Takes a list of files and nothing of them.
  private static final class Unwanted implements ReceiveTarget {
    @Override
    public Wish entry(Stat stat) {
      Digest.ofText(stat.path());
      return Wish.NOTHING;
    }

    @Override
    public Content content(Stat stat) {
      throw new IllegalStateException("nothing was wished");
    }

    @Override
    public void announced() {
      // Nothing waits for it.
    }

    @Override
    public void complete() {
      // Nothing was begun.
    }
  }

  /// A peer that reads whatever it gets.
  private static final class SilentCall extends ServerCall<ByteBuf, ByteBuf> {
    @Override
    public void request(int messages) {
      // It sends as it likes.
    }

    @Override
    public void sendHeaders(Metadata headers) {
      // Not looked at.
    }

    @Override
    public void sendMessage(ByteBuf message) {
      // Not looked at.
    }

    @Override
    public void close(Status status, Metadata trailers) {
      // It hangs up itself.
    }

    @Override
    public boolean isCancelled() {
      return false;
    }

    @Override
    public boolean isReady() {
      return true;
    }

    @Override
    public Attributes getAttributes() {
      return Attributes.EMPTY;
    }

    @Override
    @SuppressWarnings("unchecked")
    public MethodDescriptor<ByteBuf, ByteBuf> getMethodDescriptor() {
      return (MethodDescriptor<ByteBuf, ByteBuf>)
          (MethodDescriptor<?, ?>)
              ControlGrpc.getSessionMethod().toBuilder(MESSAGES, MESSAGES).build();
    }
  }
}
