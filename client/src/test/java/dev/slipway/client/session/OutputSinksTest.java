package dev.slipway.client.session;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.slipway.api.filesync.BytesMessage;
import dev.slipway.api.filesync.FileSendGrpc;
import dev.slipway.api.fsutil.Packet;
import dev.slipway.client.session.OutputSinks.Sink;
import dev.slipway.fsutil.DirectoryTarget.Existing;
import io.grpc.CallOptions;
import io.grpc.ClientInterceptors;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What daemons send, and what becomes of it here.
@Timeout(60)
class OutputSinksTest {
  private static final Packet END =
      Packet.newBuilder().setType(Packet.PacketType.PACKET_STAT).build();
  private static final Packet FIN =
      Packet.newBuilder().setType(Packet.PacketType.PACKET_FIN).build();

  @TempDir Path folder;

  private final ByteArrayOutputStream file = new ByteArrayOutputStream();
  private OutputSinks sinks;
  private LoopbackService service;
  private Path old;

  @BeforeEach
  void open() throws IOException {
    old = Files.writeString(folder.resolve("old"), "");
    sinks =
        new OutputSinks(
            List.of(
                new Sink.ToStream(() -> file),
                new Sink.ToDirectory(folder, Existing.REMOVE),
                new Sink.ToDirectory(folder, Existing.KEEP)));
    service = LoopbackService.start(sinks.service());
  }

  @AfterEach
  void close() {
    service.close();
    sinks.close();
  }

  @Test
  void whatIsSentForAnExporterGoesWhereItsOutputIsWanted() throws InterruptedException {
    BytesMessage message =
        BytesMessage.newBuilder().setData(ByteString.copyFromUtf8("an archive")).build();

    Status end = new Sending(Map.of("buildkit-attachable-exporter-id", "0")).send(message).end();

    assertThat(end.isOk()).as("%s", end).isTrue();
    assertThat(file.toString(StandardCharsets.UTF_8)).isEqualTo("an archive");
  }

  @Test
  void aDaemonThatSendsAllAtOnceMayHaveADirectoryCleared() throws InterruptedException {
    Status end =
        new Sending(
                Map.of(
                    "buildkit-attachable-exporter-id",
                    "1",
                    "buildkit-exporter-multi-platform",
                    "1"))
            .send(END, FIN)
            .end();

    assertThat(end.isOk()).as("%s", end).isTrue();
    assertThat(old).doesNotExist();
  }

  /// Such a daemon sends each platform by itself, and each would clear away the ones before.
  @Test
  void anOlderDaemonMayNotHaveADirectoryCleared() throws InterruptedException {
    Status end = new Sending(Map.of("buildkit-attachable-exporter-id", "1")).send(END, FIN).end();

    assertThat(end.getDescription())
        .isEqualTo(
            "local exporter mode=delete requires a BuildKit daemon with multi-platform local export"
                + " support");
    assertThat(old).exists();
  }

  @Test
  void anOlderDaemonAddsToADirectory() throws InterruptedException {
    Status end = new Sending(Map.of("buildkit-attachable-exporter-id", "2")).send(END, FIN).end();

    assertThat(end.isOk()).as("%s", end).isTrue();
    assertThat(old).exists();
  }

  /// One call of the daemon. It sends all it has without waiting for answers.
  private final class Sending implements StreamObserver<byte[]> {
    private final CountDownLatch ended = new CountDownLatch(1);
    private final StreamObserver<byte[]> messages;
    private Status end = Status.OK;

    Sending(Map<String, String> headers) {
      Metadata metadata = new Metadata();
      headers.forEach(
          (name, value) ->
              metadata.put(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER), value));
      MethodDescriptor<byte[], byte[]> raw =
          FileSendGrpc.getDiffCopyMethod().toBuilder(Bytes.INSTANCE, Bytes.INSTANCE).build();
      messages =
          ClientCalls.asyncBidiStreamingCall(
              ClientInterceptors.intercept(
                      service.channel(), MetadataUtils.newAttachHeadersInterceptor(metadata))
                  .newCall(raw, CallOptions.DEFAULT),
              this);
    }

    Sending send(com.google.protobuf.Message... all) {
      for (com.google.protobuf.Message message : all) {
        messages.onNext(message.toByteArray());
      }
      messages.onCompleted();
      return this;
    }

    Status end() throws InterruptedException {
      ended.await();
      return end;
    }

    @Override
    public void onNext(byte[] message) {
      // what the receiver asks for
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
  }

  private enum Bytes implements MethodDescriptor.Marshaller<byte[]> {
    INSTANCE;

    @Override
    public java.io.InputStream stream(byte[] value) {
      return new java.io.ByteArrayInputStream(value);
    }

    @Override
    public byte[] parse(java.io.InputStream stream) {
      try {
        return stream.readAllBytes();
      } catch (IOException broken) {
        throw new java.io.UncheckedIOException(broken);
      }
    }
  }
}
