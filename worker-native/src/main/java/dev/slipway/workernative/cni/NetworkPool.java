package dev.slipway.workernative.cni;

import dev.slipway.executor.ContainerSpec;
import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.WrongState;
import dev.slipway.kernel.Kernel;
import dev.slipway.task.Clock;
import dev.slipway.task.TaskScope;
import dev.slipway.workernative.mount.MountTable;
import dev.slipway.workernative.runtime.RuncExecutor;
import dev.slipway.workernative.runtime.StepNetworks;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Network namespaces that plug-ins have connected: some made ahead, those given back used again.
///
/// Each has a directory, made first and removed last: `handle` keeps the namespace, `answer` is
/// what the plug-ins said. What an earlier daemon left there is taken off the network by [#open],
/// so that addresses and devices come back even after a kill.
///
/// A namespace serves one container after another, as plug-ins take longer than many a step. Not so
/// after a container that could have changed its network (an insecure one), nor for containers with
/// a name of their own, which plug-ins may have published.
///
/// Guarded by its own monitor, but for the work of plug-ins, which may be slow and is done outside.
final class NetworkPool implements StepNetworks {
  private static final Logger log = LoggerFactory.getLogger(NetworkPool.class);
  private static final Duration AFTER_TROUBLE = Duration.ofMinutes(1);

  private final Kernel kernel;
  private final CniNetwork network;
  private final Path directory;
  private final Size size;
  private final Clock clock;
  private final Deque<Idle> idle = new ArrayDeque<>();
  private final TaskScope keeper = TaskScope.open("networks");
  private int total;
  private boolean closed;
  private boolean changed;

  /// @param wanted how many there are at least, in use or not
  /// @param spare how long those beyond that are kept for the next step
  record Size(int wanted, Duration spare) {}

  private record Made(
      String id, Path place, Path handle, String hostname, Optional<String> answer) {}

  private record Idle(Made made, Instant since) {}

  private NetworkPool(Kernel kernel, CniNetwork network, Path directory, Size size, Clock clock) {
    this.kernel = kernel;
    this.network = network;
    this.directory = directory;
    this.size = size;
    this.clock = clock;
  }

  /// Clears away what an earlier daemon left, and makes one network, so that an operator hears at
  /// start of what does not work. Caller closes.
  ///
  /// @param directory of this pool alone, made when absent
  /// @throws BuildFailure when networks cannot be made
  static NetworkPool open(
      Kernel kernel, CniNetwork network, Path directory, Size size, Clock clock) {
    network.requirePlugins();
    var pool = new NetworkPool(kernel, network, directory, size, clock);
    try {
      Files.createDirectories(directory);
      pool.sweep();
    } catch (IOException failed) {
      throw new WrongState("cannot prepare " + directory + ": " + failed.getMessage(), failed);
    }
    Made first = pool.make("");
    synchronized (pool) {
      pool.total++;
    }
    pool.giveBack(first, true);
    return pool;
  }

  /// Has the pool kept at its size from now on.
  NetworkPool kept() {
    keeper.forkAction(this::keep);
    return this;
  }

  private void sweep() throws IOException {
    Set<Path> mounted = new HashSet<>(MountTable.below(directory.toRealPath()));
    try (Stream<Path> left = Files.list(directory.toRealPath())) {
      for (Path place : left.toList()) {
        Path handle = place.resolve("handle");
        String id = place.getFileName().toString();
        end(
            new CniNetwork.Attachment(id, Optional.of(handle).filter(mounted::contains), "", place),
            answer(place));
      }
    }
  }

  private static Optional<String> answer(Path place) throws IOException {
    Path answer = place.resolve("answer");
    return Files.exists(answer) ? Optional.of(Files.readString(answer)) : Optional.empty();
  }

  @Override
  public StepNetwork take(ContainerSpec container) {
    Made made = container.hostname().isEmpty() ? takeAny() : makeMore(container.hostname());
    boolean reusable =
        container.hostname().isEmpty() && container.security() == ContainerSpec.Security.SANDBOX;
    return new Held(made, reusable);
  }

  private Made takeAny() {
    synchronized (this) {
      requireOpen();
      if (!idle.isEmpty()) {
        return idle.pop().made();
      }
    }
    return makeMore("");
  }

  private Made makeMore(String hostname) {
    Made made = make(hostname);
    synchronized (this) {
      total++;
    }
    return made;
  }

