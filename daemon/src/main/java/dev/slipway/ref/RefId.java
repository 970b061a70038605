package dev.slipway.ref;

/// Identity of a ref's record: 25 characters of base 36, as clients of BuildKit expect in `du`.
public record RefId(String value) {
  @Override
  public String toString() {
    return value;
  }
}
