package dev.slipway.client.session;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.slipway.api.upload.BytesMessage;
import dev.slipway.api.upload.UploadGrpc;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class UploadsTest {
  private final byte[] bytes = new byte[(3 << 20) + 5];
  private Uploads uploads;
  private LoopbackService service;

  @BeforeEach
  void open() throws IOException {
    new Random(1).nextBytes(bytes);
    uploads =
        new Uploads(Map.of("whole", new ByteArrayInputStream(bytes), "broken", new BrokenPipe()));
    service = LoopbackService.start(uploads.service());
  }

  @AfterEach
  void close() {
    service.close();
    uploads.close();
  }

  @Test
  void aStreamIsReadOnceByThePathOfItsUrl() throws InterruptedException {
    assertThat(Uploads.url("whole")).isEqualTo("http://buildkit-session/whole");

    Pull first = new Pull("/whole");
    assertThat(first.end().isOk()).isTrue();
    assertThat(first.data.toByteArray()).isEqualTo(bytes);

    Status second = new Pull("/whole").end();
    assertThat(second.getCode()).isEqualTo(Status.Code.NOT_FOUND);
    assertThat(second.getDescription()).isEqualTo("no http response from session for whole");
    assertThat(new Pull("").end().getCode()).isEqualTo(Status.Code.NOT_FOUND);
  }

  @Test
  void aStreamThatBreaksSaysWhy() throws InterruptedException {
    Status end = new Pull("/broken").end();

    assertThat(end.isOk()).isFalse();
    assertThat(end.getDescription()).contains("the pipe broke");
  }

  private static final class BrokenPipe extends InputStream {
    @Override
    public int read() throws IOException {
      throw new IOException("the pipe broke");
    }
  }

  /// One `Pull` call. What it got is complete when it has ended.
  private final class Pull implements StreamObserver<BytesMessage> {
    private final CountDownLatch ended = new CountDownLatch(1);
    private ByteString data = ByteString.EMPTY;
    private Status end = Status.OK;

    Pull(String path) {
      Metadata headers = new Metadata();
      for (Map.Entry<String, String> header :
          List.of(Map.entry("urlpath", path), Map.entry("urlhost", "buildkit-session"))) {
        headers.put(
            Metadata.Key.of(header.getKey(), Metadata.ASCII_STRING_MARSHALLER), header.getValue());
      }
      StreamObserver<BytesMessage> requests =
          UploadGrpc.newStub(service.channel())
              .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
              .pull(this);
      requests.onCompleted();
    }

    Status end() throws InterruptedException {
      assertThat(ended.await(30, TimeUnit.SECONDS)).isTrue();
      return end;
    }

    @Override
    public void onNext(BytesMessage message) {
      data = data.concat(message.getData());
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
}
