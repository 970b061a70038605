package dev.slipway.llb;

import dev.slipway.api.ops.Locations;
import dev.slipway.api.ops.Position;
import dev.slipway.api.ops.Range;
import dev.slipway.api.ops.Source;
import dev.slipway.failure.Fact.SourceRange;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.llb.SourceMaps.Location;
import dev.slipway.llb.SourceMaps.SourceInfo;
import dev.slipway.oci.Digest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Source maps from and to the wire. Public parts serve the messages that carry a file or ranges
/// outside a definition.
public final class SourceMapCodec {
  private SourceMapCodec() {}

  /// @param renamed new digests of vertices that were encoded anew
  static SourceMaps decode(Source source, Map<Digest, Digest> renamed) {
    List<SourceInfo> infos = source.getInfosList().stream().map(SourceMapCodec::decode).toList();
    Map<Digest, List<Location>> locations = new HashMap<>();
    source
        .getLocationsMap()
        .forEach(
            (text, places) -> {
              if (Digest.isDigest(text)) {
                Digest digest = Digest.parse(text);
                locations.put(renamed.getOrDefault(digest, digest), decode(places, infos.size()));
              }
            });
    return new SourceMaps(infos, locations);
  }

  public static SourceInfo decode(dev.slipway.api.ops.SourceInfo info) {
    return new SourceInfo(
        info.getFilename(),
        info.getLanguage(),
        info.getData(),
        info.hasDefinition() ? Optional.of(info.getDefinition().toByteString()) : Optional.empty());
  }

  private static List<Location> decode(Locations places, int infoCount) {
    List<Location> decoded = new ArrayList<>();
    for (var place : places.getLocationsList()) {
      int index = place.getSourceIndex();
      if (index < 0 || index >= infoCount) {
        throw new InvalidRequest(
            "failed to load LLB: source index " + index + " of " + infoCount + " source files");
      }
      decoded.add(new Location(index, decodeRanges(place.getRangesList())));
    }
    return decoded;
  }

  public static List<SourceRange> decodeRanges(List<Range> ranges) {
    return ranges.stream()
        .map(
            range ->
                new SourceRange(
                    range.getStart().getLine(),
                    range.getStart().getCharacter(),
                    range.getEnd().getLine(),
                    range.getEnd().getCharacter()))
        .toList();
  }

  static Source encode(SourceMaps maps) {
    Source.Builder encoded = Source.newBuilder();
    maps.infos().forEach(info -> encoded.addInfos(encode(info)));
    maps.locations()
        .forEach(
            (vertex, places) -> {
              Locations.Builder all = Locations.newBuilder();
              for (Location place : places) {
                all.addLocationsBuilder()
                    .setSourceIndex(place.sourceIndex())
                    .addAllRanges(encodeRanges(place.ranges()));
              }
              encoded.putLocations(vertex.toString(), all.build());
            });
    return encoded.build();
  }

  public static dev.slipway.api.ops.SourceInfo encode(SourceInfo info) {
    var encoded =
        dev.slipway.api.ops.SourceInfo.newBuilder()
            .setFilename(info.filename())
            .setLanguage(info.language())
            .setData(info.data());
    info.definition()
        .ifPresent(definition -> encoded.setDefinition(LlbDecoder.parseDefinition(definition)));
    return encoded.build();
  }

  public static List<Range> encodeRanges(List<SourceRange> ranges) {
    return ranges.stream()
        .map(
            range ->
                Range.newBuilder()
                    .setStart(position(range.startLine(), range.startCharacter()))
                    .setEnd(position(range.endLine(), range.endCharacter()))
                    .build())
        .toList();
  }

  private static Position position(int line, int character) {
    return Position.newBuilder().setLine(line).setCharacter(character).build();
  }
}
