package dev.slipway.frontend.dockerfile.convert;

import dev.slipway.frontend.dockerfile.source.DockerfileError;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/// Which signals STOPSIGNAL may name.
final class StopSignals {
  private static final Set<String> NAMES =
      Set.of(
          "ABRT", "ALRM", "BUS", "CHLD", "CLD", "CONT", "FPE", "HUP", "ILL", "INT", "IO", "IOT",
          "KILL", "PIPE", "POLL", "PROF", "PWR", "QUIT", "SEGV", "STKFLT", "STOP", "SYS", "TERM",
          "TRAP", "TSTP", "TTIN", "TTOU", "URG", "USR1", "USR2", "VTALRM", "WINCH", "XCPU", "XFSZ");
  private static final Pattern REAL_TIME =
      Pattern.compile("RTMIN(?:\\+(?:[1-9]|1[0-5]))?|RTMAX(?:-(?:[1-9]|1[0-4]))?");
  private static final Pattern NUMBER = Pattern.compile("[-+]?[0-9]{1,18}");

  private StopSignals() {}

  /// Fails unless `signal` is a name, with or without `SIG`, or a number other than zero.
  static void check(String signal) {
    if (NUMBER.matcher(signal).matches() ? Long.parseLong(signal) == 0 : !isName(signal)) {
      throw new DockerfileError("invalid signal: " + signal);
    }
  }

  private static boolean isName(String signal) {
    String upper = signal.toUpperCase(Locale.ROOT);
    String name = upper.startsWith("SIG") ? upper.substring(3) : upper;
    return NAMES.contains(name) || REAL_TIME.matcher(name).matches();
  }
}
