package dev.slipway.fsutil;

import java.util.BitSet;

/// One part of a pattern. Texts are code points; `reach` says where a match can stand after this
/// part, given where it can stand before it. Cost is linear in the text for every part, whatever
/// the pattern: a hostile one cannot explode.
sealed interface GlobToken {
  void reach(int[] text, BitSet from, BitSet to);

  /// That character.
  record Literal(int character) implements GlobToken {
    @Override
    public void reach(int[] text, BitSet from, BitSet to) {
      for (int at = from.nextSetBit(0); at >= 0 && at < text.length; at = from.nextSetBit(at + 1)) {
        if (text[at] == character) {
          to.set(at + 1);
        }
      }
    }
  }

  /// `?`: any character but a slash.
  record AnyCharacter() implements GlobToken {
    @Override
    public void reach(int[] text, BitSet from, BitSet to) {
      for (int at = from.nextSetBit(0); at >= 0 && at < text.length; at = from.nextSetBit(at + 1)) {
        if (text[at] != '/') {
          to.set(at + 1);
        }
      }
    }
  }

  /// `[…]`.
  ///
  /// @param ranges pairs of first and last
  /// @param slash whether a negated class takes a slash
  record Characters(int[] ranges, boolean negated, boolean slash) implements GlobToken {
    @Override
    public void reach(int[] text, BitSet from, BitSet to) {
      for (int at = from.nextSetBit(0); at >= 0 && at < text.length; at = from.nextSetBit(at + 1)) {
        if (contains(text[at]) != negated && (slash || text[at] != '/')) {
          to.set(at + 1);
        }
      }
    }

    private boolean contains(int character) {
      for (int i = 0; i < ranges.length; i += 2) {
        if (ranges[i] <= character && character <= ranges[i + 1]) {
          return true;
        }
      }
      return false;
    }
  }

  /// `*`: any number of characters but slashes.
  record Star() implements GlobToken {
    @Override
    public void reach(int[] text, BitSet from, BitSet to) {
      int start = from.nextSetBit(0);
      while (start >= 0) {
        int at = start;
        to.set(at);
        while (at < text.length && text[at] != '/') {
          to.set(++at);
        }
        start = from.nextSetBit(at + 1);
      }
    }
  }

  /// `**` before something: nothing, or whole directories.
  record Directories() implements GlobToken {
    @Override
    public void reach(int[] text, BitSet from, BitSet to) {
      to.or(from);
      int start = from.nextSetBit(0);
      for (int at = start; start >= 0 && at < text.length; at++) {
        if (text[at] == '/') {
          to.set(at + 1);
        }
      }
    }
  }

  /// `**` at the end: anything.
  record Rest() implements GlobToken {
    @Override
    public void reach(int[] text, BitSet from, BitSet to) {
      int start = from.nextSetBit(0);
      if (start >= 0) {
        to.set(start, text.length + 1);
      }
    }
  }

  /// Whether the parts, one after the other, make up the whole text.
  static boolean matches(GlobToken[] tokens, int[] text) {
    BitSet from = new BitSet(text.length + 1);
    from.set(0);
    BitSet to = new BitSet(text.length + 1);
    for (GlobToken token : tokens) {
      token.reach(text, from, to);
      if (to.isEmpty()) {
        return false;
      }
      BitSet spent = from;
      from = to;
      to = spent;
      to.clear();
    }
    return from.get(text.length);
  }
}
