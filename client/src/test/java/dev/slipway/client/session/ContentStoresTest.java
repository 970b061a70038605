package dev.slipway.client.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.slipway.api.content.ContentGrpc;
import dev.slipway.api.content.InfoRequest;
import dev.slipway.api.content.ReadContentRequest;
import dev.slipway.api.content.ReadContentResponse;
import dev.slipway.api.content.WriteAction;
import dev.slipway.api.content.WriteContentRequest;
import dev.slipway.api.content.WriteContentResponse;
import dev.slipway.client.layout.LayoutFiles;
import dev.slipway.client.layout.OciLayout;
import dev.slipway.oci.Digest;
import io.grpc.ClientInterceptor;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ContentStoresTest {
  private static final int LARGE = (5 << 20) + 7;

  @TempDir Path folder;
  private LayoutFiles files;
  private ContentStores stores;
  private LoopbackService service;

  @BeforeEach
  void open() throws IOException {
    files = new LayoutFiles(folder);
    stores =
        new ContentStores(
            Map.of(
                "oci:base", new ContentStores.Store(OciLayout.open(folder), false),
                "local:cache", new ContentStores.Store(OciLayout.open(folder), true)));
    service = LoopbackService.start(stores.service());
  }

  @AfterEach
  void close() {
    service.close();
    stores.close();
  }

  private static ClientInterceptor headers(String id) {
    Metadata headers = new Metadata();
    headers.put(
        Metadata.Key.of("buildkit-attachable-store-id", Metadata.ASCII_STRING_MARSHALLER), id);
    return MetadataUtils.newAttachHeadersInterceptor(headers);
  }

  private ContentGrpc.ContentBlockingStub store(String id) {
    return ContentGrpc.newBlockingStub(service.channel()).withInterceptors(headers(id));
  }

  private List<ReadContentResponse> read(Digest digest, long offset, long size) {
    List<ReadContentResponse> answers = new ArrayList<>();
    store("oci:base")
        .read(
            ReadContentRequest.newBuilder()
                .setDigest(digest.toString())
                .setOffset(offset)
                .setSize(size)
                .build())
        .forEachRemaining(answers::add);
    return answers;
  }

  private static byte[] bytes(List<ReadContentResponse> answers) throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (ReadContentResponse answer : answers) {
      answer.getData().writeTo(all);
    }
    return all.toByteArray();
  }

  private static byte[] random() {
    byte[] bytes = new byte[LARGE];
    new Random(1).nextBytes(bytes);
    return bytes;
  }

  @Test
  void sendsALargeBlobInMessagesOfAMebibyteWithTheirOffsets() throws IOException {
    byte[] bytes = random();
    Digest digest = files.blob(bytes);

    List<ReadContentResponse> answers = read(digest, 0, 0);

    assertThat(bytes(answers)).isEqualTo(bytes);
    assertThat(answers)
        .hasSize(6)
        .allMatch(answer -> answer.getData().size() <= 1 << 20)
        .extracting(ReadContentResponse::getOffset)
        .startsWith(0L, 1L << 20, 2L << 20);
    assertThat(
            store("oci:base")
                .info(InfoRequest.newBuilder().setDigest(digest.toString()).build())
                .getInfo()
                .getSize())
        .isEqualTo(LARGE);
  }

  @Test
  void sendsTheRangeAskedFor() throws IOException {
    Digest digest = files.blob("0123456789".getBytes(java.nio.charset.StandardCharsets.UTF_8));

    assertThat(bytes(read(digest, 2, 3))).asString().isEqualTo("234");
    assertThat(bytes(read(digest, 8, 100))).asString().isEqualTo("89");
    assertThat(read(digest, 10, 0)).isEmpty();
    assertFails(Status.Code.OUT_OF_RANGE, () -> read(digest, 11, 0));
  }

  @Test
  void holdsTheEndBackWhenTheBytesAreNotThoseOfTheDigest() throws IOException {
    byte[] bytes = random();
    Digest digest = files.blob(bytes);
    bytes[3]++;
    Files.write(files.file(digest), bytes);

    assertFails(Status.Code.DATA_LOSS, () -> read(digest, 0, 0));
  }

  @Test
  void knowsOnlyItsStoresAndTheirBlobs() throws IOException {
    Digest digest = files.blob(new byte[1]);
    InfoRequest request = InfoRequest.newBuilder().setDigest(digest.toString()).build();

    assertFails(Status.Code.NOT_FOUND, () -> store("oci:other").info(request));
    assertFails(
        Status.Code.INVALID_ARGUMENT,
        () -> ContentGrpc.newBlockingStub(service.channel()).info(request));
    assertFails(Status.Code.NOT_FOUND, () -> read(Digest.ofText("absent"), 0, 0));
    assertFails(
        Status.Code.INVALID_ARGUMENT,
        () ->
            store("oci:base")
                .info(InfoRequest.newBuilder().setDigest("sha256:../../index.json").build()));
  }

  @Test
  void takesABlobPieceByPiece() throws IOException, InterruptedException {
    byte[] bytes = random();
    Digest digest = Digest.ofBytes(bytes);

    Upload upload = new Upload("local:cache");
    upload.send(WriteAction.STAT, digest, 0, new byte[0]);
    upload.send(WriteAction.WRITE, digest, 0, Arrays.copyOf(bytes, 1 << 20));
    upload.send(WriteAction.COMMIT, digest, 1 << 20, Arrays.copyOfRange(bytes, 1 << 20, LARGE));
    Status end = upload.end();

    assertThat(end.isOk()).as("%s", end).isTrue();
    assertThat(upload.answers)
        .extracting(WriteContentResponse::getOffset)
        .containsExactly(0L, 1L << 20, (long) LARGE);
    assertThat(upload.answers.getLast().getDigest()).isEqualTo(digest.toString());
    assertThat(files.file(digest)).hasBinaryContent(bytes);
    assertThat(folder.resolve("ingest")).isEmptyDirectory();
    Upload again = new Upload("local:cache");
    again.send(WriteAction.STAT, digest, 0, new byte[0]);
    assertThat(again.end().getCode()).isEqualTo(Status.Code.ALREADY_EXISTS);
  }

  @Test
  void keepsNothingOfABlobThatIsNotWhatItSays() throws InterruptedException {
    Digest digest = Digest.ofText("told");

    Upload upload = new Upload("local:cache");
    upload.send(WriteAction.COMMIT, digest, 0, new byte[] {1});

    assertThat(upload.end().getCode()).isEqualTo(Status.Code.DATA_LOSS);
    assertThat(files.file(digest)).doesNotExist();
    assertThat(folder.resolve("ingest")).isEmptyDirectory();
  }

  @Test
  void writesNothingIntoALayoutThatIsOnlyRead() throws InterruptedException {
    Upload upload = new Upload("oci:base");
    upload.send(WriteAction.COMMIT, Digest.EMPTY, 0, new byte[0]);

    assertThat(upload.end().getCode()).isEqualTo(Status.Code.PERMISSION_DENIED);
    assertThat(folder).isEmptyDirectory();
  }

  /// One `Write` call. Its answers are complete when it has ended.
  private final class Upload implements StreamObserver<WriteContentResponse> {
    private final List<WriteContentResponse> answers = new ArrayList<>();
    private final CountDownLatch ended = new CountDownLatch(1);
    private final StreamObserver<WriteContentRequest> requests;
    private Status end = Status.OK;

    Upload(String store) {
      requests =
          ContentGrpc.newStub(service.channel()).withInterceptors(headers(store)).write(this);
    }

    void send(WriteAction action, Digest expected, long offset, byte[] data) {
      requests.onNext(
          WriteContentRequest.newBuilder()
              .setAction(action)
              .setRef("upload")
              .setExpected(expected.toString())
              .setOffset(offset)
              .setData(ByteString.copyFrom(data))
              .build());
    }

    Status end() throws InterruptedException {
      assertThat(ended.await(30, TimeUnit.SECONDS)).isTrue();
      return end;
    }

    @Override
    public void onNext(WriteContentResponse answer) {
      answers.add(answer);
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

  private static void assertFails(Status.Code code, Runnable call) {
    assertThatThrownBy(call::run)
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            failed -> assertThat(failed.getStatus().getCode()).isEqualTo(code));
  }
}
