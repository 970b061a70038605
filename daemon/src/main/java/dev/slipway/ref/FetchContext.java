package dev.slipway.ref;

import dev.slipway.progress.VertexProgress;
import dev.slipway.session.SessionGroup;
import java.util.List;

/// For whom something is fetched: whose credentials may be asked for, where progress goes, and
/// which builds are to remember what was found.
///
/// @param builds empty where nothing is to be remembered
public record FetchContext(
    SessionGroup sessions, VertexProgress progress, List<BuildMemory> builds) {
  public FetchContext {
    builds = List.copyOf(builds);
  }

  /// A context that no build remembers anything of.
  public FetchContext(SessionGroup sessions, VertexProgress progress) {
    this(sessions, progress, List.of());
  }
}
