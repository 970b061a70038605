package dev.slipway.frontend;

import dev.slipway.llb.Definition;
import java.util.Map;

/// Turns options and inputs into a result by solving LLB.
public interface Frontend {
  /// Blocks; interruption cancels.
  FrontendResult solve(Request request, FrontendBridge bridge);

  /// @param options as the client gave them: `filename`, `build-arg:NAME`, `platform`, …
  /// @param inputs definitions by name, given by the client
  record Request(Map<String, String> options, Map<String, Definition> inputs) {
    public Request {
      options = Map.copyOf(options);
      inputs = Map.copyOf(inputs);
    }
  }
}
