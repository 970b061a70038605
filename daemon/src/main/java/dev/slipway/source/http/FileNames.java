package dev.slipway.source.http;

import dev.slipway.source.AskedFile;
import java.net.URI;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Which name a download gets: the one asked for, the server's, the URL's last part. Never one that
/// leads out of its directory.
final class FileNames {
  private static final Pattern DISPOSITION =
      Pattern.compile(
          ";\\s*filename\\s*=\\s*(?:\"((?:[^\"\\\\]|\\\\.)*)\"|([^\\s;\"]+))",
          Pattern.CASE_INSENSITIVE);

  private FileNames() {}

  /// @param asked empty: not asked for
  /// @param disposition the answer's `Content-Disposition`
  static String of(URI uri, String asked, Optional<String> disposition) {
    if (!asked.isEmpty()) {
      return AskedFile.safeName(asked);
    }
    Optional<String> given =
        disposition.flatMap(FileNames::given).filter(name -> !name.endsWith("/"));
    String path = uri.getPath() == null ? "" : uri.getPath();
    return AskedFile.safeName(given.orElse(path));
  }

  private static Optional<String> given(String disposition) {
    Matcher matcher = DISPOSITION.matcher(disposition);
    if (!matcher.find()) {
      return Optional.empty();
    }
    String quoted = matcher.group(1);
    String name = quoted == null ? matcher.group(2) : quoted.replaceAll("\\\\(.)", "$1");
    return Optional.of(name).filter(text -> !text.isEmpty());
  }
}
