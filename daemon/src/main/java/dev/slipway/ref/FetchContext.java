package dev.slipway.ref;

import dev.slipway.progress.VertexProgress;
import dev.slipway.session.SessionGroup;
import java.util.List;

/// For whom something is fetched: whose credentials may be asked for, where progress goes, which
/// builds are to remember what was found, and who watches layers' blobs being made.
///
/// @param builds empty where nothing is to be remembered
public record FetchContext(
    SessionGroup sessions, VertexProgress progress, List<BuildMemory> builds, LayerWatch watch) {
  public FetchContext {
    builds = List.copyOf(builds);
  }

  /// A context that nobody watches.
  public FetchContext(SessionGroup sessions, VertexProgress progress, List<BuildMemory> builds) {
    this(sessions, progress, builds, LayerWatch.NONE);
  }

  /// A context that no build remembers anything of.
  public FetchContext(SessionGroup sessions, VertexProgress progress) {
    this(sessions, progress, List.of());
  }

  /// The same, with that one watching.
  public FetchContext watchedBy(LayerWatch other) {
    return new FetchContext(sessions, progress, builds, other);
  }
}
