package dev.slipway.session;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.slipway.api.content.ContentGrpc;
import dev.slipway.api.content.ReadContentRequest;
import dev.slipway.api.content.ReadContentResponse;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class MessageStreamTest {
  /// A transport that is busy when the call starts says so, and need not say when it is no longer.
  @Test
  @Timeout(30)
  void theOnlyMessageOfACallWaitsForNothing() {
    try (MessageStream<ReadContentRequest, ReadContentResponse> stream =
        MessageStream.open(
            new BusySession(), ContentGrpc.getReadMethod(), new Metadata(), "reading")) {
      stream.send(ReadContentRequest.getDefaultInstance());

      assertThat(stream.receive().orElseThrow().getData().toStringUtf8()).isEqualTo("answer");
      assertThat(stream.receive()).isEmpty();
    }
  }

  private static final class BusySession implements Session {
    @Override
    public String id() {
      return "busy";
    }

    @Override
    public String name() {
      return "";
    }

    @Override
    public String sharedKey() {
      return "";
    }

    @Override
    public boolean supports(String method) {
      return true;
    }

    @Override
    public Channel channel() {
      return new Channel() {
        @Override
        public <Q, A> ClientCall<Q, A> newCall(MethodDescriptor<Q, A> method, CallOptions options) {
          return new BusyCall<>(method);
        }

        @Override
        public String authority() {
          return "busy";
        }
      };
    }
  }

  private static final class BusyCall<Q, A> extends ClientCall<Q, A> {
    private final MethodDescriptor<Q, A> method;
    private @Nullable Listener<A> listener;

    BusyCall(MethodDescriptor<Q, A> method) {
      this.method = method;
    }

    @Override
    public void start(Listener<A> responses, Metadata headers) {
      listener = responses;
    }

    @Override
    public boolean isReady() {
      return false;
    }

    @Override
    public void request(int messages) {
      // Answers come when they come.
    }

    @Override
    public void sendMessage(Q message) {
      byte[] answer =
          ReadContentResponse.newBuilder()
              .setData(ByteString.copyFromUtf8("answer"))
              .build()
              .toByteArray();
      Listener<A> told = java.util.Objects.requireNonNull(listener);
      told.onMessage(method.parseResponse(new java.io.ByteArrayInputStream(answer)));
      told.onClose(Status.OK, new Metadata());
    }

    @Override
    public void halfClose() {
      // Nothing waits for it.
    }

    @Override
    public void cancel(@Nullable String message, @Nullable Throwable cause) {
      // Nothing runs.
    }
  }
}
