package dev.slipway.history;

import dev.slipway.history.BuildRecord.Steps;
import dev.slipway.oci.Digest;
import dev.slipway.progress.ProgressEvent;
import dev.slipway.progress.ProgressEvent.Logged;
import dev.slipway.progress.ProgressEvent.StatusChanged;
import dev.slipway.progress.ProgressEvent.VertexChanged;
import dev.slipway.progress.ProgressEvent.Warned;
import java.util.HashSet;
import java.util.Set;

/// Counts a build's vertices by what became of them. Confined to its owner.
final class StepCount {
  private final Set<Digest> shown = new HashSet<>();
  private final Set<Digest> completed = new HashSet<>();
  private final Set<Digest> cached = new HashSet<>();
  private int warnings;

  void add(ProgressEvent event) {
    switch (event) {
      case VertexChanged change -> {
        shown.add(change.vertex());
        if (change.completed().isPresent()) {
          completed.add(change.vertex());
        }
        if (change.cached()) {
          cached.add(change.vertex());
        }
      }
      case Warned _ -> warnings++;
      case StatusChanged _, Logged _ -> {}
    }
  }

  Steps steps() {
    return new Steps(shown.size(), completed.size(), cached.size(), warnings);
  }
}
