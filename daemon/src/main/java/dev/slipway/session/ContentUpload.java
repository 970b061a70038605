package dev.slipway.session;

import com.google.protobuf.UnsafeByteOperations;
import dev.slipway.api.content.ContentGrpc;
import dev.slipway.api.content.WriteAction;
import dev.slipway.api.content.WriteContentRequest;
import dev.slipway.api.content.WriteContentResponse;
import dev.slipway.content.BlobReader;
import dev.slipway.failure.AlreadyExists;
import dev.slipway.failure.Unavailable;
import dev.slipway.oci.Descriptor;
import io.grpc.Metadata;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.util.UUID;

/// Writes blobs into a content store of a client. Blocking; thread-safe.
public final class ContentUpload {
  private static final Metadata.Key<String> STORE_ID =
      SessionHeaders.key("buildkit-attachable-store-id");
  private static final int CHUNK_BYTES = 1 << 20;

  private final Session session;
  private final String store;

  /// @param store the client's name of the store, such as `export`
  public ContentUpload(Session session, String store) {
    this.session = session;
    this.store = store;
  }

  /// Writes the blob unless the client has it. The client checks the digest.
  public void write(Descriptor blob, BlobReader from) {
    Metadata headers = new Metadata();
    headers.put(STORE_ID, store);
    String doing = "writing blob " + blob.digest() + " to the client's store " + store;
    try (MessageStream<WriteContentRequest, WriteContentResponse> stream =
            MessageStream.open(session, ContentGrpc.getWriteMethod(), headers, doing);
        SeekableByteChannel channel = from.open(blob.digest())) {
      WriteContentRequest.Builder about =
          WriteContentRequest.newBuilder()
              .setTotal(blob.bytes())
              .setExpected(blob.digest().toString());
      String name = blob.digest() + "-" + UUID.randomUUID();
      exchange(stream, about.clone().setAction(WriteAction.STAT).setRef(name).build(), doing);
      long offset = 0;
      while (offset < blob.bytes()) {
        byte[] chunk = new byte[(int) Math.min(CHUNK_BYTES, blob.bytes() - offset)];
        fill(channel, ByteBuffer.wrap(chunk));
        exchange(
            stream,
            WriteContentRequest.newBuilder()
                .setAction(WriteAction.WRITE)
                .setOffset(offset)
                .setData(UnsafeByteOperations.unsafeWrap(chunk))
                .build(),
            doing);
        offset += chunk.length;
      }
      exchange(
          stream, about.clone().setAction(WriteAction.COMMIT).setOffset(offset).build(), doing);
      stream.halfClose();
      stream.awaitEnd();
    } catch (AlreadyExists there) {
      // As good as written.
    } catch (IOException failed) {
      throw new Unavailable(doing + ": " + failed.getMessage(), failed);
    }
  }

  private static void fill(SeekableByteChannel channel, ByteBuffer chunk) throws IOException {
    while (chunk.hasRemaining()) {
      if (channel.read(chunk) < 0) {
        throw new IOException("blob ends early");
      }
    }
  }

  private static void exchange(
      MessageStream<WriteContentRequest, WriteContentResponse> stream,
      WriteContentRequest request,
      String doing) {
    stream.send(request);
    if (stream.receive().isEmpty()) {
      throw new Unavailable(doing + ": the client ended the call early");
    }
  }
}
