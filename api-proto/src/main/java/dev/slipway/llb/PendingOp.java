package dev.slipway.llb;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/// An op of a [State] that is not encoded yet. Compared by identity.
sealed interface PendingOp
    permits PendingSource,
        PendingExec,
        PendingFile,
        PendingMerge,
        PendingDiff,
        PendingBuild,
        PendingPassthrough {
  Constraints constraints();

  /// States that must be encoded first, in the order in which they are; never scratch.
  List<State> uses();

  /// @param inputs finds a state's encoded output; empty for scratch
  Parts parts(Function<State, Optional<Input>> inputs, Constraints defaults);

  /// @param platformSpecific whether the platform is part of the op
  /// @param caps what the op needs of a daemon
  record Parts(List<Input> inputs, Op op, boolean platformSpecific, Set<String> caps) {}
}
