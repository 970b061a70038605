package dev.slipway.app;

import dev.slipway.config.DaemonConfig;
import dev.slipway.content.FileContentStore;
import dev.slipway.contenthash.TreeHasher;
import dev.slipway.history.BuildHistory;
import dev.slipway.kernel.Kernel;
import dev.slipway.metadata.MetadataDatabase;
import dev.slipway.ref.SnapshotRefStore;
import dev.slipway.solver.cachekey.sqlite.SqliteCacheKeyStore;
import dev.slipway.source.KnownTrees;
import dev.slipway.task.Clock;
import dev.slipway.task.TaskScope;
import dev.slipway.worker.Worker;
import dev.slipway.worker.WorkerProvider;
import dev.slipway.worker.Workers;
import java.nio.file.Path;
import java.util.List;

/// What every other room stands on: workers, and the databases of the root.
record Ground(Workers workers, MetadataDatabase database, SqliteCacheKeyStore keys) {
  /// Opens them side by side: half of the time to the first answer goes there, and most of that is
  /// waiting for the kernel and for other programs.
  static Ground open(DaemonConfig config, Clock clock, Lifecycle parts) {
    Path root = config.root();
    MetadataDatabase.makeRoom(root.resolve("metadata.db"));
    try (TaskScope opening = TaskScope.open("open")) {
      TaskScope.Forked<Workers> workers =
          opening.fork(
              () ->
                  parts.add(
                      "workers",
                      Workers.open(
                          new WorkerProvider.Environment(
                              root, OperatorChoices.workers(config, System.getenv())))));
      MetadataDatabase database =
          parts.add(
              "metadata",
              MetadataDatabase.open(
                  root.resolve("metadata.db"),
                  List.of(
                      FileContentStore.schema(),
                      SnapshotRefStore.schema(),
                      TreeHasher.schema(),
                      KnownTrees.schema(),
                      BuildHistory.schema())));
      SqliteCacheKeyStore keys =
          parts.add("cache keys", SqliteCacheKeyStore.open(root.resolve("cachekeys.db"), clock));
      return new Ground(workers.result(), database, keys);
    }
  }

  /// Where all workers keep their files.
  Worker.Storage storage() {
    return workers.first().storage();
  }

  Kernel kernel() {
    return storage().kernel();
  }
}
