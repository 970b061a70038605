package dev.slipway.frontend.dockerfile.convert;

import com.google.protobuf.ByteString;
import dev.slipway.llb.Definition;
import dev.slipway.oci.Platform;
import java.time.Instant;
import java.util.Optional;
import java.util.SortedMap;

/// What became of a Dockerfile.
///
/// @param image configuration of the image, JSON
/// @param imagePlatform the platform it names
/// @param baseImage configuration of the image the target stage began with, as it was found, JSON
/// @param epoch time to stamp the result with
/// @param scanned other trees that belong into a bill of materials, by name
/// @param ignoreCache whether scanning has to start anew whatever is cached
public record Conversion(
    Definition definition,
    ByteString image,
    Optional<Platform> imagePlatform,
    Optional<ByteString> baseImage,
    Optional<Instant> epoch,
    SortedMap<String, Definition> scanned,
    boolean ignoreCache) {}
