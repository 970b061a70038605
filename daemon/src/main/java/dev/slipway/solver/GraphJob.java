package dev.slipway.solver;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;

/// A job as the graph knows it. Confined to the loop, but for its id, view, decisions and imports.
final class GraphJob<P, R extends Result> {
  private final JobId id;
  private final long number;
  private final JobView view;
  private final Set<VertexNode<P, R>> nodes = new HashSet<>();
  private final Set<SolveRequest<P, R>> requests = new HashSet<>();
  private final List<CacheDecision> decisions = new CopyOnWriteArrayList<>();
  private final List<ImportedCache<R>> imports = new CopyOnWriteArrayList<>();
  private boolean isDiscarded;

  /// @param number in order of opening
  GraphJob(JobId id, long number, JobView view) {
    this.id = id;
    this.number = number;
    this.view = view;
  }

  JobId id() {
    return id;
  }

  long number() {
    return number;
  }

  JobView view() {
    return view;
  }

  Set<VertexNode<P, R>> nodes() {
    return nodes;
  }

  Set<SolveRequest<P, R>> requests() {
    return requests;
  }

  List<CacheDecision> decisions() {
    return decisions;
  }

  List<ImportedCache<R>> imports() {
    return imports;
  }

  boolean isDiscarded() {
    return isDiscarded;
  }

  void discard() {
    isDiscarded = true;
  }

  @Override
  public String toString() {
    return id.toString();
  }
}
