package dev.slipway.session;

import io.grpc.Channel;

/// One connected client. Valid until the client goes; calls then fail `Unavailable`. Thread-safe.
public interface Session {
  String id();

  String name();

  /// Groups sessions of one working copy, for reuse of transferred files; may be empty.
  String sharedKey();

  /// Whether the client announced the method, as `/package.Service/Method`, compared without regard
  /// to case.
  boolean supports(String method);

  /// Through which the client's services are called.
  ///
  /// @throws dev.slipway.failure.Unavailable the client has gone
  Channel channel();
}
