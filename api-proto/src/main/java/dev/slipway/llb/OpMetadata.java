package dev.slipway.llb;

import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/// What accompanies an op without being part of its identity.
///
/// @param ignoreCache run it even if a result is known
/// @param exportCache force or prevent that the result goes into an exported cache
/// @param caps ids of what a daemon must be able to do
/// @param progressGroup vertices that clients show as one
/// @param linuxResources limits of the step's control group
public record OpMetadata(
    boolean ignoreCache,
    Map<String, String> description,
    Optional<Boolean> exportCache,
    SortedSet<String> caps,
    Optional<ProgressGroup> progressGroup,
    Optional<LinuxResources> linuxResources) {
  /// Description key of the vertex' name.
  public static final String CUSTOM_NAME = "llb.customname";

  /// Description key of the Dockerfile instruction as it was written.
  public static final String DOCKERFILE_COMMAND = "com.docker.dockerfile.v1.command";

  public static final OpMetadata NONE =
      new OpMetadata(
          false, Map.of(), Optional.empty(), new TreeSet<>(), Optional.empty(), Optional.empty());

  public OpMetadata {
    description = Collections.unmodifiableMap(new TreeMap<>(description));
    caps = Collections.unmodifiableSortedSet(new TreeSet<>(caps));
  }

  public record ProgressGroup(String id, String name, boolean weak) {}

  /// Zero or empty means no limit.
  ///
  /// @param cpuPeriod microseconds, as is the quota
  public record LinuxResources(
      long memory,
      long memorySwap,
      long cpuShares,
      long cpuPeriod,
      long cpuQuota,
      String cpusetCpus,
      String cpusetMems) {}

  public Optional<String> customName() {
    return Optional.ofNullable(description.get(CUSTOM_NAME)).filter(name -> !name.isEmpty());
  }

  public OpMetadata withIgnoreCache() {
    return new OpMetadata(true, description, exportCache, caps, progressGroup, linuxResources);
  }

  public OpMetadata withDescription(String key, String value) {
    Map<String, String> more = new TreeMap<>(description);
    more.put(key, value);
    return new OpMetadata(ignoreCache, more, exportCache, caps, progressGroup, linuxResources);
  }

  public OpMetadata withCustomName(String name) {
    return withDescription(CUSTOM_NAME, name);
  }

  public OpMetadata withExportCache(Optional<Boolean> newExportCache) {
    return new OpMetadata(
        ignoreCache, description, newExportCache, caps, progressGroup, linuxResources);
  }

  public OpMetadata withCap(String cap) {
    SortedSet<String> more = new TreeSet<>(caps);
    more.add(cap);
    return new OpMetadata(
        ignoreCache, description, exportCache, more, progressGroup, linuxResources);
  }

  public OpMetadata withProgressGroup(ProgressGroup group) {
    return new OpMetadata(
        ignoreCache, description, exportCache, caps, Optional.of(group), linuxResources);
  }

  public OpMetadata withLinuxResources(LinuxResources resources) {
    return new OpMetadata(
        ignoreCache, description, exportCache, caps, progressGroup, Optional.of(resources));
  }

  /// This and the other; where both say something, the other counts.
  public OpMetadata mergedWith(OpMetadata other) {
    Map<String, String> bothDescriptions = new TreeMap<>(description);
    bothDescriptions.putAll(other.description);
    SortedSet<String> bothCaps = new TreeSet<>(caps);
    bothCaps.addAll(other.caps);
    return new OpMetadata(
        ignoreCache || other.ignoreCache,
        bothDescriptions,
        other.exportCache.or(() -> exportCache),
        bothCaps,
        other.progressGroup.or(() -> progressGroup),
        other.linuxResources.or(() -> linuxResources));
  }
}
