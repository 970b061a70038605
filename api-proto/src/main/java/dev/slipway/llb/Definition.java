package dev.slipway.llb;

import dev.slipway.failure.NotFound;
import dev.slipway.oci.Digest;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.SortedSet;
import java.util.TreeSet;

/// A whole build definition: a graph of vertices without cycles, and which output of which of them
/// is wanted.
///
/// @param vertices by digest, each after all it uses
/// @param head what is wanted; empty means scratch, and then there are no vertices
/// @param headMetadata of the op that only points at the head
public record Definition(
    SequencedMap<Digest, OpVertex> vertices,
    Optional<Input> head,
    OpMetadata headMetadata,
    Optional<SourceMaps> sources) {
  public static final Definition SCRATCH =
      new Definition(new LinkedHashMap<>(), Optional.empty(), OpMetadata.NONE, Optional.empty());

  public Definition {
    vertices = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(vertices));
  }

  public boolean isScratch() {
    return head.isEmpty();
  }

  /// @throws NotFound no such vertex
  public OpVertex requireVertex(Digest digest) {
    OpVertex vertex = vertices.get(digest);
    if (vertex == null) {
      throw new NotFound("no vertex " + digest + " in the definition");
    }
    return vertex;
  }

  /// Everything a daemon must be able to do for this definition.
  public SortedSet<String> caps() {
    SortedSet<String> caps = new TreeSet<>(headMetadata.caps());
    vertices.values().forEach(vertex -> caps.addAll(vertex.metadata().caps()));
    return caps;
  }
}
