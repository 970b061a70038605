package dev.slipway.op;

import dev.slipway.oci.Digest;
import dev.slipway.progress.ProgressSink;
import dev.slipway.progress.VertexProgress;
import dev.slipway.ref.BuildMemory;
import dev.slipway.ref.FetchContext;
import dev.slipway.session.SessionGroup;
import dev.slipway.session.Sessions;
import dev.slipway.solver.EvaluationContext;
import dev.slipway.solver.JobId;
import dev.slipway.task.Clock;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/// Which client stands behind which job: its session, so that the work of a vertex may ask any
/// client that wants it, its permissions, and what its sources turned out to be. Thread-safe.
public final class JobSessions {
  private final Sessions sessions;
  private final Map<JobId, Client> clients = new ConcurrentHashMap<>();

  private record Client(String sessionId, Set<String> permissions, BuildMemory memory) {}

  public JobSessions(Sessions sessions) {
    this.sessions = sessions;
  }

  /// Caller closes when the job has ended.
  ///
  /// @param sessionId empty when the client has no session
  /// @param permissions entitlements that the build was granted
  public Registration register(JobId job, String sessionId, Set<String> permissions) {
    Client client = new Client(sessionId, Set.copyOf(permissions), new BuildMemory(job.value()));
    clients.put(job, client);
    return () -> {
      clients.remove(job, client);
      client.memory().close();
    };
  }

  /// What every one of these jobs may do.
  public Set<String> permissions(List<JobId> jobs) {
    Optional<Set<String>> common = Optional.empty();
    for (JobId job : jobs) {
      Set<String> own =
          Optional.ofNullable(clients.get(job)).map(Client::permissions).orElse(Set.of());
      Set<String> both = new LinkedHashSet<>(common.orElse(own));
      both.retainAll(own);
      common = Optional.of(both);
    }
    return common.orElse(Set.of());
  }

  /// For whom a vertex fetches: the clients of all jobs that want it, asked anew each time.
  public FetchContext fetchContext(EvaluationContext context) {
    return new FetchContext(
        new SessionGroup(sessions, () -> idsOf(context.jobs())),
        context.progress(),
        clientsOf(context.jobs()).map(Client::memory).toList());
  }

  /// For what a build fetches outside of its vertices.
  public FetchContext fetchContext(JobId job, VertexProgress progress) {
    return new FetchContext(
        new SessionGroup(sessions, () -> idsOf(List.of(job))),
        progress,
        clientsOf(List.of(job)).map(Client::memory).toList());
  }

  /// For fetches that no vertex shows.
  public static FetchContext quietContext(SessionGroup sessions, Clock clock) {
    return new FetchContext(sessions, new VertexProgress(Digest.EMPTY, ProgressSink.none(), clock));
  }

  private List<String> idsOf(List<JobId> jobs) {
    return clientsOf(jobs).map(Client::sessionId).filter(id -> !id.isEmpty()).distinct().toList();
  }

  private Stream<Client> clientsOf(List<JobId> jobs) {
    return jobs.stream().flatMap(job -> Optional.ofNullable(clients.get(job)).stream());
  }

  @FunctionalInterface
  public interface Registration extends AutoCloseable {
    @Override
    void close();
  }
}
