package dev.slipway.frontend.dockerfile.convert;

import dev.slipway.frontend.dockerfile.source.DockerfileError;
import java.util.regex.Pattern;

/// The value of `--chmod`.
///
/// @param bits permission bits, -1 for none given, 0 where `symbolic` counts
/// @param symbolic as `chmod(1)` reads it; empty when `bits` counts
record FileMode(int bits, String symbolic) {
  static final FileMode UNCHANGED = new FileMode(-1, "");

  private static final Pattern CLAUSE = Pattern.compile("[augo]*(?:[-+=][rstwXxugo]*)+");

  static FileMode parse(String text) {
    if (text.isEmpty()) {
      return UNCHANGED;
    }
    if (text.matches("[0-7]{1,11}") && Long.parseLong(text, 8) <= 07777) {
      return new FileMode(Integer.parseInt(text, 8), "");
    }
    if (Character.isDigit(text.charAt(0))) {
      throw new DockerfileError(
          "invalid chmod parameter: '"
              + text
              + "'. it should be octal string and between 0 and 07777");
    }
    for (String clause : text.split(",", -1)) {
      if (!CLAUSE.matcher(clause).matches()) {
        throw new DockerfileError("invalid syntax");
      }
    }
    return new FileMode(0, text);
  }
}