  private void requireOpen() {
    if (closed) {
      throw new WrongState("the networks of steps are closed");
    }
  }

  private Made make(String hostname) {
    String id = new BigInteger(128, new SecureRandom()).toString(36);
    Path place = directory.resolve(id);
    Path handle = place.resolve("handle");
    var attachment = new CniNetwork.Attachment(id, Optional.of(handle), hostname, place);
    try {
      Files.createDirectory(place);
      kernel.makeNetwork(handle);
      String answer = network.add(attachment);
      Files.writeString(place.resolve("answer"), answer);
      return new Made(id, place, handle, hostname, Optional.of(answer));
    } catch (IOException failed) {
      end(attachment, Optional.empty());
      throw new WrongState("cannot make network " + place + ": " + failed.getMessage(), failed);
    } catch (BuildFailure failure) {
      end(attachment, Optional.empty());
      throw new WrongState("cannot set up the network of a step: " + failure.getMessage(), failure);
    }
  }

  /// Takes it off the network and removes it. What fails is logged; what is left then is tried
  /// again at the next start.
  private void end(CniNetwork.Attachment attachment, Optional<String> answer) {
    boolean complete = true;
    try {
      network.remove(attachment, answer);
    } catch (BuildFailure failure) {
      complete = false;
      log.warn("network {} is not cleared away: {}", attachment.id(), failure.getMessage());
    }
    try {
      if (attachment.handle().isPresent()) {
        kernel.unmount(attachment.handle().get());
        Files.deleteIfExists(attachment.handle().get());
      }
      if (complete) {
        RuncExecutor.deleteTree(attachment.scratch());
      }
    } catch (IOException | BuildFailure failed) {
      log.warn("network {} is not removed: {}", attachment.id(), failed.getMessage());
    }
  }

  private void end(Made made) {
    end(
        new CniNetwork.Attachment(
            made.id(), Optional.of(made.handle()), made.hostname(), made.place()),
        made.answer());
  }

  private void giveBack(Made made, boolean reusable) {
    synchronized (this) {
      boolean kept = reusable && !closed && (total <= size.wanted() || size.spare().isPositive());
      if (kept) {
        idle.push(new Idle(made, clock.now()));
      } else {
        total--;
      }
      changed = true;
      notifyAll();
      if (kept) {
        return;
      }
    }
    end(made);
  }

  /// Forever: makes what is missing, ends what is spare for too long.
  private void keep() throws InterruptedException {
    while (true) {
      synchronized (this) {
        changed = false;
      }
      Duration untilNext = tend();
      synchronized (this) {
        if (closed) {
          return;
        }
        if (!changed) {
          wait(Math.max(1, untilNext.toMillis()));
        }
      }
    }
  }

  /// One round of that.
  ///
  /// @return how long there is nothing to do, unless something is taken or given back
  Duration tend() {
    while (isShort()) {
      try {
        Made made = makeMore("");
        giveBack(made, true);
      } catch (BuildFailure failure) {
        log.warn("no network is made ahead: {}", failure.getMessage());
        return AFTER_TROUBLE;
      }
    }
    while (true) {
      Idle oldest;
      synchronized (this) {
        if (closed || total <= size.wanted() || idle.isEmpty()) {
          return AFTER_TROUBLE;
        }
        oldest = idle.peekLast();
        Duration left = Duration.between(clock.now(), oldest.since().plus(size.spare()));
        if (left.isPositive()) {
          return left;
        }
        idle.removeLast();
        total--;
      }
      end(oldest.made());
    }
  }

  private synchronized boolean isShort() {
    return !closed && total < size.wanted();
  }

  @Override
  public void close() {
    List<Idle> left;
    synchronized (this) {
      closed = true;
      left = List.copyOf(idle);
      idle.clear();
      total -= left.size();
      notifyAll();
    }
    keeper.close();
    left.forEach(each -> end(each.made()));
  }

  private final class Held implements StepNetwork {
    private final Made made;
    private final boolean reusable;
    private boolean open = true;

    Held(Made made, boolean reusable) {
      this.made = made;
      this.reusable = reusable;
    }

    @Override
    public Path handle() {
      return made.handle();
    }

    @Override
    public Optional<String> hostDevice() {
      return made.answer().flatMap(CniNetwork::hostDevice);
    }

    @Override
    public void close() {
      synchronized (this) {
        if (!open) {
          return;
        }
        open = false;
      }
      giveBack(made, reusable);
    }
  }
}
