package dev.slipway.session;

import com.google.protobuf.ByteString;
import dev.slipway.api.content.ContentGrpc;
import dev.slipway.api.content.Info;
import dev.slipway.api.content.InfoRequest;
import dev.slipway.api.content.ReadContentRequest;
import dev.slipway.api.content.ReadContentResponse;
import dev.slipway.content.BlobInfo;
import dev.slipway.content.BlobReader;
import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.FailureKind;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.failure.NotFound;
import dev.slipway.oci.Digest;
import io.grpc.Channel;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NonWritableChannelException;
import java.nio.channels.SeekableByteChannel;
import java.time.Instant;
import java.util.Optional;

/// Blobs in a content store of a client: an OCI layout directory, a local cache. Bytes are as the
/// client sends them; whoever stores them checks the digest. Blocking; thread-safe.
public final class ContentClient implements BlobReader {
  private static final Metadata.Key<String> STORE_ID =
      SessionHeaders.key("buildkit-attachable-store-id");

  private final Session session;
  private final String store;

  /// @param store the client's name of the store, such as `oci:base` or `local:/cache`
  public ContentClient(Session session, String store) {
    this.session = session;
    this.store = store;
    MessageStream.requireSupport(session, ContentGrpc.getInfoMethod());
  }

  private ContentGrpc.ContentBlockingStub stub() {
    Metadata headers = new Metadata();
    headers.put(STORE_ID, store);
    Channel channel = session.channel();
    return ContentGrpc.newBlockingStub(channel)
        .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
  }

  @Override
  public Optional<BlobInfo> find(Digest digest) {
    try {
      Info info =
          stub().info(InfoRequest.newBuilder().setDigest(digest.toString()).build()).getInfo();
      Instant created =
          Instant.ofEpochSecond(info.getCreatedAt().getSeconds(), info.getCreatedAt().getNanos());
      return Optional.of(
          new BlobInfo(
              Digest.parse(info.getDigest()), info.getSize(), created, info.getLabelsMap()));
    } catch (StatusRuntimeException failed) {
      BuildFailure failure =
          ClientFailures.of(failed, "blob " + digest + " in the client's store " + store);
      if (failure.kind() == FailureKind.NOT_FOUND) {
        return Optional.empty();
      }
      throw failure;
    }
  }

  @Override
  public SeekableByteChannel open(Digest digest) {
    BlobInfo info =
        find(digest)
            .orElseThrow(
                () -> new NotFound("blob " + digest + " is not in the client's store " + store));
    return new RemoteBlob(digest, info.bytes());
  }

  /// Reads one blob in order with one call, and starts another call where somebody seeks. Confined
  /// to one thread.
  private final class RemoteBlob implements SeekableByteChannel {
    private final Digest digest;
    private final long bytes;
    private Optional<MessageStream<ReadContentRequest, ReadContentResponse>> stream =
        Optional.empty();
    private ByteString current = ByteString.EMPTY;
    private int consumed;
    private long position;

    /// Where the stream began.
    private long begun;

    private boolean open = true;

    RemoteBlob(Digest digest, long bytes) {
      this.digest = digest;
      this.bytes = bytes;
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
      if (!open) {
        throw new ClosedChannelException();
      }
      if (position >= bytes) {
        return -1;
      }
      while (consumed == current.size()) {
        next();
      }
      int count = Math.min(target.remaining(), current.size() - consumed);
      current.substring(consumed, consumed + count).copyTo(target);
      consumed += count;
      position += count;
      return count;
    }

    private void next() {
      if (stream.isEmpty()) {
        stream = Optional.of(start());
      }
      ReadContentResponse answer =
          stream
              .get()
              .receive()
              .orElseThrow(
                  () ->
                      new InvalidRequest(
                          "blob "
                              + digest
                              + " in the client's store "
                              + store
                              + " ends early at "
                              + position));
      // Go's clients count from where the read began.
      if (answer.getOffset() != position && answer.getOffset() != position - begun) {
        throw new InvalidRequest(
            "blob "
                + digest
                + ": the client sent offset "
                + answer.getOffset()
                + ", not "
                + position);
      }
      current = answer.getData();
      consumed = 0;
    }

    private MessageStream<ReadContentRequest, ReadContentResponse> start() {
      Metadata headers = new Metadata();
      headers.put(STORE_ID, store);
      MessageStream<ReadContentRequest, ReadContentResponse> started =
          MessageStream.open(
              session,
              ContentGrpc.getReadMethod(),
              headers,
              "reading blob " + digest + " from the client's store " + store);
      started.send(
          ReadContentRequest.newBuilder().setDigest(digest.toString()).setOffset(position).build());
      started.halfClose();
      begun = position;
      return started;
    }

    @Override
    public long position() {
      return position;
    }

    @Override
    public SeekableByteChannel position(long newPosition) {
      if (newPosition != position) {
        stop();
        position = newPosition;
      }
      return this;
    }

    private void stop() {
      stream.ifPresent(MessageStream::close);
      stream = Optional.empty();
      current = ByteString.EMPTY;
      consumed = 0;
    }

    @Override
    public long size() {
      return bytes;
    }

    @Override
    public boolean isOpen() {
      return open;
    }

    @Override
    public void close() {
      open = false;
      stop();
    }

    @Override
    public int write(ByteBuffer source) {
      throw new NonWritableChannelException();
    }

    @Override
    public SeekableByteChannel truncate(long size) {
      throw new NonWritableChannelException();
    }
  }
}
