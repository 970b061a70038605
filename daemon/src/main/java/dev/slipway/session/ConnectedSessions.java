package dev.slipway.session;

import dev.slipway.failure.Cancelled;
import dev.slipway.failure.NotFound;
import dev.slipway.task.Clock;
import dev.slipway.task.Interruption;
import dev.slipway.task.TaskScope;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoopGroup;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Who is connected now. Guarded by its lock, which is never held across I/O.
public final class ConnectedSessions implements Sessions, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ConnectedSessions.class);

  private final EventLoopGroup loops;
  private final Executor executor;
  private final Clock clock;
  private final Settings settings;
  private final TaskScope watches = TaskScope.open("session-health");
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition arrived = lock.newCondition();
  private final Map<String, ConnectedSession> sessions = new HashMap<>();

  /// @param patience how long [#require] waits for a session that is not there yet
  public record Settings(Duration patience, HealthPolicy health) {
    public static final Settings STANDARD =
        new Settings(Duration.ofSeconds(5), HealthPolicy.STANDARD);
  }

  /// @param loops carry the tunnels' bytes; they stay the caller's
  /// @param executor runs the listeners of calls to clients
  public ConnectedSessions(
      EventLoopGroup loops, Executor executor, Clock clock, Settings settings) {
    this.loops = loops;
    this.executor = executor;
    this.clock = clock;
    this.settings = settings;
  }

  @Override
  public Session require(String id) {
    String key = withoutPrefix(id);
    lock.lock();
    try {
      long nanos = settings.patience().toNanos();
      while (true) {
        ConnectedSession session = sessions.get(key);
        if (session != null && !session.isClosed()) {
          return session;
        }
        if (nanos <= 0) {
          throw new NotFound("no active session for " + key);
        }
        nanos = arrived.awaitNanos(nanos);
      }
    } catch (InterruptedException interrupted) {
      throw Interruption.cancelled(interrupted);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public Optional<Session> find(String id) {
    lock.lock();
    try {
      return Optional.<Session>ofNullable(sessions.get(withoutPrefix(id)))
          .filter(session -> !((ConnectedSession) session).isClosed());
    } finally {
      lock.unlock();
    }
  }

  /// How many clients are connected.
  public int count() {
    lock.lock();
    try {
      return sessions.size();
    } finally {
      lock.unlock();
    }
  }

  /// Takes up a `Session` call: from now on its client is found here, until the call ends or its
  /// health checks fail.
  ServerCall.Listener<ByteBuf> connect(ServerCall<ByteBuf, ByteBuf> call, Metadata metadata) {
    SessionHeaders headers = SessionHeaders.read(metadata);
    Ending ending = new Ending();
    SessionTunnel tunnel = new SessionTunnel(call, ending);
    ConnectedSession session = new ConnectedSession(headers, tunnel, tunnel.open(loops, executor));
    add(session);
    HealthPolicy policy =
        headers.healthTimeout().map(settings.health()::withTimeout).orElse(settings.health());
    try {
      TaskScope.Forked<?> watch = watches.forkAction(new HealthWatch(session, policy, clock)::run);
      ending.become(() -> remove(session, watch));
    } catch (Cancelled closing) {
      remove(session);
      throw closing;
    }
    LOG.atDebug()
        .addKeyValue("session", session.id())
        .addKeyValue("name", session.name())
        .log("session opened");
    return tunnel;
  }

  private void add(ConnectedSession session) {
    lock.lock();
    try {
      sessions.put(session.id(), session);
      arrived.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void remove(ConnectedSession session, TaskScope.Forked<?> watch) {
    remove(session);
    watch.interrupt();
    LOG.atDebug().addKeyValue("session", session.id()).log("session closed");
  }

  private void remove(ConnectedSession session) {
    session.close();
    lock.lock();
    try {
      sessions.remove(session.id(), session);
    } finally {
      lock.unlock();
    }
  }

  /// BuildKit lets several vertices share a session by a prefix up to a colon.
  private static String withoutPrefix(String id) {
    int colon = id.indexOf(':');
    return colon >= 0 && colon < id.length() - 1 ? id.substring(colon + 1) : id;
  }

  /// Ends every session and waits for its watch.
  @Override
  public void close() {
    List<ConnectedSession> open;
    lock.lock();
    try {
      open = List.copyOf(sessions.values());
      sessions.clear();
    } finally {
      lock.unlock();
    }
    open.forEach(ConnectedSession::close);
    watches.close();
    for (ConnectedSession session : open) {
      session.awaitEnd(Duration.ofSeconds(1));
    }
  }

  /// What happens when a call ends, which may be before it is known what that is. Thread-safe.
  private static final class Ending implements Runnable {
    private boolean ended;
    private Optional<Runnable> action = Optional.empty();

    synchronized void become(Runnable known) {
      if (ended) {
        known.run();
      } else {
        action = Optional.of(known);
      }
    }

    @Override
    public synchronized void run() {
      ended = true;
      action.ifPresent(Runnable::run);
    }
  }
}
