package dev.slipway.llbsolver;

import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.WrongState;
import dev.slipway.frontend.FrontendRef;
import dev.slipway.fsutil.Stat;
import dev.slipway.llb.Definition;
import dev.slipway.op.LlbVertex;
import dev.slipway.op.RefResult;
import dev.slipway.ref.ImmutableRef;
import dev.slipway.solver.Job.Solved;
import dev.slipway.solver.Vertex.Edge;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/// A result of a build, solved when first needed; the answer is kept until the build ends.
/// Thread-safe: concurrent callers share one evaluation, since equal edges of one job are joined by
/// the solver.
final class BridgeRef implements FrontendRef, AutoCloseable {
  private final String id;
  private final Definition definition;
  private final Edge<LlbVertex> edge;
  private final Build build;
  private final TreeReader reader;
  private final UnaryOperator<BuildFailure> located;
  private Optional<Solved<RefResult>> solved = Optional.empty();
  private boolean closed;

  /// @param located adds to a failure where in the user's source its vertex was written
  BridgeRef(
      String id,
      Definition definition,
      Edge<LlbVertex> edge,
      Build build,
      TreeReader reader,
      UnaryOperator<BuildFailure> located) {
    this.id = id;
    this.definition = definition;
    this.edge = edge;
    this.build = build;
    this.reader = reader;
    this.located = located;
  }

  @Override
  public String id() {
    return id;
  }

  @Override
  public Definition definition() {
    return definition;
  }

  @Override
  public void evaluate() {
    solved();
  }

  /// The result; stays this ref's.
  ///
  /// @return empty for an empty tree
  Optional<ImmutableRef> tree() {
    return solved().result().ref();
  }

  /// The result with its key; stays this ref's.
  Solved<RefResult> solved() {
    synchronized (this) {
      if (closed) {
        throw new WrongState("the build of result " + id + " has ended");
      }
      if (solved.isPresent()) {
        return solved.get();
      }
    }
    Solved<RefResult> fresh;
    try {
      fresh = build.job().solve(edge);
    } catch (BuildFailure failure) {
      throw located.apply(failure);
    }
    synchronized (this) {
      if (closed || solved.isPresent()) {
        fresh.close();
      } else {
        solved = Optional.of(fresh);
      }
      return solved.orElseThrow(() -> new WrongState("the build of result " + id + " has ended"));
    }
  }

  @Override
  public byte[] readFile(String path, Optional<ByteRange> range) {
    return reader.readFile(reader.opening(tree()), path, range);
  }

  @Override
  public List<Stat> readDirectory(String path, Optional<String> pattern) {
    return reader.readDirectory(reader.opening(tree()), path, pattern);
  }

  @Override
  public Stat stat(String path) {
    return reader.stat(reader.opening(tree()), path);
  }

  @Override
  public synchronized void close() {
    closed = true;
    solved.ifPresent(Solved::close);
    solved = Optional.empty();
  }
}
