package dev.slipway.exporter.tar;

import dev.slipway.exporter.Exporter;
import dev.slipway.exporter.FileOptions;
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
    return new TarExport(index, FileOptions.of(attributes));
  }

  private final class TarExport implements Export {
    private final int index;
    private final FileOptions options;

    TarExport(int index, FileOptions options) {
      this.index = index;
      this.options = options;
    }

    @Override
    public String name() {
      return "exporting to client tarball";
    }

    @Override
    public Exported export(Input input, FetchContext context, ExportSession exportSession) {
      List<ResultTree> opened = ResultTree.open(input, options.epoch(), kernel, context);
      try {
        boolean several = !input.refs().isEmpty();
        // Every platform has its directory all the same: only names of statements say it twice.
        List<ResultTree> trees =
            new StatementFiles(
                    options.statementPrefix(),
                    several && !options.platformSplit().orElse(true),
                    clock.now())
                .beside(opened, input.attestations());
        Session session = sessions.require(exportSession.sessionId());
        try (VertexProgress.Item _ = context.progress().start("sending tarball");
            ClientFile file = FileSendClient.openFile(session, index, Map.of())) {
          TreeArchive.write(several ? together(trees) : trees.getFirst().files(), file);
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
