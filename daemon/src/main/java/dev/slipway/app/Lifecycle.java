package dev.slipway.app;

import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Things that were started, closed in reverse. One that fails to close does not keep the others
/// open. Thread-safe, so that parts can be started side by side.
final class Lifecycle implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Lifecycle.class);

  private final Deque<Part> parts = new ArrayDeque<>();

  private record Part(String name, Closing closing) {}

  @FunctionalInterface
  interface Closing {
    void close() throws Exception;
  }

  /// Takes over what was started.
  synchronized <T extends AutoCloseable> T add(String name, T part) {
    parts.push(new Part(name, part::close));
    return part;
  }

  @Override
  public synchronized void close() {
    while (!parts.isEmpty()) {
      Part part = parts.pop();
      try {
        LOG.debug("closing {}", part.name());
        part.closing().close();
      } catch (Exception failed) {
        LOG.atError().addKeyValue("part", part.name()).setCause(failed).log("could not be closed");
      }
    }
  }
}
