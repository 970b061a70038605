package dev.slipway.image;

import dev.slipway.failure.InvalidRequest;
import java.util.Optional;

/// Attributes that both kinds of image source have.
public final class ImageAttributes {
  private ImageAttributes() {}

  /// @throws InvalidRequest no positive number
  public static Optional<Integer> layerLimit(Optional<String> value) {
    return value.map(
        text -> {
          try {
            int limit = Integer.parseInt(text);
            if (limit > 0) {
              return limit;
            }
          } catch (NumberFormatException bad) {
            throw new InvalidRequest(
                "invalid layer limit "
                    + text
                    + ": strconv.Atoi: parsing \""
                    + text
                    + "\": invalid syntax",
                bad);
          }
          throw new InvalidRequest("invalid layer limit " + text);
        });
  }
}
