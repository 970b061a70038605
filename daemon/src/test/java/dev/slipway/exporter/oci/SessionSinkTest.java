package dev.slipway.exporter.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.slipway.api.content.ContentGrpc;
import dev.slipway.api.content.WriteAction;
import dev.slipway.api.content.WriteContentRequest;
import dev.slipway.api.content.WriteContentResponse;
import dev.slipway.api.control.ControlGrpc;
import dev.slipway.api.filesync.BytesMessage;
import dev.slipway.api.filesync.FileSendGrpc;
import dev.slipway.content.testing.InMemoryContentStore;
import dev.slipway.exporter.oci.ClientSink.ClientArchive;
import dev.slipway.failure.AlreadyExists;
import dev.slipway.oci.Descriptor;
import dev.slipway.oci.Digest;
import dev.slipway.oci.MediaType;
import dev.slipway.rpc.testing.LoopbackServer;
import dev.slipway.session.ConnectedSessions;
import dev.slipway.session.SessionService;
import dev.slipway.session.testing.LoopbackSession;
import dev.slipway.task.Clock;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The sink against a client on the other side of a real session.
@Timeout(60)
class SessionSinkTest {
  private final ReceivingClient files = new ReceivingClient();
  private final WritableContent content = new WritableContent();

  @TempDir Path folder;
  private LoopbackServer server;
  private ConnectedSessions sessions;
  private ManagedChannel outer;
  private LoopbackSession client;

  @BeforeEach
  void start() {
    server =
        LoopbackServer.start(
            folder,
            around -> {
              sessions =
                  new ConnectedSessions(
                      around.loops().moving(),
                      around.handlers(),
                      Clock.system(),
                      ConnectedSessions.Settings.STANDARD);
              return List.of(
                  new SessionService(sessions)
                      .bindInto(new ControlGrpc.ControlImplBase() {}.bindService()));
            });
    outer = server.connect();
    client = LoopbackSession.open(outer, files, content);
  }

  @AfterEach
  void stop() throws InterruptedException {
    client.close();
    LoopbackSession.shut(outer);
    sessions.close();
    server.close();
  }

  @Test
  void anArchiveArrivesWhole() throws IOException {
    byte[] bytes = new byte[5_000_000];
    new Random(5).nextBytes(bytes);

    try (ClientArchive archive =
        new SessionSink(sessions)
            .openArchive(client.id(), 0, Map.of("containerimage.digest", "x"))) {
      archive.bytes().write(bytes);
      archive.finish();
    }

    assertThat(files.received.toByteArray()).isEqualTo(bytes);
  }

  @Test
  void aClientThatHasTheArchiveSaysSo() throws IOException {
    files.answer = Status.ALREADY_EXISTS;

    try (ClientArchive archive = new SessionSink(sessions).openArchive(client.id(), 0, Map.of())) {
      archive.bytes().write(new byte[10]);

      assertThatThrownBy(archive::finish).isInstanceOf(AlreadyExists.class);
    }
  }

  @Test
  void blobsAreWrittenOnce() {
    try (InMemoryContentStore store = new InMemoryContentStore()) {
      byte[] large = new byte[2_500_000];
      new Random(6).nextBytes(large);
      Descriptor blob = new Descriptor(MediaType.OCI_LAYER, store.put(large), large.length);
      Descriptor empty = new Descriptor(MediaType.OCI_CONFIG, store.put(new byte[0]), 0);

      new SessionSink(sessions).copyBlobs(client.id(), List.of(blob, empty), store);
      new SessionSink(sessions).copyBlobs(client.id(), List.of(blob), store);

      assertThat(content.blobs.get(blob.digest())).isEqualTo(large);
      assertThat(content.blobs).containsKey(Digest.EMPTY);
    }
  }

  private static final class ReceivingClient extends FileSendGrpc.FileSendImplBase {
    private final ByteArrayOutputStream received = new ByteArrayOutputStream();
    private volatile Status answer = Status.OK;

    @Override
    public StreamObserver<BytesMessage> diffCopy(StreamObserver<BytesMessage> answers) {
      return new StreamObserver<>() {
        @Override
        public void onNext(BytesMessage message) {
          received.writeBytes(message.getData().toByteArray());
        }

        @Override
        public void onError(Throwable cancelled) {}

        @Override
        public void onCompleted() {
          if (answer.isOk()) {
            answers.onCompleted();
          } else {
            answers.onError(answer.asRuntimeException());
          }
        }
      };
    }
  }

  /// The part of containerd's content service that takes blobs.
  private static final class WritableContent extends ContentGrpc.ContentImplBase {
    private final Map<Digest, byte[]> blobs = new ConcurrentHashMap<>();

    @Override
    public StreamObserver<WriteContentRequest> write(StreamObserver<WriteContentResponse> answers) {
      return new StreamObserver<>() {
        private ByteString written = ByteString.EMPTY;

        @Override
        public void onNext(WriteContentRequest request) {
          if (request.getAction() == WriteAction.STAT
              && blobs.containsKey(Digest.parse(request.getExpected()))) {
            answers.onError(Status.ALREADY_EXISTS.asRuntimeException());
            return;
          }
          if (request.getAction() == WriteAction.WRITE) {
            assertThat(request.getOffset()).isEqualTo(written.size());
            written = written.concat(request.getData());
          }
          if (request.getAction() == WriteAction.COMMIT) {
            assertThat(Digest.ofBytes(written.toByteArray())).hasToString(request.getExpected());
            blobs.put(Digest.parse(request.getExpected()), written.toByteArray());
          }
          answers.onNext(
              WriteContentResponse.newBuilder()
                  .setAction(request.getAction())
                  .setOffset(written.size())
                  .build());
        }

        @Override
        public void onError(Throwable cancelled) {}

        @Override
        public void onCompleted() {
          answers.onCompleted();
        }
      };
    }
  }
}
