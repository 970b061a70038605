package dev.slipway.workerqemu.binfmt;

import java.nio.file.Path;
import java.util.Optional;

/// One rule of the kernel that is switched on.
///
/// @param interpreter path as registered; looked up in the program's own root unless persistent
/// @param persistent flag F: the interpreter was opened when registered and works in every root
public record BinfmtEntry(
    String name, Path interpreter, boolean persistent, String magic, String mask) {
  /// Reads what the kernel shows of a rule; empty when it is off or not about a magic number.
  static Optional<BinfmtEntry> parse(String name, String text) {
    String interpreter = "";
    String flags = "";
    String magic = "";
    String mask = "";
    boolean enabled = false;
    for (String line : text.split("\n")) {
      String[] parts = line.strip().split(" ", 2);
      String value = parts.length > 1 ? parts[1].strip() : "";
      switch (parts[0]) {
        case "enabled" -> enabled = true;
        case "interpreter" -> interpreter = value;
        case "flags:" -> flags = value;
        case "magic" -> magic = value;
        case "mask" -> mask = value;
        default -> {}
      }
    }
    boolean usable =
        enabled
            && !interpreter.isEmpty()
            && magic.matches("([0-9a-f]{2})+")
            && mask.matches("([0-9a-f]{2})*");
    return usable
        ? Optional.of(new BinfmtEntry(name, Path.of(interpreter), flags.contains("F"), magic, mask))
        : Optional.empty();
  }

  boolean runs(ForeignArchitecture architecture) {
    return architecture.isMatchedBy(magic, mask);
  }
}
