package dev.slipway.op;

import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.Fact.SolveInputs;
import dev.slipway.ref.ImmutableRef;
import dev.slipway.solver.JobId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/// The trees that failed ops leave behind, so that a client can look into them (surface reference
/// 4.5): each build keeps those of its own failures until it ends, and sees no others. Guarded by
/// its own lock.
public final class FailedStates {
  private final Map<JobId, Map<String, ImmutableRef>> kept = new HashMap<>();

  /// From now on failures of this job are kept. Caller closes when the job has ended, which gives
  /// them up.
  public synchronized Keeping open(JobId job) {
    kept.put(job, new HashMap<>());
    return () -> giveUp(job);
  }

  /// Keeps a tree for the builds in which an op failed; its hold stays the caller's.
  ///
  /// @return by which name the clients of those builds can ask for it; empty text for an empty tree
  ///   or when no build is there any more
  String keep(List<JobId> jobs, Optional<ImmutableRef> tree) {
    if (tree.isEmpty()) {
      return "";
    }
    String id = tree.get().id().value();
    boolean wanted = false;
    synchronized (this) {
      for (JobId job : jobs) {
        Map<String, ImmutableRef> own = kept.get(job);
        if (own != null) {
          own.computeIfAbsent(id, _ -> tree.get().share());
          wanted = true;
        }
      }
    }
    return wanted ? id : "";
  }

  /// The failure with what its states are called. When they could not be kept it stays what it was:
  /// what went wrong first counts.
  static BuildFailure added(BuildFailure failure, Supplier<SolveInputs> states) {
    try {
      return failure.with(states.get());
    } catch (BuildFailure lost) {
      failure.addSuppressed(lost);
      return failure;
    }
  }

  /// A hold of its own on a tree that was kept for this job. Caller closes.
  public synchronized Optional<RefResult> find(JobId job, String id) {
    return Optional.ofNullable(kept.getOrDefault(job, Map.of()).get(id))
        .map(ref -> RefResult.of(ref.share()));
  }

  private void giveUp(JobId job) {
    List<ImmutableRef> left = new ArrayList<>();
    synchronized (this) {
      Map<String, ImmutableRef> own = kept.remove(job);
      if (own != null) {
        left.addAll(own.values());
      }
    }
    Holds.closeAll(left);
  }

  @FunctionalInterface
  public interface Keeping extends AutoCloseable {
    @Override
    void close();
  }
}
