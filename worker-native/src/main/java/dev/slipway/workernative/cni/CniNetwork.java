package dev.slipway.workernative.cni;

import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.WrongState;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/// Has the plug-ins of one configuration connect network namespaces and take them off again.
/// Immutable.
final class CniNetwork {
  private static final Pattern HOSTNAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9.-]{0,252}");
  private static final Pattern HOST_END = Pattern.compile("veth[A-Za-z0-9_-]{1,11}");

  private final CniConfig config;
  private final CniPlugins plugins;

  CniNetwork(CniConfig config, CniPlugins plugins) {
    this.config = config;
    this.plugins = plugins;
  }

  /// What is connected.
  ///
  /// @param id names it to the plug-ins, for ever
  /// @param handle of the namespace; empty when that is gone already (then only for [#remove])
  /// @param hostname told to plug-ins that care for names; empty: none
  /// @param scratch directory for the files of runs
  record Attachment(String id, Optional<Path> handle, String hostname, Path scratch) {}

  /// Whether every plug-in's program is there.
  ///
  /// @throws dev.slipway.failure.Unsupported naming the first that is not
  void requirePlugins() {
    config.plugins().forEach(plugin -> plugins.find(type(plugin)));
  }

  /// Runs the plug-ins, each told what the one before it had answered.
  ///
  /// @return the last answer, for [#remove]
  /// @throws WrongState when one fails; those before it have done their work, so [#remove] is due
  String add(Attachment attachment) {
    Optional<Object> previous = Optional.empty();
    String answer = "";
    for (Map<String, Object> plugin : config.plugins()) {
      answer =
          plugins.run(
              type(plugin),
              variables("ADD", attachment),
              input(plugin, previous),
              attachment.scratch());
      previous = Optional.of(parse(type(plugin), answer));
    }
    return answer;
  }

  /// Runs the plug-ins backwards to undo what they did. All of them run, whichever fails: one
  /// plug-in's trouble must not keep another's address.
  ///
  /// @param answer of [#add], if it is known
  /// @throws WrongState the first failure, when all have run
  void remove(Attachment attachment, Optional<String> answer) {
    Optional<Object> previous =
        config.removesByResult() ? answer.flatMap(CniNetwork::known) : Optional.empty();
    Optional<BuildFailure> first = Optional.empty();
    for (Map<String, Object> plugin : config.plugins().reversed()) {
      try {
        plugins.run(
            type(plugin),
            variables("DEL", attachment),
            input(plugin, previous),
            attachment.scratch());
      } catch (BuildFailure failure) {
        if (first.isPresent()) {
          first.get().addSuppressed(failure);
        } else {
          first = Optional.of(failure);
        }
      }
    }
    first.ifPresent(
        failure -> {
          throw failure;
        });
  }

  private Map<String, String> variables(String command, Attachment attachment) {
    Map<String, String> variables = new LinkedHashMap<>();
    variables.put("CNI_COMMAND", command);
    variables.put("CNI_CONTAINERID", attachment.id());
    variables.put("CNI_NETNS", attachment.handle().map(Path::toString).orElse(""));
    variables.put("CNI_IFNAME", config.interfaceName());
    // Kubernetes' name for it is what plug-ins that serve names look at. Nothing else of a build
    // may
    // get in here, as there are plug-ins that take addresses from these arguments.
    variables.put(
        "CNI_ARGS",
        HOSTNAME.matcher(attachment.hostname()).matches()
            ? "IgnoreUnknown=1;K8S_POD_NAME=" + attachment.hostname()
            : "");
    return variables;
  }

  private String input(Map<String, Object> plugin, Optional<Object> previous) {
    Map<String, Object> input = new LinkedHashMap<>(plugin);
    input.put("name", config.name());
    input.put("cniVersion", config.version());
    previous.ifPresent(answer -> input.put("prevResult", answer));
    return JsonMapper.shared().writeValueAsString(input);
  }

  /// A daemon that was killed may have left half of an answer, which is as good as none.
  private static Optional<Object> known(String answer) {
    try {
      return Optional.of(JsonMapper.shared().readValue(answer, Map.class));
    } catch (JacksonException malformed) {
      return Optional.empty();
    }
  }

  /// The host's end of the pair of devices that a network was connected by.
  ///
  /// @param answer of [#add]
  /// @return empty when there is none, or not one alone
  static Optional<String> hostDevice(String answer) {
    List<String> pairs =
        known(answer).stream()
            .flatMap(found -> found instanceof Map<?, ?> result ? devices(result) : Stream.empty())
            .filter(name -> HOST_END.matcher(name).matches())
            .toList();
    return pairs.size() == 1 ? Optional.of(pairs.getFirst()) : Optional.empty();
  }

  private static Stream<String> devices(Map<?, ?> result) {
    return result.get("interfaces") instanceof List<?> all
        ? all.stream()
            .flatMap(
                device ->
                    device instanceof Map<?, ?> told && told.get("name") instanceof String name
                        ? Stream.of(name)
                        : Stream.empty())
        : Stream.empty();
  }

  private static Object parse(String type, String answer) {
    try {
      return JsonMapper.shared().readValue(answer, Map.class);
    } catch (JacksonException malformed) {
      throw new WrongState(
          "CNI plug-in " + type + " answered no JSON: " + malformed.getOriginalMessage(),
          malformed);
    }
  }

  private static String type(Map<String, Object> plugin) {
    return String.valueOf(plugin.get("type"));
  }
}
