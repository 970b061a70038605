package dev.slipway.client.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.api.content.ContentGrpc;
import dev.slipway.api.content.InfoRequest;
import dev.slipway.api.content.ReadContentRequest;
import dev.slipway.api.content.ReadContentResponse;
import dev.slipway.client.layout.LayoutFiles;
import dev.slipway.client.layout.OciLayout;
import dev.slipway.oci.Digest;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.MetadataUtils;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ContentStoresTest {
  private static final int LARGE = (5 << 20) + 7;

  @TempDir Path folder;
  private LayoutFiles files;
  private ContentStores stores;
  private Server server;
  private ManagedChannel channel;

  @BeforeEach
  void open() throws IOException {
    files = new LayoutFiles(folder);
    stores = new ContentStores(Map.of("oci:base", OciLayout.open(folder)));
    server =
        NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", 0))
            .addService(stores.service())
            .build()
            .start();
    channel = NettyChannelBuilder.forAddress("127.0.0.1", server.getPort()).usePlaintext().build();
  }

  @AfterEach
  void close() {
    channel.shutdownNow();
    server.shutdownNow();
    stores.close();
  }

  private ContentGrpc.ContentBlockingStub store(String id) {
    Metadata headers = new Metadata();
    headers.put(
        Metadata.Key.of("buildkit-attachable-store-id", Metadata.ASCII_STRING_MARSHALLER), id);
    return ContentGrpc.newBlockingStub(channel)
        .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
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
        Status.Code.INVALID_ARGUMENT, () -> ContentGrpc.newBlockingStub(channel).info(request));
    assertFails(Status.Code.NOT_FOUND, () -> read(Digest.ofText("absent"), 0, 0));
    assertFails(
        Status.Code.INVALID_ARGUMENT,
        () ->
            store("oci:base")
                .info(InfoRequest.newBuilder().setDigest("sha256:../../index.json").build()));
  }

  private static void assertFails(Status.Code code, Runnable call) {
    assertThatThrownBy(call::run)
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            failed -> assertThat(failed.getStatus().getCode()).isEqualTo(code));
  }
}
