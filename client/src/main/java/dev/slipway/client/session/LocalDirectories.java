package dev.slipway.client.session;

import dev.slipway.api.filesync.FileSyncGrpc;
import dev.slipway.api.fsutil.Packet;
import dev.slipway.client.linux.LinuxAttributes;
import dev.slipway.failure.BuildFailure;
import dev.slipway.fsutil.DirectoryTree;
import dev.slipway.fsutil.FsSender;
import dev.slipway.fsutil.PacketTransport;
import dev.slipway.fsutil.TreeView;
import dev.slipway.task.TaskScope;
import io.grpc.BindableService;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/// Directories of this machine that a build may read, by name: its context, its Dockerfile's
/// directory, named contexts. Nothing else is read. Thread-safe; caller closes.
public final class LocalDirectories extends FileSyncGrpc.FileSyncImplBase implements AutoCloseable {
  private final Map<String, Path> directories;
  private final TaskScope senders = TaskScope.open("send-files");

  /// @param directories by the name the build knows them by
  public LocalDirectories(Map<String, Path> directories) {
    this.directories = Map.copyOf(directories);
  }

  /// To be served soon: what reads files is made ready on the side.
  public BindableService service() {
    senders.forkAction(() -> LinuxAttributes.open().read(Path.of("/")));
    return RequestHeaders.carriedTo(this);
  }

  @Override
  public StreamObserver<Packet> diffCopy(StreamObserver<Packet> answers) {
    ServedStream<Packet, Packet> stream = new ServedStream<>(answers);
    String name = RequestHeaders.value("dir-name").orElse("");
    Path directory = directories.get(name);
    if (directory == null) {
      stream.fail(Status.NOT_FOUND.withDescription("no access allowed to dir \"" + name + "\""));
      return stream;
    }
    TreeView view =
        TreeView.context(
            RequestHeaders.values("include-patterns"),
            RequestHeaders.values("exclude-patterns"),
            RequestHeaders.values("followpaths"));
    senders.forkAction(() -> send(directory, view, stream));
    return stream;
  }

  private static void send(Path directory, TreeView view, ServedStream<Packet, Packet> stream) {
    try {
      new FsSender(new Packets(stream), DirectoryTree.open(directory, view, LinuxAttributes.open()))
          .send();
      stream.complete();
    } catch (BuildFailure failure) {
      stream.fail(Status.UNKNOWN.withDescription(failure.text()));
    }
  }

  @Override
  public void close() {
    senders.close();
  }

  /// A call's messages as packets.
  record Packets(ServedStream<Packet, Packet> stream) implements PacketTransport {
    @Override
    public void send(Packet packet) {
      stream.send(packet);
    }

    @Override
    public Optional<Packet> receive() {
      return stream.receive();
    }
  }
}
