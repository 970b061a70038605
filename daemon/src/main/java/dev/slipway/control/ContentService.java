package dev.slipway.control;

import com.google.protobuf.ByteString;
import com.google.protobuf.Empty;
import dev.slipway.api.content.AbortRequest;
import dev.slipway.api.content.ContentGrpc;
import dev.slipway.api.content.DeleteContentRequest;
import dev.slipway.api.content.Info;
import dev.slipway.api.content.InfoRequest;
import dev.slipway.api.content.InfoResponse;
import dev.slipway.api.content.ListContentRequest;
import dev.slipway.api.content.ListContentResponse;
import dev.slipway.api.content.ListStatusesRequest;
import dev.slipway.api.content.ListStatusesResponse;
import dev.slipway.api.content.ReadContentRequest;
import dev.slipway.api.content.ReadContentResponse;
import dev.slipway.api.content.UpdateRequest;
import dev.slipway.api.content.UpdateResponse;
import dev.slipway.api.content.WriteContentRequest;
import dev.slipway.api.content.WriteContentResponse;
import dev.slipway.content.BlobInfo;
import dev.slipway.content.ContentStore;
import dev.slipway.failure.Denied;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.failure.NotFound;
import dev.slipway.failure.Unavailable;
import dev.slipway.oci.Digest;
import dev.slipway.ref.FieldFilter;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Lets clients read the daemon's blobs, as containerd's content service would; nothing can be
/// written. Handlers block on virtual threads. Thread-safe.
public final class ContentService extends ContentGrpc.ContentImplBase {
  private static final int CHUNK_BYTES = 1 << 20;
  private static final int INFOS_PER_MESSAGE = 100;

  private final ContentStore content;

  public ContentService(ContentStore content) {
    this.content = content;
  }

  @Override
  public void info(InfoRequest request, StreamObserver<InfoResponse> answers) {
    answers.onNext(InfoResponse.newBuilder().setInfo(info(require(request.getDigest()))).build());
    answers.onCompleted();
  }

  private BlobInfo require(String text) {
    if (!Digest.isDigest(text)) {
      throw new InvalidRequest("\"" + text + "\" is no digest");
    }
    return content
        .find(Digest.parse(text))
        .orElseThrow(() -> new NotFound("content " + text + ": not found"));
  }

  private static Info info(BlobInfo blob) {
    return Info.newBuilder()
        .setDigest(blob.digest().toString())
        .setSize(blob.bytes())
        .setCreatedAt(StatusEncoder.timestamp(blob.committedAt()))
        .setUpdatedAt(StatusEncoder.timestamp(blob.committedAt()))
        .putAllLabels(blob.labels())
        .build();
  }

  @Override
  public void list(ListContentRequest request, StreamObserver<ListContentResponse> answers) {
    PacedStream<ListContentResponse> stream = PacedStream.over(answers);
    List<FieldFilter> filters = request.getFiltersList().stream().map(FieldFilter::parse).toList();
    List<Info> found = new ArrayList<>();
    content.walk(
        blob -> {
          if (filters.isEmpty() || filters.stream().anyMatch(f -> f.matches(p -> field(blob, p)))) {
            found.add(info(blob));
          }
        });
    for (int at = 0; at < found.size(); at += INFOS_PER_MESSAGE) {
      stream.send(
          ListContentResponse.newBuilder()
              .addAllInfo(found.subList(at, Math.min(found.size(), at + INFOS_PER_MESSAGE)))
              .build());
    }
    stream.end();
  }

  private static Optional<String> field(BlobInfo blob, List<String> path) {
    return switch (path.getFirst()) {
      case "digest" -> Optional.of(blob.digest().toString());
      case "size" -> Optional.of(Long.toString(blob.bytes()));
      case "labels" ->
          Optional.ofNullable(blob.labels().get(String.join(".", path.subList(1, path.size()))));
      default -> Optional.empty();
    };
  }

  @Override
  public void read(ReadContentRequest request, StreamObserver<ReadContentResponse> answers) {
    PacedStream<ReadContentResponse> stream = PacedStream.over(answers);
    BlobInfo blob = require(request.getDigest());
    long offset = request.getOffset();
    if (offset < 0 || offset > blob.bytes()) {
      throw new InvalidRequest(
          "read past the end of " + blob.digest() + ": offset " + offset + " of " + blob.bytes());
    }
    long left = blob.bytes() - offset;
    if (request.getSize() > 0) {
      left = Math.min(left, request.getSize());
    }
    try (SeekableByteChannel channel = content.open(blob.digest())) {
      channel.position(offset);
      while (left > 0) {
        ByteBuffer chunk = ByteBuffer.allocate((int) Math.min(CHUNK_BYTES, left));
        while (chunk.hasRemaining()) {
          if (channel.read(chunk) < 0) {
            throw new Unavailable("blob " + blob.digest() + " became shorter");
          }
        }
        stream.send(
            ReadContentResponse.newBuilder()
                .setOffset(offset)
                .setData(ByteString.copyFrom(chunk.flip()))
                .build());
        offset += chunk.limit();
        left -= chunk.limit();
      }
    } catch (IOException failed) {
      throw new Unavailable("reading " + blob.digest() + ": " + failed.getMessage(), failed);
    }
    stream.end();
  }

  @Override
  public void listStatuses(
      ListStatusesRequest request, StreamObserver<ListStatusesResponse> answers) {
    answers.onNext(ListStatusesResponse.getDefaultInstance());
    answers.onCompleted();
  }

  @Override
  public void update(UpdateRequest request, StreamObserver<UpdateResponse> answers) {
    throw readOnly();
  }

  @Override
  public void delete(DeleteContentRequest request, StreamObserver<Empty> answers) {
    throw readOnly();
  }

  @Override
  public StreamObserver<WriteContentRequest> write(StreamObserver<WriteContentResponse> answers) {
    throw readOnly();
  }

  @Override
  public void abort(AbortRequest request, StreamObserver<Empty> answers) {
    throw readOnly();
  }

  private static Denied readOnly() {
    return new Denied("read-only content store");
  }
}
