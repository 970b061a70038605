package dev.slipway.client.ssh;

import java.io.IOException;

/// Whoever has keys, lists them, and signs with them. Thread-safe.
public non-sealed interface Agent extends Forwarded {
  /// Begins a conversation. Caller closes.
  ///
  /// @throws IOException the agent cannot be reached
  Connection connect() throws IOException;

  /// One conversation: a request, its answer, the next request. For one thread.
  interface Connection extends AutoCloseable {
    /// @param request a message without its length
    /// @return the answer without its length
    /// @throws IOException the agent is gone, or what it said is no message
    byte[] answer(byte[] request) throws IOException;

    @Override
    void close();
  }
}
