package dev.slipway.op.file;

import dev.slipway.failure.WrongState;
import dev.slipway.kernel.FileAttributes;
import dev.slipway.kernel.Kernel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Makes directories with the parents they need, all with the same mode, owner and time.
record DirectoryMaker(Kernel kernel, FileCalls calls) {
  /// @param root the tree's root, which exists
  /// @param path host path below the root, already resolved
  /// @param mode of each that is made
  /// @return those that were made, outermost first
  List<Path> make(Path root, Path path, int mode, NewAttributes attributes) {
    List<Path> missing = new ArrayList<>();
    Path each = path;
    while (!each.equals(root)) {
      Optional<FileAttributes> found = calls.find(each);
      if (found.isPresent()) {
        if (!found.get().isDirectory()) {
          throw new WrongState("mkdir " + each + ": not a directory");
        }
        break;
      }
      missing.add(each);
      each = FileCalls.parent(each);
    }
    List<Path> made = missing.reversed();
    for (Path directory : made) {
      calls.makeDirectory(directory, mode);
      attributes.applyToMade(kernel, directory);
    }
    restoreTimes(made, attributes);
    return made;
  }

  /// Making something in a directory changes its time, so the wanted one is set again when all is
  /// done.
  void restoreTimes(List<Path> made, NewAttributes attributes) {
    for (Path directory : made.reversed()) {
      attributes.time().ifPresent(nanos -> kernel.setModifiedTime(directory, nanos));
    }
  }
}
