package dev.slipway.worker;

import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.Unsupported;
import dev.slipway.oci.Platform;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.stream.Collectors;

/// The workers of this daemon, native first, and the choice among them. Immutable; thread-safe.
public final class Workers implements AutoCloseable {
  private final List<Worker> workers;

  /// @param workers in order of preference; the first is the default
  public Workers(List<Worker> workers) {
    if (workers.isEmpty()) {
      throw new Unsupported("no worker can run on this machine");
    }
    this.workers = List.copyOf(workers);
  }

  /// Opens what every provider on the class path offers. Caller closes.
  public static Workers open(WorkerProvider.Environment environment) {
    List<WorkerProvider> providers = new ArrayList<>();
    ServiceLoader.load(WorkerProvider.class).forEach(providers::add);
    providers.sort(Comparator.comparingInt(WorkerProvider::order));
    List<Worker> opened = new ArrayList<>();
    try {
      for (WorkerProvider provider : providers) {
        opened.addAll(provider.open(environment, List.copyOf(opened)));
      }
      return new Workers(opened);
    } catch (BuildFailure failure) {
      closeAll(opened);
      throw failure;
    }
  }

  public List<Worker> all() {
    return workers;
  }

  public Worker first() {
    return workers.getFirst();
  }

  /// The worker for a platform: one that runs it natively if there is one, else one that emulates
  /// it.
  ///
  /// @throws Unsupported naming the platform, what can run here, and how to make it run
  public Worker forPlatform(Platform platform) {
    List<Worker> able =
        workers.stream().filter(worker -> worker.platforms().contains(platform)).toList();
    return able.stream()
        .filter(worker -> !worker.emulates(platform))
        .findFirst()
        .or(() -> able.stream().findFirst())
        .orElseThrow(() -> nobodyRuns(platform));
  }

  /// Every platform that some worker runs, native ones first, each once.
  public List<Platform> platforms() {
    LinkedHashSet<Platform> all = new LinkedHashSet<>();
    workers.forEach(worker -> all.addAll(worker.platforms()));
    return List.copyOf(all);
  }

  /// Last opened first.
  @Override
  public void close() {
    closeAll(workers);
  }

  private Unsupported nobodyRuns(Platform platform) {
    String able = platforms().stream().map(Platform::format).collect(Collectors.joining(", "));
    Optional<String> advice =
        workers.stream().flatMap(worker -> worker.explainMissing(platform).stream()).findFirst();
    return new Unsupported(
        "no worker can run "
            + platform.format()
            + " (this daemon runs "
            + able
            + ")"
            + advice.map(text -> ": " + text).orElse(""));
  }

  private static void closeAll(List<Worker> opened) {
    opened.reversed().forEach(Worker::close);
  }
}
