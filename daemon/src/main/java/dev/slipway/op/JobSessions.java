package dev.slipway.op;

import dev.slipway.oci.Digest;
import dev.slipway.progress.ProgressSink;
import dev.slipway.progress.VertexProgress;
import dev.slipway.ref.FetchContext;
import dev.slipway.session.SessionGroup;
import dev.slipway.session.Sessions;
import dev.slipway.solver.EvaluationContext;
import dev.slipway.solver.JobId;
import dev.slipway.task.Clock;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// Which client session stands behind which job, so that the work of a vertex may ask any client that wants it. Thread-safe.
public final class JobSessions {
  private final Sessions sessions;
  private final Map<JobId, String> sessionIds = new ConcurrentHashMap<>();

  public JobSessions(Sessions sessions) {
    this.sessions = sessions;
  }

  /// Caller closes when the job has ended.
  ///
  /// @param sessionId empty when the client has no session
  public Registration register(JobId job, String sessionId) {
    if (!sessionId.isEmpty()) {
      sessionIds.put(job, sessionId);
    }
    return () -> sessionIds.remove(job, sessionId);
  }

  /// For whom a vertex fetches: the clients of all jobs that want it, asked anew each time.
  public FetchContext fetchContext(EvaluationContext context) {
    return new FetchContext(new SessionGroup(sessions, () -> idsOf(context.jobs())), context.progress());
  }

  /// For fetches that no vertex shows.
  public static FetchContext quietContext(SessionGroup sessions, Clock clock) {
    return new FetchContext(sessions, new VertexProgress(Digest.EMPTY, ProgressSink.none(), clock));
  }

  private List<String> idsOf(List<JobId> jobs) {
    return jobs.stream().filter(sessionIds::containsKey).map(job -> sessionIds.getOrDefault(job, "")).distinct().toList();
  }

  @FunctionalInterface
  public interface Registration extends AutoCloseable {
    @Override
    void close();
  }
}
