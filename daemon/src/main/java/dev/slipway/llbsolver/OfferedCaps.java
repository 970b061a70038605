package dev.slipway.llbsolver;

import dev.slipway.llb.Caps;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/// The capabilities this daemon tells clients it has: the reference's, without those that are not
/// built yet. A client that is told of too many makes builds that cannot run here; told of too few,
/// it does without. Immutable.
final class OfferedCaps {
  /// LLB that the reference can do and this daemon cannot.
  private static final Set<String> LLB_TO_COME = Set.of("exec.meta.security.devices.v1");

  static final SortedSet<String> LLB = without(Caps.LLB, LLB_TO_COME);

  /// Requests of frontends: all that the reference answers.
  static final SortedSet<String> FRONTEND = without(Caps.FRONTEND, Set.of());

  private OfferedCaps() {}

  private static SortedSet<String> without(Set<String> all, Set<String> toCome) {
    SortedSet<String> offered = new TreeSet<>(all);
    offered.removeAll(toCome);
    return java.util.Collections.unmodifiableSortedSet(offered);
  }
}
