package dev.slipway.frontend.dockerfile.convert;

import dev.slipway.frontend.dockerfile.graph.ExecNode;
import dev.slipway.frontend.dockerfile.graph.NodeNotes;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/// What a client may say about a build beside its files.
///
/// @param arguments `--build-arg`
/// @param target stage to build; empty for the last
/// @param labels put on the image over its own
/// @param noCache stages whose steps run again whatever is cached; empty list: all, absent: none
/// @param multiPlatform whether steps show their platform
/// @param cacheNamespace put before the ids of cache mounts
/// @param sharedMemory size of `/dev/shm` in bytes, 0 for the daemon's default
/// @param network of steps that do not say
public record BuildConfig(
    SortedMap<String, String> arguments,
    String target,
    SortedMap<String, String> labels,
    Optional<List<String>> noCache,
    boolean multiPlatform,
    ResolveMode resolveMode,
    String cacheNamespace,
    String cgroupParent,
    String hostname,
    List<ExecNode.Host> hosts,
    long sharedMemory,
    List<ExecNode.Limit> limits,
    Optional<NodeNotes.Resources> resources,
    ExecNode.NetworkMode network) {

  public BuildConfig {
    arguments = new TreeMap<>(arguments);
    labels = new TreeMap<>(labels);
    noCache = noCache.map(List::copyOf);
    hosts = List.copyOf(hosts);
    limits = List.copyOf(limits);
  }

  /// Where images may come from.
  public enum ResolveMode {
    DEFAULT("default"),
    PULL("pull"),
    LOCAL("local");

    private final String text;

    ResolveMode(String text) {
      this.text = text;
    }

    public String text() {
      return text;
    }
  }

  boolean ignoresCacheOf(String stage) {
    return noCache.isPresent()
        && (noCache.get().isEmpty()
            || noCache.get().stream().anyMatch(name -> name.equalsIgnoreCase(stage)));
  }

  BuildConfig withArguments(SortedMap<String, String> others) {
    return new BuildConfig(
        others,
        target,
        labels,
        noCache,
        multiPlatform,
        resolveMode,
        cacheNamespace,
        cgroupParent,
        hostname,
        hosts,
        sharedMemory,
        limits,
        resources,
        network);
  }
}
