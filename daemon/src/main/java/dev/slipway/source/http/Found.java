package dev.slipway.source.http;

import dev.slipway.oci.Digest;
import dev.slipway.ref.RefId;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.DateTimeParseException;
import java.time.format.TextStyle;
import java.time.temporal.ChronoField;
import java.util.List;
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

  /// The older forms that a recipient must understand (RFC 9110, 5.6.7).
  private static final List<DateTimeFormatter> FORMS =
      List.of(
          HTTP_DATE,
          new DateTimeFormatterBuilder()
              .appendPattern("EEEE, dd-MMM-")
              .appendValueReduced(ChronoField.YEAR, 2, 2, 1969)
              .appendPattern(" HH:mm:ss ")
              .appendZoneText(TextStyle.SHORT)
              .toFormatter(Locale.ENGLISH),
          DateTimeFormatter.ofPattern("EEE MMM ppd HH:mm:ss yyyy", Locale.ENGLISH)
              .withZone(ZoneOffset.UTC));

  /// @return empty for text of another form
  static Optional<Instant> time(String text) {
    for (DateTimeFormatter form : FORMS) {
      try {
        return Optional.of(Instant.from(form.parse(text)));
      } catch (DateTimeParseException otherForm) {
        // The next one may fit.
      }
    }
    return Optional.empty();
  }

  /// In HTTP's form; empty when unknown.
  String lastModifiedText() {
    return lastModified.map(HTTP_DATE::format).orElse("");
  }
}
