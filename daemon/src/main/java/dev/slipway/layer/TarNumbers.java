package dev.slipway.layer;

import dev.slipway.failure.CorruptData;

/// Numbers of tar headers: octal text, or GNU's binary form where the first bit is set.
final class TarNumbers {
  private TarNumbers() {}

  static long parse(byte[] block, int at, int width) {
    if ((block[at] & 0x80) != 0) {
      return binary(block, at, width);
    }
    long value = 0;
    int i = at;
    int end = at + width;
    while (i < end && (block[i] == ' ' || block[i] == 0)) {
      i++;
    }
    for (; i < end && block[i] != ' ' && block[i] != 0; i++) {
      int digit = block[i] - '0';
      if (digit < 0 || digit > 7) {
        throw new CorruptData("invalid tar header: bad number");
      }
      value = value << 3 | digit;
    }
    return value;
  }

  private static long binary(byte[] block, int at, int width) {
    boolean negative = (block[at] & 0x40) != 0;
    long value = negative ? -1 : 0;
    for (int i = 0; i < width; i++) {
      int each = block[at + i] & 0xff;
      if (i == 0) {
        each = negative ? each | 0x80 : each & 0x7f;
      }
      if (i < width - 8 && each != (negative ? 0xff : 0)) {
        throw new CorruptData("invalid tar header: number too large");
      }
      value = value << 8 | each;
    }
    if (value < 0 != negative) {
      throw new CorruptData("invalid tar header: number too large");
    }
    return value;
  }

  static int owner(long id) {
    if (id < 0 || id > 0xffff_ffffL) {
      throw new CorruptData("invalid owner " + id + " in the archive");
    }
    return (int) id;
  }
}
