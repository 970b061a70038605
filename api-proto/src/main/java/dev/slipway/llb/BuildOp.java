package dev.slipway.llb;

import com.google.protobuf.ByteString;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;

/// Runs a definition that is found in a file of an input.
///
/// @param builder input with the builder; empty is the daemon's own, the only one there is
/// @param inputs by name: index of the vertex' input, empty for scratch
/// @param definition an encoded definition, unused by today's daemons
public record BuildOp(
    OptionalInt builder,
    Map<String, OptionalInt> inputs,
    Optional<ByteString> definition,
    Map<String, String> attributes)
    implements Op {
  /// Name of the input that holds the definition.
  public static final String DEFINITION_INPUT = "buildkit.llb.definition";

  /// Attribute: which file of the input it is; `buildkit.llb.definition` when missing.
  public static final String FILENAME = "llbbuild.filename";

  public BuildOp {
    inputs = Collections.unmodifiableMap(new TreeMap<>(inputs));
    attributes = Collections.unmodifiableMap(new TreeMap<>(attributes));
  }
}
