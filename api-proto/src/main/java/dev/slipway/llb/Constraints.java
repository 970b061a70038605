package dev.slipway.llb;

import com.google.protobuf.ByteString;
import dev.slipway.failure.Fact.SourceRange;
import dev.slipway.oci.Platform;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/// What goes with an op besides what it does. Given for one op, and as defaults when a [State] is
/// encoded.
///
/// @param platform empty: the default one
/// @param workerFilters added to the default ones
/// @param metadata merged over the default one; capability ids are added by the builder itself
/// @param origins where the op was written
/// @param localUniqueId only as a default: value of `local.unique` for local sources without a
///   session
/// @param daemonCaps only as a default: what the daemon can do, where known
public record Constraints(
    Optional<Platform> platform,
    List<String> workerFilters,
    OpMetadata metadata,
    List<Origin> origins,
    String localUniqueId,
    Optional<Set<String>> daemonCaps) {
  public static final Constraints NONE =
      new Constraints(
          Optional.empty(), List.of(), OpMetadata.NONE, List.of(), "", Optional.empty());

  public Constraints {
    workerFilters = List.copyOf(workerFilters);
    origins = List.copyOf(origins);
    daemonCaps = daemonCaps.map(Set::copyOf);
  }

  /// @param file compared by content: equal files become one source map
  public record Origin(SourceFile file, List<SourceRange> ranges) {
    public Origin {
      ranges = List.copyOf(ranges);
    }
  }

  /// @param language as GitHub's linguist names it: `Dockerfile`
  /// @param state what the file was read from
  public record SourceFile(
      String filename, String language, ByteString data, Optional<State> state) {}

  public Constraints withPlatform(Platform newPlatform) {
    return new Constraints(
        Optional.of(newPlatform), workerFilters, metadata, origins, localUniqueId, daemonCaps);
  }

  public Constraints withWorkerFilter(String filter) {
    return new Constraints(
        platform,
        Stream.concat(workerFilters.stream(), Stream.of(filter)).toList(),
        metadata,
        origins,
        localUniqueId,
        daemonCaps);
  }

  public Constraints withMetadata(OpMetadata newMetadata) {
    return new Constraints(
        platform, workerFilters, newMetadata, origins, localUniqueId, daemonCaps);
  }

  public Constraints withCustomName(String name) {
    return withMetadata(metadata.withCustomName(name));
  }

  public Constraints withOrigin(SourceFile file, List<SourceRange> ranges) {
    return new Constraints(
        platform,
        workerFilters,
        metadata,
        Stream.concat(origins.stream(), Stream.of(new Origin(file, ranges))).toList(),
        localUniqueId,
        daemonCaps);
  }

  public Constraints withLocalUniqueId(String id) {
    return new Constraints(platform, workerFilters, metadata, origins, id, daemonCaps);
  }

  public Constraints withDaemonCaps(Set<String> caps) {
    return new Constraints(
        platform, workerFilters, metadata, origins, localUniqueId, Optional.of(caps));
  }
}
