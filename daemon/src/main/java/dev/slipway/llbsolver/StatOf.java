package dev.slipway.llbsolver;

import dev.slipway.fsutil.Stat;
import dev.slipway.kernel.FileAttributes;
import dev.slipway.kernel.Kernel;
import java.nio.file.Path;

/// Describes a file of a result as frontends see it.
final class StatOf {
  private StatOf() {}
}
