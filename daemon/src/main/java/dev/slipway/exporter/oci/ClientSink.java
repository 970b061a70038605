package dev.slipway.exporter.oci;

import dev.slipway.content.BlobReader;
import dev.slipway.oci.Descriptor;
import java.io.OutputStream;
import java.util.List;
import java.util.Map;

/// Where a client takes what is exported.
public interface ClientSink {
  /// Opens the file that the client keeps for one exporter of the build. Caller closes.
  ///
  /// @param sessionId which client
  /// @param exporter position among the build's exporters
  /// @param metadata told beside the bytes
  ClientArchive openArchive(String sessionId, int exporter, Map<String, String> metadata);

  /// Copies blobs into the client's content store `export`, those it has already left out.
  ///
  /// @param children before what refers to them; the last one is the root
  void copyBlobs(String sessionId, List<Descriptor> children, BlobReader from);

  /// A file being written at the client. Confined to one thread.
  interface ClientArchive extends AutoCloseable {
    /// Where bytes go; closing it does nothing.
    OutputStream bytes();

    /// Says that all is written, and waits until the client has it.
    ///
    /// @throws dev.slipway.failure.AlreadyExists the client says that it has it already
    void finish();

    /// Without [#finish] before, tells the client that the file is not whole.
    @Override
    void close();
  }
}
