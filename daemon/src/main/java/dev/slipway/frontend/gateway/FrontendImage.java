package dev.slipway.frontend.gateway;

import dev.slipway.llb.Definition;
import dev.slipway.oci.json.OciJson;
import dev.slipway.text.TruthValue;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/// An image that holds a frontend: how to run it, and what its labels promise. Immutable.
///
/// @param definition LLB that produces its tree
/// @param args program and arguments
/// @param env `NAME=value`
/// @param needsNoNetwork it asks to run without
/// @param caps ids of what it can do
record FrontendImage(
    Definition definition,
    List<String> args,
    List<String> env,
    String workingDirectory,
    boolean needsNoNetwork,
    Set<String> caps) {
  private static final String NO_NETWORK = "moby.buildkit.frontend.network.none";
  private static final String CAPS = "moby.buildkit.frontend.caps";

  FrontendImage {
    args = List.copyOf(args);
    env = List.copyOf(env);
    caps = Set.copyOf(caps);
  }

  /// @param config the image config's bytes
  static FrontendImage of(Definition definition, byte[] config) {
    JsonNode run = OciJson.object(config, "image config").path("config");
    List<String> entrypoint = strings(run.path("Entrypoint"));
    String directory = run.path("WorkingDir").asString("");
    JsonNode labels = run.path("Labels");
    return new FrontendImage(
        definition,
        entrypoint.isEmpty() ? List.of("/run") : entrypoint,
        strings(run.path("Env")),
        directory.isEmpty() ? "/" : directory,
        TruthValue.isTrue(labels.path(NO_NETWORK).asString("")),
        capsOf(labels.path(CAPS).asString("")));
  }

  private static List<String> strings(JsonNode array) {
    List<String> strings = new ArrayList<>();
    for (JsonNode each : array) {
      strings.add(each.asString(""));
    }
    return strings;
  }

  /// A list by commas; what follows a plus sign is advice for others.
  static Set<String> capsOf(String list) {
    Set<String> caps = new HashSet<>();
    for (String cap : list.split(",", -1)) {
      String name = cap.split("\\+", 2)[0];
      if (!name.isEmpty()) {
        caps.add(name);
      }
    }
    return caps;
  }
}
