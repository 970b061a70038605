package dev.slipway.client.session;

import com.google.protobuf.ByteString;
import dev.slipway.api.content.WriteAction;
import dev.slipway.api.content.WriteContentRequest;
import dev.slipway.api.content.WriteContentResponse;
import dev.slipway.client.layout.BlobIngest;
import dev.slipway.client.layout.OciLayout;
import dev.slipway.failure.AlreadyExists;
import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.failure.Unavailable;
import dev.slipway.oci.Digest;
import dev.slipway.wire.FailureCodec;
import io.grpc.Status;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/// One blob that the daemon writes here, request by request, each answered with the offset reached
/// (containerd v2 `plugins/services/content/contentserver`). The digest must be said from the
/// start. Confined to one thread.
final class ServedIngest {
  private final OciLayout layout;
  private final ServedStream<WriteContentRequest, WriteContentResponse> stream;

  ServedIngest(OciLayout layout, ServedStream<WriteContentRequest, WriteContentResponse> stream) {
    this.layout = layout;
    this.stream = stream;
  }

  /// Serves the call to its end.
  void run() {
    try {
      serve();
      stream.complete();
    } catch (IOException failed) {
      fail(new Unavailable("writing into " + layout + ": " + failed.getMessage(), failed));
    } catch (BuildFailure failure) {
      fail(failure);
    }
  }

  private void fail(BuildFailure failure) {
    stream.fail(Status.fromThrowable(FailureCodec.toException(failure)));
  }

  private void serve() throws IOException {
    Optional<WriteContentRequest> request = stream.receive();
    if (request.isEmpty() || request.get().getRef().isEmpty()) {
      throw new InvalidRequest("first message must have a reference");
    }
    Digest expected = Digest.parse(request.get().getExpected());
    if (layout.find(expected).isPresent()) {
      throw new AlreadyExists("blob with expected digest " + expected + " exists");
    }
    try (BlobIngest ingest = layout.ingest(expected)) {
      for (; request.isPresent(); request = stream.receive()) {
        stream.send(answer(request.get(), ingest, expected));
        if (request.get().getAction() == WriteAction.COMMIT) {
          return;
        }
      }
    }
  }

  private static WriteContentResponse answer(
      WriteContentRequest request, BlobIngest ingest, Digest expected) throws IOException {
    WriteContentResponse.Builder answer =
        WriteContentResponse.newBuilder().setAction(request.getAction());
    if (request.getAction() != WriteAction.STAT) {
      write(request, ingest);
    }
    if (request.getAction() == WriteAction.COMMIT) {
      if (request.getTotal() > 0 && request.getTotal() != ingest.offset()) {
        throw new InvalidRequest(
            "blob " + expected + " has " + ingest.offset() + " bytes, not " + request.getTotal());
      }
      ingest.commit(expected);
      answer.setDigest(expected.toString());
    }
    return answer.setOffset(ingest.offset()).setTotal(request.getTotal()).build();
  }

  private static void write(WriteContentRequest request, BlobIngest ingest) throws IOException {
    if (request.getOffset() > 0 && request.getOffset() != ingest.offset()) {
      throw new InvalidRequest(
          "write @" + request.getOffset() + " must occur at current offset " + ingest.offset());
    }
    if (request.getOffset() == 0 && ingest.offset() > 0) {
      ingest.truncate();
    }
    ByteString data = request.getData();
    for (ByteBuffer bytes : data.asReadOnlyByteBufferList()) {
      ingest.write(bytes);
    }
  }
}
