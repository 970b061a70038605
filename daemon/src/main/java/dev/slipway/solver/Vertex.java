package dev.slipway.solver;

import dev.slipway.oci.Digest;
import dev.slipway.progress.ProgressEvent.ProgressGroup;
import java.util.List;
import java.util.Optional;

/// A node of the graph: a payload (in LLB, an op) with its inputs.
///
/// @param digest identity: equal digests are the same work, in any job
/// @param payload what the vertex does, opaque here
/// @param inputs in the payload's own order
public record Vertex<P>(Digest digest, P payload, List<Edge<P>> inputs, Options options) {
  public Vertex {
    inputs = List.copyOf(inputs);
  }

  /// One output of a vertex, used as an input or asked for as a result.
  ///
  /// @param index number of the output, from 0
  public record Edge<P>(Vertex<P> vertex, int index) {}

  /// What a job wants of a vertex beyond its work.
  ///
  /// @param name shown to users
  /// @param ignoreCache neither looks its key up nor serves a request that would have
  /// @param exportCache forces or prevents inclusion in an exported cache; empty leaves it to the
  ///   exporter
  /// @param group folds it in displays
  public record Options(
      String name,
      boolean ignoreCache,
      Optional<Boolean> exportCache,
      Optional<ProgressGroup> group) {
    public static Options named(String name) {
      return new Options(name, false, Optional.empty(), Optional.empty());
    }
  }
}
