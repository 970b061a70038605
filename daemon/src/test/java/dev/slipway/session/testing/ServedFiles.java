package dev.slipway.session.testing;

import dev.slipway.api.filesync.FileSyncGrpc;
import dev.slipway.api.fsutil.Packet;
import dev.slipway.failure.BuildFailure;
import dev.slipway.fsutil.FileTree;
import dev.slipway.fsutil.FsSender;
import dev.slipway.fsutil.PacketTransport;
import dev.slipway.task.TaskScope;
import io.grpc.BindableService;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;

/// A client's `FileSync` service over one tree, whatever directory is asked for; remembers what was
/// asked. Thread-safe.
public final class ServedFiles extends FileSyncGrpc.FileSyncImplBase implements AutoCloseable {
  private final FileTree tree;
  private final TaskScope senders = TaskScope.open("served-files");
  private final List<Metadata> requests = Collections.synchronizedList(new ArrayList<>());
  private final AtomicInteger requested = new AtomicInteger();

  public ServedFiles(FileTree tree) {
    this.tree = tree;
  }

  /// Request metadata of each transfer.
  public List<Metadata> requests() {
    return List.copyOf(requests);
  }

  /// How many files' contents were asked for since the last time.
  public int takeRequestedFiles() {
    return requested.getAndSet(0);
  }

  /// The service to be offered.
  public BindableService service() {
    return () -> ServerInterceptors.intercept(this, new Recorder());
  }

  @Override
  public StreamObserver<Packet> diffCopy(StreamObserver<Packet> answer) {
    Transport transport = new Transport(answer);
    senders.forkAction(
        () -> {
          try {
            new FsSender(transport, tree).send();
            answer.onCompleted();
          } catch (BuildFailure failed) {
            answer.onError(
                io.grpc.Status.UNKNOWN.withDescription(failed.text()).asRuntimeException());
          } catch (io.grpc.StatusRuntimeException cancelled) {
            // Who asked for files refused some of them while others were on their way.
          }
        });
    return transport;
  }

  @Override
  public void close() {
    senders.close();
  }

  private final class Transport implements PacketTransport, StreamObserver<Packet> {
    private final StreamObserver<Packet> answer;
    private final LinkedBlockingQueue<Optional<Packet>> arrived = new LinkedBlockingQueue<>();

    Transport(StreamObserver<Packet> answer) {
      this.answer = answer;
    }

    @Override
    public synchronized void send(Packet packet) {
      answer.onNext(packet);
    }

    @Override
    public Optional<Packet> receive() {
      try {
        Optional<Packet> packet = arrived.take();
        if (packet.isPresent() && packet.get().getType() == Packet.PacketType.PACKET_REQ) {
          requested.incrementAndGet();
        }
        return packet;
      } catch (InterruptedException interrupted) {
        throw dev.slipway.task.Interruption.cancelled(interrupted);
      }
    }

    @Override
    public void onNext(Packet packet) {
      arrived.add(Optional.of(packet));
    }

    @Override
    public void onError(Throwable failure) {
      arrived.add(Optional.empty());
    }

    @Override
    public void onCompleted() {
      arrived.add(Optional.empty());
    }
  }

  private final class Recorder implements ServerInterceptor {
    @Override
    public <A, B> ServerCall.Listener<A> interceptCall(
        ServerCall<A, B> call, Metadata headers, ServerCallHandler<A, B> next) {
      requests.add(headers);
      return next.startCall(call, headers);
    }
  }
}
