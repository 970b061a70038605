package dev.slipway.session.testing;

import dev.slipway.api.filesync.FileSendGrpc;
import dev.slipway.api.fsutil.Packet;
import dev.slipway.failure.BuildFailure;
import dev.slipway.fsutil.FsReceiver;
import dev.slipway.fsutil.PacketTransport;
import dev.slipway.fsutil.ReceiveLimits;
import dev.slipway.fsutil.ReceiveTarget;
import dev.slipway.task.Interruption;
import dev.slipway.task.TaskScope;
import io.grpc.BindableService;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.protobuf.ProtoUtils;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Supplier;

/// A client's `FileSend` service that takes trees of files into a target of the test. Thread-safe.
public final class ReceivedFiles implements AutoCloseable {
  private static final MethodDescriptor<Packet, Packet> METHOD =
      FileSendGrpc.getDiffCopyMethod().toBuilder(
              ProtoUtils.marshaller(Packet.getDefaultInstance()),
              ProtoUtils.marshaller(Packet.getDefaultInstance()))
          .setSchemaDescriptor(null)
          .build();

  private final Supplier<ReceiveTarget> targets;
  private final TaskScope receivers = TaskScope.open("received-files");
  private final List<Metadata> requests = Collections.synchronizedList(new ArrayList<>());

  /// @param targets one for each transfer
  public ReceivedFiles(Supplier<ReceiveTarget> targets) {
    this.targets = targets;
  }

  public List<Metadata> requests() {
    return List.copyOf(requests);
  }

  /// The service to be offered.
  public BindableService service() {
    return () ->
        ServerServiceDefinition.builder(FileSendGrpc.SERVICE_NAME)
            .addMethod(
                METHOD,
                (call, headers) -> {
                  requests.add(headers);
                  call.sendHeaders(new Metadata());
                  Transport transport = new Transport(call);
                  call.request(Integer.MAX_VALUE);
                  receivers.forkAction(() -> receive(transport));
                  return transport;
                })
            .build();
  }

  private void receive(Transport transport) {
    try {
      new FsReceiver(transport, targets.get(), ReceiveLimits.DEFAULT).receive();
      transport.call.close(Status.OK, new Metadata());
    } catch (BuildFailure failed) {
      transport.call.close(Status.UNKNOWN.withDescription(failed.text()), new Metadata());
    }
  }

  @Override
  public void close() {
    receivers.close();
  }

  private static final class Transport extends ServerCall.Listener<Packet>
      implements PacketTransport {
    private final ServerCall<Packet, Packet> call;
    private final LinkedBlockingQueue<Optional<Packet>> arrived = new LinkedBlockingQueue<>();

    Transport(ServerCall<Packet, Packet> call) {
      this.call = call;
    }

    @Override
    public synchronized void send(Packet packet) {
      call.sendMessage(packet);
    }

    @Override
    public Optional<Packet> receive() {
      try {
        return arrived.take();
      } catch (InterruptedException interrupted) {
        throw Interruption.cancelled(interrupted);
      }
    }

    @Override
    public void onMessage(Packet message) {
      arrived.add(Optional.of(message));
    }

    @Override
    public void onHalfClose() {
      arrived.add(Optional.empty());
    }

    @Override
    public void onCancel() {
      arrived.add(Optional.empty());
    }
  }
}
