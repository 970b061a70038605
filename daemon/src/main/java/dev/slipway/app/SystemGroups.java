package dev.slipway.app;

import dev.slipway.failure.InvalidRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Groups of this machine by name.
final class SystemGroups {
  private SystemGroups() {}

  /// @param group a name or a number
  /// @throws InvalidRequest there is no such group
  static int id(String group) {
    if (group.matches("[0-9]{1,9}")) {
      return Integer.parseInt(group);
    }
    try {
      for (String line : Files.readAllLines(Path.of("/etc/group"))) {
        String[] fields = line.split(":", -1);
        if (fields.length > 2 && fields[0].equals(group)) {
          return Integer.parseInt(fields[2]);
        }
      }
    } catch (IOException | NumberFormatException unreadable) {
      throw new InvalidRequest("group " + group + ": /etc/group cannot be read", unreadable);
    }
    throw new InvalidRequest("group " + group + " does not exist");
  }
}
