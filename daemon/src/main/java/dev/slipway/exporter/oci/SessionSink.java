package dev.slipway.exporter.oci;

import dev.slipway.content.BlobReader;
import dev.slipway.oci.Descriptor;
import dev.slipway.session.ContentUpload;
import dev.slipway.session.FileSendClient;
import dev.slipway.session.FileSendClient.ClientFile;
import dev.slipway.session.Session;
import dev.slipway.session.Sessions;
import java.io.OutputStream;
import java.util.List;
import java.util.Map;

/// Sends to the client of a build through its session. Thread-safe.
public final class SessionSink implements ClientSink {
  private static final String EXPORT_STORE = "export";

  private final Sessions sessions;

  public SessionSink(Sessions sessions) {
    this.sessions = sessions;
  }

  @Override
  public ClientArchive openArchive(String sessionId, int exporter, Map<String, String> metadata) {
    ClientFile file = FileSendClient.openFile(sessions.require(sessionId), exporter, metadata);
    return new ClientArchive() {
      @Override
      public OutputStream bytes() {
        return file;
      }

      @Override
      public void finish() {
        file.finish();
      }

      @Override
      public void close() {
        file.close();
      }
    };
  }

  @Override
  public void copyBlobs(String sessionId, List<Descriptor> children, BlobReader from) {
    Session session = sessions.require(sessionId);
    ContentUpload upload = new ContentUpload(session, EXPORT_STORE);
    children.forEach(blob -> upload.write(blob, from));
  }
}
