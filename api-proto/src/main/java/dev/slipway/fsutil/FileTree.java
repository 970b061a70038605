package dev.slipway.fsutil;

import java.io.IOException;
import java.io.InputStream;

/// Files to be sent.
public interface FileTree {
  /// Visits every entry, in the order of [TreePaths#ORDER], without the root. May be called again.
  void walk(Visitor visitor);

  /// Opens a regular file that was visited. Caller closes.
  ///
  /// @throws IOException it cannot be read, or is not there any more
  InputStream open(String path) throws IOException;

  @FunctionalInterface
  interface Visitor {
    void visit(Stat stat);
  }
}
