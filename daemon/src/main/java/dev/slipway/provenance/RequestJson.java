package dev.slipway.provenance;

import dev.slipway.provenance.ProvenanceOptions.Mode;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;

/// Requests as documents tell them: the build's own, the root of it, and those that made inputs.
final class RequestJson {
  /// Where the configuration lies, in version 1; for requests within another one, in both versions.
  static final String PATH = "path";

  private final Mode mode;

  RequestJson(Mode mode) {
    this.mode = mode;
  }

  static Map<String, Object> configSource(RequestDetails request, String nameOfPath) {
    SequencedMap<String, Object> json = new LinkedHashMap<>();
    if (!request.source().isEmpty()) {
      json.put("uri", request.source());
    }
    if (!request.sourceDigests().isEmpty()) {
      json.put("digest", request.sourceDigests());
    }
    if (!request.path().isEmpty()) {
      json.put(nameOfPath, request.path());
    }
    return json;
  }

  /// `frontend` and `args`.
  void putCall(RequestDetails request, Map<String, Object> json) {
    if (!request.frontend().isEmpty()) {
      json.put("frontend", request.frontend());
    }
    Map<String, String> arguments =
        mode == Mode.MAX ? request.arguments() : request.harmlessArguments();
    if (!arguments.isEmpty()) {
      json.put("args", arguments);
    }
  }

  /// `inputs` and `root`.
  void putWithin(RequestDetails request, Map<String, Object> json) {
    if (!request.inputs().isEmpty()) {
      TreeMap<String, Object> inputs = new TreeMap<>();
      request.inputs().forEach((name, input) -> inputs.put(name, within(input)));
      json.put("inputs", inputs);
    }
    request.root().ifPresent(root -> json.put("root", within(root)));
  }

  private Map<String, Object> within(RequestDetails request) {
    SequencedMap<String, Object> call = new LinkedHashMap<>();
    putCall(request, call);
    putWithin(request, call);
    SequencedMap<String, Object> json = new LinkedHashMap<>();
    json.put("configSource", configSource(request, PATH));
    json.put("request", call);
    return json;
  }
}
