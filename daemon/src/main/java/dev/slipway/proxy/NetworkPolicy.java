package dev.slipway.proxy;

import java.net.URI;

/// What the builds that want a step let it fetch.
@FunctionalInterface
public interface NetworkPolicy {
  NetworkPolicy ALLOW_ALL = (_, wanted) -> wanted;

  /// Blocks while a client is asked.
  ///
  /// @param method of HTTP: `GET`
  /// @param wanted absolute, `http` or `https`
  /// @return what is to be fetched instead, or the same
  /// @throws dev.slipway.failure.BuildFailure it is not allowed
  URI check(String method, URI wanted);
}
