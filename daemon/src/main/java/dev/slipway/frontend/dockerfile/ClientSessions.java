package dev.slipway.frontend.dockerfile;

import java.util.Map;
import java.util.UUID;

/// Which session serves which of the client's directories.
///
/// @param main session of the client that drives the build; empty when there is none
/// @param options those named `local-sessionid:<directory>` name other sessions
/// @param uniqueId for directories of no known session
record ClientSessions(String main, Map<String, String> options, String uniqueId) {

  ClientSessions {
    options = Map.copyOf(options);
  }

  static ClientSessions of(String main, Map<String, String> options) {
    return new ClientSessions(main, options, UUID.randomUUID().toString());
  }

  String of(String directory) {
    return options.getOrDefault("local-sessionid:" + directory, main);
  }
}
