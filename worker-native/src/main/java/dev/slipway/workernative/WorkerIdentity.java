package dev.slipway.workernative;

import dev.slipway.failure.WrongState;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;

/// A worker's id: 25 characters of base 36 as BuildKit makes them, drawn once and kept in a file.
public final class WorkerIdentity {
  private static final int CHARACTERS = 25;

  private WorkerIdentity() {}

  /// @param file read when it holds an id, else written
  public static String of(Path file) {
    try {
      if (Files.exists(file)) {
        String id = Files.readString(file).strip();
        if (id.matches("[a-z0-9]{" + CHARACTERS + "}")) {
          return id;
        }
      }
      String digits = new BigInteger(160, new SecureRandom()).toString(36);
      String id =
          ("0".repeat(CHARACTERS) + digits).substring(CHARACTERS + digits.length() - CHARACTERS);
      Path written = file.resolveSibling(file.getFileName() + ".new");
      Files.writeString(written, id + "\n");
      Files.move(written, file, StandardCopyOption.ATOMIC_MOVE);
      return id;
    } catch (IOException failed) {
      throw new WrongState(
          "cannot keep the worker's id in " + file + ": " + failed.getMessage(), failed);
    }
  }
}
