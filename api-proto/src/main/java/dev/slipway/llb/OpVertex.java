package dev.slipway.llb;

import com.google.protobuf.ByteString;
import dev.slipway.oci.Digest;
import dev.slipway.oci.Platform;
import java.util.List;
import java.util.Optional;

/// One vertex of a definition: an op, what it works on, and what accompanies it.
///
/// @param digest of `encoded`, and of how it is to run where that is not its maker's choice
/// @param encoded the deterministic encoding of the `pb.Op`, just as its maker wrote it
/// @param platform in normal form, even where the encoded one is not; empty: the op has none, the
///   daemon's default counts
/// @param workerFilters containerd filter expressions, each must match; empty when there are none
public record OpVertex(
    Digest digest,
    ByteString encoded,
    List<Input> inputs,
    Op op,
    Optional<Platform> platform,
    List<String> workerFilters,
    OpMetadata metadata) {
  public OpVertex {
    inputs = List.copyOf(inputs);
    workerFilters = List.copyOf(workerFilters);
  }

  OpVertex withDigest(Digest other) {
    return new OpVertex(other, encoded, inputs, op, platform, workerFilters, metadata);
  }

  public OpVertex withMetadata(OpMetadata newMetadata) {
    return new OpVertex(digest, encoded, inputs, op, platform, workerFilters, newMetadata);
  }
}
