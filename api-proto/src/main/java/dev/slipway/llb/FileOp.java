package dev.slipway.llb;

import java.util.List;

/// Changes files without running a process.
///
/// @param actions not empty, each may build on those before it
public record FileOp(List<FileAction> actions) implements Op {
  public FileOp {
    actions = List.copyOf(actions);
  }
}
