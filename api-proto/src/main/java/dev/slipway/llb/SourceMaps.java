package dev.slipway.llb;

import com.google.protobuf.ByteString;
import dev.slipway.failure.Fact.AtSource;
import dev.slipway.failure.Fact.SourceRange;
import dev.slipway.oci.Digest;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// Which lines of which files the vertices of a definition came from.
///
/// @param locations by vertex; indexes are those of `infos`
public record SourceMaps(List<SourceInfo> infos, Map<Digest, List<Location>> locations) {
  public SourceMaps {
    infos = List.copyOf(infos);
    Map<Digest, List<Location>> copy = new TreeMap<>();
    locations.forEach((vertex, places) -> copy.put(vertex, List.copyOf(places)));
    locations = Collections.unmodifiableMap(copy);
  }

  /// @param definition an encoded definition that produces the file
  public record SourceInfo(
      String filename, String language, ByteString data, Optional<ByteString> definition) {}

  public record Location(int sourceIndex, List<SourceRange> ranges) {
    public Location {
      ranges = List.copyOf(ranges);
    }
  }

  /// Where the vertex was written, as facts of a failure.
  public List<AtSource> facts(Digest vertex) {
    return locations.getOrDefault(vertex, List.of()).stream()
        .map(
            place -> {
              SourceInfo info = infos.get(place.sourceIndex());
              return new AtSource(
                  info.filename(),
                  info.language(),
                  info.data().toByteArray(),
                  info.definition().orElse(ByteString.EMPTY).toByteArray(),
                  place.ranges());
            })
        .toList();
  }
}
