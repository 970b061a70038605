package dev.slipway.ref;

import dev.slipway.progress.VertexProgress;
import dev.slipway.session.SessionGroup;

/// For whom something is fetched: whose credentials may be asked for, where progress goes.
public record FetchContext(SessionGroup sessions, VertexProgress progress) {}
