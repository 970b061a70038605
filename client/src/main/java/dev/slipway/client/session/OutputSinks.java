package dev.slipway.client.session;

import dev.slipway.api.filesync.BytesMessage;
import dev.slipway.api.filesync.FileSendGrpc;
import dev.slipway.api.fsutil.Packet;
import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.Unavailable;
import dev.slipway.fsutil.DirectoryTarget;
import dev.slipway.fsutil.DirectoryTarget.Existing;
import dev.slipway.fsutil.FsReceiver;
import dev.slipway.fsutil.PacketTransport;
import dev.slipway.fsutil.ReceiveLimits;
import dev.slipway.task.TaskScope;
import io.grpc.BindableService;
import io.grpc.MethodDescriptor;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// Where a build's outputs go on this machine: a file (or standard output) or a directory for each
/// exporter. Thread-safe; caller closes.
///
/// The messages of a call are those of the sink meant: `BytesMessage` for files, packets for
/// directories, though the method is one (surface reference 2.2). They are taken as bytes and read
/// as what the sink wants.
public final class OutputSinks implements AutoCloseable {
  private final List<Sink> sinks;
  private final TaskScope receivers = TaskScope.open("receive-output");

  /// One exporter's place.
  public sealed interface Sink {
    /// Nothing is sent for this exporter.
    record None() implements Sink {}

    /// @param open makes the stream when the first byte is about to come; it is closed at the end
    record ToStream(Opener open) implements Sink {}

    /// @param directory made when absent
    /// @param existing what becomes of other files there
    record ToDirectory(Path directory, Existing existing) implements Sink {}
  }

  @FunctionalInterface
  public interface Opener {
    OutputStream open() throws IOException;
  }

  /// @param sinks in the order of the exporters
  public OutputSinks(List<Sink> sinks) {
    this.sinks = List.copyOf(sinks);
  }

  public BindableService service() {
    return RequestHeaders.carriedTo(() -> bind());
  }

  private ServerServiceDefinition bind() {
    MethodDescriptor<byte[], byte[]> raw =
        FileSendGrpc.getDiffCopyMethod().toBuilder(RawBytes.INSTANCE, RawBytes.INSTANCE).build();
    return ServerServiceDefinition.builder(FileSendGrpc.SERVICE_NAME)
        .addMethod(
            ServerMethodDefinition.create(raw, ServerCalls.asyncBidiStreamingCall(this::receive)))
        .build();
  }

  private StreamObserver<byte[]> receive(StreamObserver<byte[]> answers) {
    ServedStream<byte[], byte[]> stream = new ServedStream<>(answers);
    int index =
        RequestHeaders.value("buildkit-attachable-exporter-id").map(Integer::parseInt).orElse(0);
    Sink sink = index >= 0 && index < sinks.size() ? sinks.get(index) : new Sink.None();
    switch (sink) {
      case Sink.None _ ->
          stream.fail(
              Status.UNIMPLEMENTED.withDescription("nothing is expected for exporter " + index));
      case Sink.ToStream file -> receivers.forkAction(() -> toStream(file, stream));
      case Sink.ToDirectory directory when directory.existing() == Existing.REMOVE && !sendsAll() ->
          stream.fail(
              Status.UNKNOWN.withDescription(
                  "local exporter mode=delete requires a BuildKit daemon with multi-platform local"
                      + " export support"));
      case Sink.ToDirectory directory -> receivers.forkAction(() -> toDirectory(directory, stream));
    }
    return stream;
  }

  /// Whether this one call brings all that belongs into the directory. A daemon that does not say
  /// so may bring each platform by a call of its own: each would remove what the one before
  /// brought.
  private static boolean sendsAll() {
    return RequestHeaders.values("buildkit-exporter-multi-platform").contains("1");
  }

  private static void toStream(Sink.ToStream sink, ServedStream<byte[], byte[]> stream) {
    try (OutputStream out = sink.open().open()) {
      for (Optional<byte[]> message = stream.receive();
          message.isPresent();
          message = stream.receive()) {
        BytesMessage.parseFrom(message.get()).getData().writeTo(out);
      }
      out.flush();
    } catch (IOException failure) {
      stream.fail(
          Status.INTERNAL.withDescription("cannot write the output: " + failure.getMessage()));
      return;
    } catch (BuildFailure failure) {
      stream.fail(Status.ABORTED.withDescription(failure.text()));
      return;
    }
    stream.complete();
  }

  private static void toDirectory(Sink.ToDirectory sink, ServedStream<byte[], byte[]> stream) {
    Path directory = sink.directory();
    try {
      Files.createDirectories(directory);
      new FsReceiver(
              new RawPackets(stream),
              new DirectoryTarget(directory, sink.existing()),
              ReceiveLimits.DEFAULT)
          .receive();
      stream.complete();
    } catch (IOException failure) {
      stream.fail(
          Status.INTERNAL.withDescription(
              "cannot make " + directory + ": " + failure.getMessage()));
    } catch (BuildFailure failure) {
      stream.fail(Status.UNKNOWN.withDescription(failure.text()));
    }
  }

  @Override
  public void close() {
    receivers.close();
  }

  /// Raw messages as packets.
  private record RawPackets(ServedStream<byte[], byte[]> stream) implements PacketTransport {
    @Override
    public void send(Packet packet) {
      stream.send(packet.toByteArray());
    }

    @Override
    public Optional<Packet> receive() {
      return stream
          .receive()
          .map(
              bytes -> {
                try {
                  return Packet.parseFrom(bytes);
                } catch (IOException broken) {
                  throw new Unavailable("the daemon sent no packet", broken);
                }
              });
    }
  }

  /// Messages as they are on the wire.
  private enum RawBytes implements MethodDescriptor.Marshaller<byte[]> {
    INSTANCE;

    @Override
    public java.io.InputStream stream(byte[] value) {
      return new java.io.ByteArrayInputStream(value);
    }

    @Override
    public byte[] parse(java.io.InputStream stream) {
      try {
        return stream.readAllBytes();
      } catch (IOException broken) {
        throw new Unavailable("cannot read a message", broken);
      }
    }
  }
}
