package dev.slipway.session;

import dev.slipway.api.filesync.FileSyncGrpc;
import dev.slipway.api.fsutil.Packet;
import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.Unsupported;
import dev.slipway.fsutil.FsReceiver;
import dev.slipway.fsutil.ReceiveLimits;
import dev.slipway.fsutil.ReceiveTarget;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import java.util.List;
import java.util.function.LongConsumer;

/// Receives directories that clients offer (surface reference 2.1).
public final class FileSyncClient {
  private FileSyncClient() {}

  /// What is wanted of a directory.
  ///
  /// @param name of the directory, as the client knows it (`context`)
  /// @param includePatterns empty: everything
  /// @param followPaths links in these are followed by the client and their targets included
  public record Request(
      String name,
      List<String> includePatterns,
      List<String> excludePatterns,
      List<String> followPaths) {
    public Request {
      includePatterns = List.copyOf(includePatterns);
      excludePatterns = List.copyOf(excludePatterns);
      followPaths = List.copyOf(followPaths);
    }
  }

  /// Receives everything that the client sends and the target wants; blocks until done.
  ///
  /// @param progress told how many bytes have come so far
  /// @throws Unsupported the client offers no directories
  /// @throws BuildFailure the client's or the target's failure
  public static void receive(
      Session session, Request request, ReceiveTarget target, LongConsumer progress) {
    MethodDescriptor<Packet, Packet> method = FileSyncGrpc.getDiffCopyMethod();
    if (!session.supports("/" + method.getFullMethodName())) {
      throw new Unsupported("no local sources enabled");
    }
    Metadata headers = new Metadata();
    HeaderTexts.put(headers, "dir-name", List.of(request.name()));
    HeaderTexts.put(headers, "include-patterns", request.includePatterns());
    HeaderTexts.put(headers, "exclude-patterns", request.excludePatterns());
    HeaderTexts.put(headers, "followpaths", request.followPaths());
    try (MessageStream<Packet, Packet> stream =
        MessageStream.open(session, method, headers, "receiving " + request.name())) {
      new FsReceiver(new PacketStream(stream, progress), target, ReceiveLimits.DEFAULT).receive();
      stream.halfClose();
    }
  }
}
