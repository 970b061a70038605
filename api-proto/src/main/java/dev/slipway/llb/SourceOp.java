package dev.slipway.llb;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/// A tree from outside.
///
/// @param identifier `scheme://rest`
/// @param attributes sorted by name
public record SourceOp(String identifier, Map<String, String> attributes) implements Op {
  public SourceOp {
    attributes = Collections.unmodifiableMap(new TreeMap<>(attributes));
  }

  /// What stands before `://`; empty when nothing does.
  public String scheme() {
    int end = identifier.indexOf("://");
    return end < 0 ? "" : identifier.substring(0, end);
  }

  /// What stands after `://`; the whole identifier when there is no scheme.
  public String rest() {
    int end = identifier.indexOf("://");
    return end < 0 ? identifier : identifier.substring(end + 3);
  }
}
