package dev.slipway.op;

import dev.slipway.llb.Mount.FileOptions;
import dev.slipway.session.SessionGroup;
import dev.slipway.snapshot.Mount;
import java.util.List;
import java.util.Optional;

/// Things of the client that a step sees: secrets and ssh agents. Thread-safe.
public interface ClientMounts {
  /// A secret as a file in memory. Caller closes, which forgets it.
  ///
  /// @return empty when it is optional and the client does not have it
  /// @throws dev.slipway.failure.NotFound a required secret is missing
  Optional<ClientMount> secret(FileOptions options, SessionGroup sessions);

  /// A socket at which the client's ssh agent answers. Caller closes.
  ///
  /// @return empty when it is optional and the client does not forward one
  Optional<ClientMount> ssh(FileOptions options, SessionGroup sessions);

  /// A secret's bytes.
  ///
  /// @return empty when the client does not have it
  Optional<byte[]> secretValue(String id, SessionGroup sessions);

  interface ClientMount extends AutoCloseable {
    List<Mount> source();

    @Override
    void close();
  }
}
