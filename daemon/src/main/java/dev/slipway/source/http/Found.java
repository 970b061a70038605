package dev.slipway.source.http;

import dev.slipway.oci.Digest;
import dev.slipway.ref.RefId;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Optional;

/// What a URL turned out to be.
///
/// @param content of the bytes
/// @param ref where they are, unless only the checksum is known so far
record Found(Digest content, String filename, Optional<Instant> lastModified, Optional<RefId> ref) {
  static final DateTimeFormatter HTTP_DATE =
      DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ENGLISH)
          .withZone(ZoneOffset.UTC);

  /// In HTTP's form; empty when unknown.
  String lastModifiedText() {
    return lastModified.map(HTTP_DATE::format).orElse("");
  }
}
