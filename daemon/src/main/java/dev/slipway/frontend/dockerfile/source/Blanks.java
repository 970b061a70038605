package dev.slipway.frontend.dockerfile.source;

/// White space as the Dockerfile language understands it: the Unicode property White_Space, which
/// differs from [Character#isWhitespace] in both directions (no-break spaces count, the separators
/// 0x1c to 0x1f do not).
public final class Blanks {
  private Blanks() {}

  public static boolean isBlank(int codePoint) {
    return switch (codePoint) {
      case '\t',
          '\n',
          0x0b,
          '\f',
          '\r',
          ' ',
          0x85,
          0xa0,
          0x1680,
          0x2028,
          0x2029,
          0x202f,
          0x205f,
          0x3000 ->
          true;
      default -> codePoint >= 0x2000 && codePoint <= 0x200a;
    };
  }

  public static String trimStart(String text) {
    int start = 0;
    while (start < text.length() && isBlank(text.charAt(start))) {
      start++;
    }
    return text.substring(start);
  }

  public static String trim(String text) {
    int end = text.length();
    while (end > 0 && isBlank(text.charAt(end - 1))) {
      end--;
    }
    return trimStart(text.substring(0, end));
  }
}
