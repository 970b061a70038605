package dev.slipway.ref;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import java.util.function.Supplier;

/// What the sources of one build turned out to be: what was resolved once stays so to the build's
/// end, whatever happens at the origin meanwhile, and what was fetched for it stays here.
///
/// Thread-safe: each name has a lock of its own, which is held while it is being resolved; the held
/// refs are guarded by their list.
public final class BuildMemory implements AutoCloseable {
  private final String build;
  private final Map<String, Slot> slots = new ConcurrentHashMap<>();
  private final Map<RefId, ImmutableRef> held = new HashMap<>();
  private boolean closed;

  private static final class Slot {
    final ReentrantLock lock = new ReentrantLock();
    final List<Object> values = new ArrayList<>();
  }

  /// @param build its ref; no two builds that run have the same
  public BuildMemory(String build) {
    this.build = build;
  }

  /// What one of the builds remembers under that name, or else what is resolved now and remembered
  /// by all of them. Others who ask for the same name meanwhile wait.
  ///
  /// @param builds on whose behalf; none remembers nothing
  /// @param fits whether what is remembered is what is wanted
  public static <T> T once(
      List<BuildMemory> builds,
      String name,
      Class<T> type,
      Predicate<T> fits,
      Supplier<T> resolve) {
    List<Slot> slots =
        builds.stream()
            .distinct()
            .sorted(Comparator.comparing(memory -> memory.build))
            .map(memory -> memory.slots.computeIfAbsent(name, _ -> new Slot()))
            .toList();
    slots.forEach(slot -> slot.lock.lock());
    try {
      T value = find(slots, type, fits).orElseGet(resolve);
      for (Slot slot : slots) {
        if (!slot.values.contains(value)) {
          slot.values.add(value);
        }
      }
      return value;
    } finally {
      slots.forEach(slot -> slot.lock.unlock());
    }
  }

  private static <T> Optional<T> find(List<Slot> slots, Class<T> type, Predicate<T> fits) {
    return slots.stream()
        .flatMap(slot -> slot.values.stream())
        .filter(type::isInstance)
        .map(type::cast)
        .filter(fits)
        .findFirst();
  }

  /// Keeps the tree until the last of the builds has ended; the caller's hold stays the caller's.
  public static void hold(List<BuildMemory> builds, ImmutableRef ref) {
    builds.forEach(memory -> memory.hold(ref));
  }

  private void hold(ImmutableRef ref) {
    synchronized (held) {
      if (!closed) {
        held.computeIfAbsent(ref.id(), _ -> ref.share());
      }
    }
  }

  /// Gives up what is held.
  @Override
  public void close() {
    synchronized (held) {
      closed = true;
      held.values().forEach(ImmutableRef::close);
      held.clear();
    }
  }
}
