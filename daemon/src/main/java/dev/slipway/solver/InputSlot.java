package dev.slipway.solver;

/// One input of an edge: which edge it is, and how much is asked of it. Confined to the loop.
final class InputSlot<P, R extends Result> implements Demander<P, R> {
  private final EdgeNode<P, R> consumer;
  private final int number;
  private EdgeNode<P, R> source;
  private Level asked = Level.NONE;

  InputSlot(EdgeNode<P, R> consumer, int number, EdgeNode<P, R> source) {
    this.consumer = consumer;
    this.number = number;
    this.source = source;
  }

  void ask(Level level) {
    if (asked == Level.NONE && level != Level.NONE) {
      source =
          consumer
              .node()
              .inputEdge(number); // it may have been merged while nothing was asked of it
    }
    asked = level;
    source.demand(this, level);
  }

  /// The input has come as far as was asked of it.
  boolean isSettled() {
    return source.shown().reached().reaches(asked);
  }

  @Override
  public void moved(EdgeView view) {
    consumer.deliver(new EdgeEvent.InputMoved(number, view));
  }

  @Override
  public void failed(Throwable failure) {
    consumer.deliver(new EdgeEvent.Broke(failure));
  }

  @Override
  public void redirected(EdgeNode<P, R> to) {
    source = to;
  }
}
