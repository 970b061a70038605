package dev.slipway.solver;

/// Whoever wants something of an edge: another edge, as one of its inputs, or a request from
/// outside. Confined to the loop.
sealed interface Demander<P, R extends Result> permits InputSlot, SolveRequest {
  /// The edge shows something new.
  void moved(EdgeView view);

  /// The edge has failed.
  void failed(Throwable failure);

  /// The edge was merged: another one answers from now on.
  void redirected(EdgeNode<P, R> to);
}
