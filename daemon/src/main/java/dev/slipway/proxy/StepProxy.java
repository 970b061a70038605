package dev.slipway.proxy;

import dev.slipway.executor.NetworkProxy;
import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.Cancelled;
import dev.slipway.task.TaskScope;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The proxy of one step. Thread-safe.
public final class StepProxy implements NetworkProxy {
  private static final Logger LOG = LoggerFactory.getLogger(StepProxy.class);

  /// More connections at once wait to be accepted.
  private static final int MOST_CONNECTIONS = 256;

  private final HttpClient client;
  private final CertificateAuthority authority;
  private final NetworkPolicy policy;
  private final Fetches fetches = new Fetches();
  private final Semaphore connections = new Semaphore(MOST_CONNECTIONS);

  StepProxy(HttpClient client, CertificateAuthority authority, NetworkPolicy policy) {
    this.client = client;
    this.authority = authority;
    this.policy = policy;
  }

  /// What was asked through it so far.
  public Fetches fetches() {
    return fetches;
  }

  @Override
  public String certificate() {
    return authority.pem();
  }

  @Override
  public Service serve(ServerSocketChannel listener) {
    TaskScope scope = TaskScope.open("step-proxy");
    scope.forkAction(() -> accept(listener, scope));
    return scope::close;
  }

  private void accept(ServerSocketChannel listener, TaskScope scope) throws InterruptedException {
    try {
      while (true) {
        connections.acquire();
        SocketChannel connection = listener.accept();
        scope.forkAction(() -> serve(connection));
      }
    } catch (IOException closed) {
      LOG.debug("the proxy of a step stops", closed);
    }
  }

  private void serve(SocketChannel connection) {
    try (connection) {
      new ProxyConnection(client, authority, policy, fetches).serve(connection.socket());
    } catch (Cancelled | IOException gone) {
      LOG.debug("a connection of a step ended", gone);
    } catch (BuildFailure failure) {
      LOG.debug("a connection of a step failed: {}", failure.text());
    } finally {
      connections.release();
    }
  }
}
