package dev.slipway.llbsolver;

import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.Fact;
import dev.slipway.llb.Definition;
import java.util.Optional;

/// Says of a failed vertex where in the user's files it was written, by the source maps that came
/// with its definition. Immutable.
record SourceLocator(Definition definition) {
  BuildFailure locate(BuildFailure failure) {
    Optional<Fact.AtVertex> at = failure.fact(Fact.AtVertex.class);
    if (at.isEmpty()
        || definition.sources().isEmpty()
        || failure.fact(Fact.AtSource.class).isPresent()) {
      return failure;
    }
    BuildFailure located = failure;
    for (Fact.AtSource source : definition.sources().get().facts(at.get().vertex())) {
      located = located.with(source);
    }
    return located;
  }
}
