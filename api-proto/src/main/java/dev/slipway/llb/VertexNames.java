package dev.slipway.llb;

import dev.slipway.oci.Digest;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.Collectors;

/// What people see of a vertex: its custom name, or one made of what it does.
///
/// Source: `solver/llbsolver/vertex.go`, `llbOpName`, v0.32.2.
public final class VertexNames {
  /// Names of merges hold the names of what they merge, which a hostile definition could make
  /// endless.
  private static final int MAX_LENGTH = 16 * 1024;

  private VertexNames() {}

  /// The names of all vertices.
  public static Map<Digest, String> of(Definition definition) {
    Map<Digest, String> names = new HashMap<>();
    for (OpVertex vertex : definition.vertices().values()) {
      String name = vertex.metadata().customName().orElseGet(() -> name(vertex, names));
      names.put(vertex.digest(), name.length() > MAX_LENGTH ? name.substring(0, MAX_LENGTH) : name);
    }
    return names;
  }

  private static String name(OpVertex vertex, Map<Digest, String> names) {
    return switch (vertex.op()) {
      case SourceOp source -> source.identifier();
      case ExecOp exec -> String.join(" ", exec.meta().args());
      case FileOp file ->
          file.actions().stream().map(VertexNames::name).collect(Collectors.joining(", "));
      case BuildOp _ -> "build";
      case MergeOp _ -> "merge (" + joined(vertex.inputs(), names) + ")";
      case DiffOp(OptionalInt lower, OptionalInt upper) ->
          "diff " + side(vertex, lower, names) + " -> " + side(vertex, upper, names);
      case PassthroughOp passthrough -> "passthrough " + passthrough.id();
    };
  }

  private static String name(FileAction action) {
    return switch (action) {
      case FileAction.Mkdir mkdir -> "mkdir " + mkdir.path();
      case FileAction.Mkfile mkfile -> "mkfile " + mkfile.path();
      case FileAction.Symlink symlink -> "symlink " + symlink.path() + " -> " + symlink.target();
      case FileAction.Rm rm -> "rm " + rm.path();
      case FileAction.Copy copy -> "copy " + copy.source() + " " + copy.destination();
    };
  }

  private static String joined(List<Input> inputs, Map<Digest, String> names) {
    StringBuilder joined = new StringBuilder();
    for (Input input : inputs) {
      if (joined.length() > MAX_LENGTH) {
        break;
      }
      joined.append(joined.isEmpty() ? "" : ", ").append(names.getOrDefault(input.vertex(), "?"));
    }
    return joined.toString();
  }

  private static String side(OpVertex vertex, OptionalInt index, Map<Digest, String> names) {
    return index.isEmpty()
        ? "scratch"
        : "(" + joined(List.of(vertex.inputs().get(index.getAsInt())), names) + ")";
  }
}
