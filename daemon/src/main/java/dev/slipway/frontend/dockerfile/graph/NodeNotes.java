package dev.slipway.frontend.dockerfile.graph;

import dev.slipway.frontend.dockerfile.source.LineSpan;
import java.util.Collections;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/// What is known about a node beside what it does; none of it is part of its digest.
///
/// @param description `llb.customname`, the name shown to people, and the like
/// @param place lines that ask for it
public record NodeNotes(
    SortedMap<String, String> description,
    boolean ignoreCache,
    Optional<Group> group,
    Optional<Resources> resources,
    Optional<LineSpan> place) {

  private static final String NAME = "llb.customname";
  private static final String COMMAND = "com.docker.dockerfile.v1.command";

  public NodeNotes {
    description = Collections.unmodifiableSortedMap(new TreeMap<>(description));
  }

  /// Vertices shown as one.
  ///
  /// @param weak whether the vertex counts towards the group's progress only
  public record Group(String id, String name, boolean weak) {}

  /// Limits of a step. Zero, or empty text, means none.
  public record Resources(
      long memory,
      long memorySwap,
      long cpuShares,
      long cpuPeriod,
      long cpuQuota,
      String cpus,
      String memoryNodes) {}

  /// Nothing to note.
  public static final NodeNotes NONE =
      new NodeNotes(new TreeMap<>(), false, Optional.empty(), Optional.empty(), Optional.empty());

  /// Notes with only a name.
  public static NodeNotes named(String name) {
    SortedMap<String, String> description = new TreeMap<>(NONE.description);
    description.put(NAME, name);
    return new NodeNotes(description, false, Optional.empty(), Optional.empty(), Optional.empty());
  }

  /// Also the instruction that asks for it.
  public NodeNotes withCommand(String command) {
    SortedMap<String, String> more = new TreeMap<>(description);
    more.put(COMMAND, command);
    return new NodeNotes(more, ignoreCache, group, resources, place);
  }

  public NodeNotes at(LineSpan lines) {
    return new NodeNotes(description, ignoreCache, group, resources, Optional.of(lines));
  }

  public NodeNotes ignoringCache(boolean ignore) {
    return new NodeNotes(description, ignore, group, resources, place);
  }

  public NodeNotes inGroup(Group shown) {
    return new NodeNotes(description, ignoreCache, Optional.of(shown), resources, place);
  }

  public NodeNotes limitedTo(Optional<Resources> limits) {
    return new NodeNotes(description, ignoreCache, group, limits, place);
  }
}
