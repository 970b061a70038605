package dev.slipway.frontend.dockerfile.graph;

import dev.slipway.oci.Platform;
import java.util.Collections;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;

/// Something that comes from outside: an image, the client's files, a repository, a download.
public final class SourceNode implements Node {
  private final Supplier<Source> source;
  private final Optional<Platform> platform;
  private final NodeNotes notes;

  /// @param source asked once, when the definition is written
  /// @param platform only where the source depends on it
  public SourceNode(Supplier<Source> source, Optional<Platform> platform, NodeNotes notes) {
    this.source = source;
    this.platform = platform;
    this.notes = notes;
  }

  public SourceNode(Source source, Optional<Platform> platform, NodeNotes notes) {
    this(() -> source, platform, notes);
  }

  /// @param identifier with its scheme
  /// @param capabilities ids of what a daemon must support to understand it
  public record Source(
      String identifier, SortedMap<String, String> attributes, Set<String> capabilities) {
    public Source {
      attributes = Collections.unmodifiableSortedMap(new TreeMap<>(attributes));
      capabilities = Collections.unmodifiableSet(new TreeSet<>(capabilities));
    }
  }

  Source source() {
    return source.get();
  }

  Optional<Platform> platform() {
    return platform;
  }

  @Override
  public NodeNotes notes() {
    return notes;
  }
}
