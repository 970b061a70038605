package dev.slipway.llbsolver;

import dev.slipway.failure.AlreadyExists;
import dev.slipway.failure.Exhausted;
import dev.slipway.failure.NotFound;
import dev.slipway.failure.WrongState;
import dev.slipway.frontend.gateway.GatewayContainer;
import dev.slipway.frontend.gateway.GatewayContainers;
import dev.slipway.llb.Mount;
import dev.slipway.op.RefResult;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/// The containers that were opened in one build. Guarded by its own lock, which is not held while a
/// container is opened or released.
final class BuildContainers implements GatewayContainers, AutoCloseable {
  private static final int MOST = 256;

  private final BuildContainer.Surroundings around;
  private final Function<String, Optional<RefResult>> results;
  private final Map<String, BuildContainer> opened = new HashMap<>();
  private final Set<String> opening = new HashSet<>();
  private boolean closed;

  /// @param results a hold of its own on the result of an id, or nothing
  BuildContainers(
      BuildContainer.Surroundings around, Function<String, Optional<RefResult>> results) {
    this.around = around;
    this.results = results;
  }

  @Override
  public void open(Request request) {
    reserve(request.id());
    try {
      BuildContainer container =
          BuildContainer.open(request, mount -> shown(mount, request.id()), around);
      settle(request.id(), container);
    } finally {
      giveBack(request.id());
    }
  }

  private synchronized void reserve(String id) {
    requireOpen();
    if (opened.containsKey(id) || !opening.add(id)) {
      throw new AlreadyExists("Container " + id + " already exists");
    }
    if (opened.size() + opening.size() > MOST) {
      opening.remove(id);
      throw new Exhausted("more than " + MOST + " containers in one build");
    }
  }

  private void settle(String id, BuildContainer container) {
    synchronized (this) {
      if (!closed) {
        opened.put(id, container);
        return;
      }
    }
    container.close();
    requireOpen();
  }

  private synchronized void giveBack(String id) {
    opening.remove(id);
  }

  private void requireOpen() {
    if (closed) {
      throw new WrongState("the build has ended");
    }
  }

  private Optional<RefResult> shown(Mount mount, String container) {
    String id = mount.at().resultId();
    if (id.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        results
            .apply(id)
            .orElseThrow(
                () ->
                    new NotFound(
                        "failed to find ref "
                            + id
                            + " for \""
                            + mount.destination()
                            + "\" mount of container "
                            + container)));
  }

  @Override
  public synchronized Optional<GatewayContainer> find(String id) {
    return Optional.ofNullable(opened.get(id));
  }

  @Override
  public void release(String id) {
    Optional<BuildContainer> container;
    synchronized (this) {
      container = Optional.ofNullable(opened.remove(id));
    }
    container
        .orElseThrow(() -> new NotFound("container details for " + id + " not found"))
        .release();
  }

  /// Releases all. Failures of one do not keep the others; the first is thrown.
  @Override
  public void close() {
    List<BuildContainer> left;
    synchronized (this) {
      closed = true;
      left = List.copyOf(opened.values());
      opened.clear();
    }
    Optional<RuntimeException> first = Optional.empty();
    for (BuildContainer container : left) {
      try {
        container.close();
      } catch (RuntimeException failure) {
        first.ifPresent(earlier -> earlier.addSuppressed(failure));
        first = first.or(() -> Optional.of(failure));
      }
    }
    if (first.isPresent()) {
      throw first.get();
    }
  }
}
