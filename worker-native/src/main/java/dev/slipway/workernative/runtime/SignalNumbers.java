package dev.slipway.workernative.runtime;

import dev.slipway.failure.InvalidRequest;
import java.util.List;
import java.util.Locale;

/// Signals by name (signal(7)); numbers as on x86 and arm.
final class SignalNumbers {
  private static final List<String> NAMES =
      List.of(
          "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2",
          "PIPE", "ALRM", "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG",
          "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS");

  private SignalNumbers() {}

  /// @param name with or without `SIG`, or a number
  static int require(String name) {
    String plain = name.toUpperCase(Locale.ROOT).replaceFirst("^SIG", "");
    int number = plain.matches("[0-9]{1,2}") ? Integer.parseInt(plain) : NAMES.indexOf(plain) + 1;
    if (number < 1 || number > 64) {
      throw new InvalidRequest("unknown signal " + name);
    }
    return number;
  }
}
