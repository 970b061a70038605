package dev.slipway.exporter.local;

import dev.slipway.exporter.Exporter;
import dev.slipway.exporter.FileOptions;
import dev.slipway.exporter.ResultTree;
import dev.slipway.exporter.StatementFiles;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.fsutil.FileTree;
import dev.slipway.fsutil.SubTrees;
import dev.slipway.kernel.Kernel;
import dev.slipway.progress.VertexProgress;
import dev.slipway.ref.FetchContext;
import dev.slipway.session.FileSendClient;
import dev.slipway.session.Session;
import dev.slipway.session.Sessions;
import dev.slipway.task.Clock;
import dev.slipway.task.TaskScope;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;

/// `local`: the files of a result, sent to a directory of the client; results for several platforms
/// side by side in a directory each. Thread-safe.
public final class LocalExporter implements Exporter {
  private final Sessions sessions;
  private final Kernel kernel;
  private final Clock clock;

  public LocalExporter(Sessions sessions, Kernel kernel, Clock clock) {
    this.sessions = sessions;
    this.kernel = kernel;
    this.clock = clock;
  }

  @Override
  public List<String> types() {
    return List.of("local");
  }

  @Override
  public Export prepare(String type, int index, Map<String, String> attributes) {
    return new LocalExport(index, FileOptions.of(attributes));
  }

  private final class LocalExport implements Export {
    private final int index;
    private final FileOptions options;

    LocalExport(int index, FileOptions options) {
      this.index = index;
      this.options = options;
    }

    @Override
    public String name() {
      return "exporting to client directory";
    }

    @Override
    public Exported export(Input input, FetchContext context, ExportSession exportSession) {
      Session session = sessions.require(exportSession.sessionId());
      boolean several = !input.refs().isEmpty();
      boolean split = options.platformSplit().orElse(several);
      List<ResultTree> opened = ResultTree.open(input, options.epoch(), kernel, context);
      try {
        StatementFiles statements =
            new StatementFiles(options.statementPrefix(), several && !split, clock.now());
        List<ResultTree> trees = statements.beside(opened, input.attestations());
        if (several && !split) {
          refuseCollisions(trees);
        }
        if (options.mode() == FileOptions.Mode.DELETE) {
          send(
              session,
              together(trees, split),
              FileSendClient.Removal.OF_THE_REST,
              "copying files",
              context.progress());
        } else {
          sendEach(session, trees, split, context.progress());
        }
      } finally {
        opened.forEach(ResultTree::close);
      }
      return Exported.files();
    }

    /// Each platform by a call of its own, at the same time.
    private void sendEach(
        Session session, List<ResultTree> trees, boolean split, VertexProgress progress) {
      try (TaskScope scope = TaskScope.open("export-files")) {
        for (ResultTree tree : trees) {
          FileTree files = together(List.of(tree), split);
          String item = split ? "copying files " + tree.platform() : "copying files";
          scope.forkAction(() -> send(session, files, FileSendClient.Removal.NONE, item, progress));
        }
        scope.join();
      }
    }

    private void send(
        Session session,
        FileTree files,
        FileSendClient.Removal removal,
        String item,
        VertexProgress progress) {
      try (VertexProgress.Item shown = progress.start(item)) {
        Sent sent = new Sent(shown);
        FileSendClient.sendTree(session, index, files, removal, sent);
        sent.finish();
      }
    }
  }

  private static FileTree together(List<ResultTree> trees, boolean split) {
    if (split) {
      return new SubTrees(
          trees.stream()
              .map(tree -> new SubTrees.SubTree(tree.platformDirectory(), tree.files()))
              .toList());
    }
    return trees.size() == 1
        ? trees.getFirst().files()
        : new MergedTree(trees.stream().map(ResultTree::files).toList());
  }

  private static void refuseCollisions(List<ResultTree> trees) {
    Map<String, String> owners = new HashMap<>();
    for (ResultTree tree : trees) {
      tree.files()
          .walk(
              stat -> {
                String owner =
                    stat.isDirectory() ? null : owners.putIfAbsent(stat.path(), tree.platform());
                if (owner != null) {
                  throw new InvalidRequest(
                      "cannot overwrite "
                          + stat.path()
                          + " from "
                          + owner
                          + " with "
                          + tree.platform()
                          + " when split option is disabled");
                }
              });
    }
  }

  /// Shows the bytes sent, ten times a second at most. Guarded by itself, as several threads send.
  private static final class Sent implements LongConsumer {
    private static final long PAUSE_NANOS = 100_000_000L;

    private final VertexProgress.Item item;
    private long bytes;
    private long shown = System.nanoTime() - PAUSE_NANOS;

    Sent(VertexProgress.Item item) {
      this.item = item;
    }

    @Override
    public synchronized void accept(long more) {
      bytes += more;
      long now = System.nanoTime();
      if (now - shown >= PAUSE_NANOS) {
        shown = now;
        item.update(bytes, 0);
      }
    }

    synchronized void finish() {
      item.update(bytes, 0);
    }
  }
}
