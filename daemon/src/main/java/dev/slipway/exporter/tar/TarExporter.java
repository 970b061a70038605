package dev.slipway.exporter.tar;

import dev.slipway.exporter.Epoch;
import dev.slipway.exporter.Exporter;
import dev.slipway.exporter.ResultTree;
import dev.slipway.exporter.StatementFiles;
import dev.slipway.fsutil.FileTree;
import dev.slipway.fsutil.SubTrees;
import dev.slipway.kernel.Kernel;
import dev.slipway.layer.TreeArchive;
import dev.slipway.progress.VertexProgress;
import dev.slipway.ref.FetchContext;
import dev.slipway.session.FileSendClient;
import dev.slipway.session.FileSendClient.ClientFile;
import dev.slipway.session.Session;
import dev.slipway.session.Sessions;
import dev.slipway.task.Clock;
import java.util.List;
import java.util.Map;

/// `tar`: the files of a result as one uncompressed archive, sent to the client; results for
/// several platforms in a directory each. Thread-safe.
public final class TarExporter implements Exporter {
  private final Sessions sessions;
  private final Kernel kernel;
  private final Clock clock;

  public TarExporter(Sessions sessions, Kernel kernel, Clock clock) {
    this.sessions = sessions;
    this.kernel = kernel;
    this.clock = clock;
  }

  @Override
  public List<String> types() {
    return List.of("tar");
  }

  @Override
  public Export prepare(String type, int index, Map<String, String> attributes) {
    return new TarExport(
        index, attributes.getOrDefault("attestation-prefix", ""), Epoch.of(attributes));
  }

  private final class TarExport implements Export {
    private final int index;
    private final String attestationPrefix;
    private final Epoch epoch;

    TarExport(int index, String attestationPrefix, Epoch epoch) {
      this.index = index;
      this.attestationPrefix = attestationPrefix;
      this.epoch = epoch;
    }

    @Override
    public String name() {
      return "exporting to client tarball";
    }

    @Override
    public Exported export(Input input, FetchContext context, ExportSession exportSession) {
      List<ResultTree> opened = ResultTree.open(input, epoch, kernel, context);
      try {
        List<ResultTree> trees =
            new StatementFiles(attestationPrefix, false, clock.now())
                .beside(opened, input.attestations());
        Session session = sessions.require(exportSession.sessionId());
        try (VertexProgress.Item _ = context.progress().start("sending tarball");
            ClientFile file = FileSendClient.openFile(session, index, Map.of())) {
          TreeArchive.write(
              input.refs().isEmpty() ? trees.getFirst().files() : together(trees), file);
          file.finish();
        }
      } finally {
        opened.forEach(ResultTree::close);
      }
      return Exported.files();
    }
  }

  private static FileTree together(List<ResultTree> trees) {
    return new SubTrees(
        trees.stream()
            .map(tree -> new SubTrees.SubTree(tree.platformDirectory(), tree.files()))
            .toList());
  }
}
