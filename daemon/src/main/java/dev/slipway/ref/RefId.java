package dev.slipway.ref;

import dev.slipway.failure.InvalidRequest;
import java.security.SecureRandom;

/// Identity of a ref's record: 25 characters of base 36, as clients of BuildKit expect in `du`.
public record RefId(String value) {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final int LENGTH = 25;

  public RefId {
    if (!isId(value)) {
      throw new InvalidRequest(
          "invalid ref id \""
              + (value.length() > 100 ? value.substring(0, 100) + "…" : value)
              + "\"");
    }
  }

  /// Whether a text has the form of an id.
  public static boolean isId(String text) {
    return text.matches("[a-z0-9]{1,40}");
  }

  /// An id nobody has: about 129 random bits.
  public static RefId random() {
    StringBuilder text = new StringBuilder(LENGTH);
    for (int i = 0; i < LENGTH; i++) {
      text.append(Character.forDigit(RANDOM.nextInt(36), 36));
    }
    return new RefId(text.toString());
  }

  @Override
  public String toString() {
    return value;
  }
}
