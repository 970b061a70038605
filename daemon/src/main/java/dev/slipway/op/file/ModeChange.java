package dev.slipway.op.file;

import dev.slipway.failure.InvalidRequest;
import java.util.ArrayList;
import java.util.List;

/// New permission bits from old ones: plain octal (`4755`) or symbolic as in chmod(1)
/// (`u+rwX,go-w`). Immutable.
///
/// Symbolic forms: clauses separated by commas; in each, who (`u`, `g`, `o`, `a`, none meaning
/// all), then one or more of `+ - =` with permissions (`r w x X s t`, or one of `u g o` to copy
/// from). Without umask. Follows what BuildKit accepts (`github.com/tonistiigi/dchapes-mode`).
final class ModeChange {
  private static final int SETUID = 04000;
  private static final int SETGID = 02000;
  private static final int STICKY = 01000;
  private static final int PERMISSIONS = 0777;

  private final List<Step> steps;

  private ModeChange(List<Step> steps) {
    this.steps = List.copyOf(steps);
  }

  /// One operation on the bits.
  @FunctionalInterface
  private interface Step {
    int apply(int bits, int original, boolean directory);
  }

  static ModeChange to(int bits) {
    return new ModeChange(List.of((_, _, _) -> bits & 07777));
  }

  /// @throws InvalidRequest `invalid syntax`
  static ModeChange parse(String text) {
    if (text.isEmpty()) {
      throw invalid();
    }
    if (Character.isDigit(text.charAt(0))) {
      if (!text.matches("[0-7]{1,5}") || Integer.parseInt(text, 8) > 07777) {
        throw invalid();
      }
      return to(Integer.parseInt(text, 8));
    }
    List<Step> steps = new ArrayList<>();
    for (String clause : text.split(",", -1)) {
      clause(clause, steps);
    }
    return new ModeChange(steps);
  }

  int apply(int mode, boolean directory) {
    int bits = mode & 07777;
    for (Step step : steps) {
      bits = step.apply(bits, mode, directory);
    }
    return bits;
  }

  private static void clause(String clause, List<Step> steps) {
    int at = 0;
    int who = 0;
    while (at < clause.length() && "ugoa".indexOf(clause.charAt(at)) >= 0) {
      who |= whoBits(clause.charAt(at++));
    }
    if (at == clause.length()) {
      throw invalid();
    }
    while (at < clause.length()) {
      char operator = clause.charAt(at++);
      if ("+-=".indexOf(operator) < 0) {
        throw invalid();
      }
      int end = at;
      while (end < clause.length() && "+-=".indexOf(clause.charAt(end)) < 0) {
        end++;
      }
      steps.add(step(operator, who, clause.substring(at, end)));
      at = end;
    }
  }

  private static int whoBits(char who) {
    return switch (who) {
      case 'u' -> SETUID | 0700;
      case 'g' -> SETGID | 0070;
      case 'o' -> 0007;
      default -> SETUID | SETGID | PERMISSIONS;
    };
  }

  private static Step step(char operator, int who, String permissions) {
    int everyone = who == 0 ? SETUID | SETGID | PERMISSIONS : who;
    boolean onlyOthers = who == 0007;
    int bits = 0;
    int mask = everyone;
    boolean conditional = false;
    int copied = 0;
    for (int i = 0; i < permissions.length(); i++) {
      switch (permissions.charAt(i)) {
        case 'r' -> bits |= 0444;
        case 'w' -> bits |= 0222;
        case 'x' -> bits |= 0111;
        case 'X' -> conditional = true;
        case 's' -> bits |= onlyOthers ? 0 : SETUID | SETGID;
        case 't' -> {
          bits |= onlyOthers ? 0 : STICKY;
          mask |= onlyOthers ? 0 : STICKY;
        }
        case 'u' -> copied |= 0100;
        case 'g' -> copied |= 0010;
        case 'o' -> copied |= 0001;
        default -> throw invalid();
      }
    }
    return change(operator, new Wanted(bits, mask, conditional, copied));
  }

  /// @param mask bits that the clause is about
  /// @param conditional execute where somebody has it, or on directories
  /// @param copied which classes' bits are copied, one octal digit each
  private record Wanted(int bits, int mask, boolean conditional, int copied) {
    int bits(int current, int original, boolean directory) {
      int all = bits;
      if (conditional && (directory || (original & 0111) != 0)) {
        all |= 0111;
      }
      for (int shift = 0; shift <= 6; shift += 3) {
        if ((copied >> shift & 1) == 1) {
          all |= (current >> shift & 7) * 0111;
        }
      }
      return all & mask;
    }
  }

  private static Step change(char operator, Wanted wanted) {
    return switch (operator) {
      case '+' -> (bits, original, directory) -> bits | wanted.bits(bits, original, directory);
      case '-' -> (bits, original, _) -> bits & ~wanted.bits(bits, original, true);
      default ->
          (bits, original, directory) ->
              (bits & ~wanted.mask()) | wanted.bits(bits, original, directory);
    };
  }

  private static InvalidRequest invalid() {
    return new InvalidRequest("invalid syntax");
  }
}
