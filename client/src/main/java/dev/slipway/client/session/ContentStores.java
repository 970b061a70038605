package dev.slipway.client.session;

import com.google.protobuf.Timestamp;
import com.google.protobuf.UnsafeByteOperations;
import dev.slipway.api.content.ContentGrpc;
import dev.slipway.api.content.Info;
import dev.slipway.api.content.InfoRequest;
import dev.slipway.api.content.InfoResponse;
import dev.slipway.api.content.ReadContentRequest;
import dev.slipway.api.content.ReadContentResponse;
import dev.slipway.api.content.WriteContentRequest;
import dev.slipway.api.content.WriteContentResponse;
import dev.slipway.client.layout.OciLayout;
import dev.slipway.client.layout.OciLayout.BlobFile;
import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.CorruptData;
import dev.slipway.failure.Denied;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.failure.NotFound;
import dev.slipway.failure.Unavailable;
import dev.slipway.oci.Digest;
import dev.slipway.task.TaskScope;
import dev.slipway.wire.FailureCodec;
import io.grpc.BindableService;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.security.MessageDigest;
import java.util.Map;

/// Layouts of this machine that a build may read, and some of them write, each by the name the
/// daemon asks for (surface reference 2.7). A blob read whole is compared with its digest before
/// its last bytes go. Thread-safe; caller closes.
public final class ContentStores extends ContentGrpc.ContentImplBase implements AutoCloseable {
  private static final String STORE_ID = "buildkit-attachable-store-id";
  private static final int MESSAGE_BYTES = 1 << 20;

  private final Map<String, Store> stores;
  private final TaskScope transfers = TaskScope.open("serve-content");

  /// @param writable whether the daemon may add blobs
  public record Store(OciLayout layout, boolean writable) {}

  /// @param stores by name with its kind: `oci:<name>`, `local:<directory>`
  public ContentStores(Map<String, Store> stores) {
    this.stores = Map.copyOf(stores);
  }

  public BindableService service() {
    return RequestHeaders.carriedTo(this);
  }

  @Override
  public void info(InfoRequest request, StreamObserver<InfoResponse> answers) {
    try {
      BlobFile blob = require(chosen().layout(), request.getDigest());
      answers.onNext(InfoResponse.newBuilder().setInfo(about(blob)).build());
      answers.onCompleted();
    } catch (BuildFailure failure) {
      answers.onError(FailureCodec.toException(failure));
    }
  }

  @Override
  public void read(ReadContentRequest request, StreamObserver<ReadContentResponse> answers) {
    ServedStream<ReadContentRequest, ReadContentResponse> stream = new ServedStream<>(answers);
    try {
      BlobFile blob = require(chosen().layout(), request.getDigest());
      long offset = Math.max(request.getOffset(), 0);
      if (offset > blob.bytes()) {
        stream.fail(
            Status.OUT_OF_RANGE.withDescription(
                "read past object length " + blob.bytes() + " bytes"));
        return;
      }
      long rest = blob.bytes() - offset;
      long wanted = request.getSize() <= 0 ? rest : Math.min(request.getSize(), rest);
      transfers.forkAction(() -> send(blob, offset, offset + wanted, stream));
    } catch (BuildFailure failure) {
      stream.fail(Status.fromThrowable(FailureCodec.toException(failure)));
    }
  }

  @Override
  public StreamObserver<WriteContentRequest> write(StreamObserver<WriteContentResponse> answers) {
    ServedStream<WriteContentRequest, WriteContentResponse> stream = new ServedStream<>(answers);
    try {
      Store store = chosen();
      if (!store.writable()) {
        throw new Denied("the store is read-only");
      }
      transfers.forkAction(() -> new ServedIngest(store.layout(), stream).run());
    } catch (BuildFailure failure) {
      stream.fail(Status.fromThrowable(FailureCodec.toException(failure)));
    }
    return stream;
  }

  private Store chosen() {
    String id =
        RequestHeaders.values(STORE_ID).stream()
            .findFirst()
            .orElseThrow(() -> new InvalidRequest("request lacks metadata \"" + STORE_ID + "\""));
    Store store = stores.get(id);
    if (store == null) {
      throw new NotFound("unknown store " + id);
    }
    return store;
  }

  private static BlobFile require(OciLayout store, String digest) {
    return store
        .find(Digest.parse(digest))
        .orElseThrow(() -> new NotFound("content " + digest + ": not found"));
  }

  private static Info about(BlobFile blob) {
    Timestamp modified =
        Timestamp.newBuilder()
            .setSeconds(blob.modified().getEpochSecond())
            .setNanos(blob.modified().getNano())
            .build();
    return Info.newBuilder()
        .setDigest(blob.digest().toString())
        .setSize(blob.bytes())
        .setCreatedAt(modified)
        .setUpdatedAt(modified)
        .build();
  }

  private static void send(
      BlobFile blob,
      long from,
      long to,
      ServedStream<ReadContentRequest, ReadContentResponse> stream) {
    boolean whole = from == 0 && to == blob.bytes();
    MessageDigest hash = blob.digest().newVerifier();
    try (FileChannel file = FileChannel.open(blob.path())) {
      for (long offset = from; offset < to; ) {
        byte[] chunk = new byte[(int) Math.min(MESSAGE_BYTES, to - offset)];
        fill(file, offset, ByteBuffer.wrap(chunk));
        hash.update(chunk);
        if (whole && offset + chunk.length == to && !blob.digest().matches(hash)) {
          throw new CorruptData("the bytes of " + blob.path() + " are not those of its digest");
        }
        stream.send(
            ReadContentResponse.newBuilder()
                .setOffset(offset)
                .setData(UnsafeByteOperations.unsafeWrap(chunk))
                .build());
        offset += chunk.length;
      }
      stream.complete();
    } catch (IOException failed) {
      BuildFailure failure =
          new Unavailable("reading " + blob.path() + ": " + failed.getMessage(), failed);
      stream.fail(Status.fromThrowable(FailureCodec.toException(failure)));
    } catch (BuildFailure failure) {
      stream.fail(Status.fromThrowable(FailureCodec.toException(failure)));
    }
  }

  private static void fill(FileChannel file, long offset, ByteBuffer chunk) throws IOException {
    while (chunk.hasRemaining()) {
      if (file.read(chunk, offset + chunk.position()) < 0) {
        throw new EOFException("the file became shorter");
      }
    }
  }

  @Override
  public void close() {
    transfers.close();
  }
}
