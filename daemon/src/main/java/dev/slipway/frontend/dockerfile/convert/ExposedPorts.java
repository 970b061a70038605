package dev.slipway.frontend.dockerfile.convert;

import dev.slipway.frontend.dockerfile.lint.LintRule;
import dev.slipway.frontend.dockerfile.lint.Linter;
import dev.slipway.frontend.dockerfile.shell.GoText;
import dev.slipway.frontend.dockerfile.source.DockerfileError;
import dev.slipway.frontend.dockerfile.source.LineSpan;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/// Reads the ports of EXPOSE: `[[ip:]host:]container[-last][/protocol]`, of which only the
/// container's side counts.
final class ExposedPorts {
  private static final Set<String> PROTOCOLS = Set.of("tcp", "udp", "sctp");
  private static final int LAST_PORT = 65_535;
  private static final Pattern IPV4 =
      Pattern.compile("(?:(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)(?:\\.(?!$)|$)){4}");
  private static final Pattern IPV6 = Pattern.compile("[0-9a-fA-F]*:[0-9a-fA-F:]*(?:[0-9.]+)?");

  private final LineSpan place;
  private final Linter linter;

  ExposedPorts(LineSpan place, Linter linter) {
    this.place = place;
    this.linter = linter;
  }

  private record Range(int first, int last) {
    int length() {
      return last - first;
    }
  }

  /// All ports, ranges spelled out, as `80/tcp`.
  List<String> parse(List<String> written) {
    List<String> ports = new ArrayList<>();
    for (String port : written) {
      ports.addAll(parse(port));
    }
    return ports;
  }

  private List<String> parse(String port) {
    int lastColon = port.lastIndexOf(':');
    int hostColon = lastColon < 0 ? -1 : port.lastIndexOf(':', lastColon - 1);
    String address = hostColon < 0 ? "" : port.substring(0, hostColon);
    String hostPort = lastColon < 0 ? "" : port.substring(hostColon + 1, lastColon);
    String rest = port.substring(lastColon + 1);
    int slash = rest.indexOf('/');
    String container = slash < 0 ? rest : rest.substring(0, slash);
    String protocol = slash < 0 || slash + 1 == rest.length() ? "tcp" : rest.substring(slash + 1);
    String lowerProtocol = protocol.toLowerCase(Locale.ROOT);
    if (container.isEmpty()) {
      throw invalid(port, "no port specified");
    }
    if (!PROTOCOLS.contains(lowerProtocol)) {
      throw invalid(port, "invalid proto: " + protocol);
    }
    advise(port, protocol.equals(lowerProtocol), address.isEmpty() && hostPort.isEmpty());
    checkAddress(address);
    Range range = range(container, "containerPort");
    if (!hostPort.isEmpty()) {
      Range hostRange = range(hostPort, "hostPort");
      if (range.length() != hostRange.length() && range.length() > 0) {
        throw new DockerfileError(
            "invalid ranges specified for container and host Ports: "
                + container
                + " and "
                + hostPort);
      }
    }
    List<String> ports = new ArrayList<>();
    for (int number = range.first(); number <= range.last(); number++) {
      ports.add(number + "/" + lowerProtocol);
    }
    return ports;
  }

  private static DockerfileError invalid(String port, String what) {
    return new DockerfileError("invalid port: " + GoText.quote(port) + ": " + what);
  }

  private void advise(String port, boolean lowerCase, boolean containerOnly) {
    if (!lowerCase) {
      linter.warn(
          LintRule.EXPOSE_PROTO_CASING,
          place,
          "Defined protocol '" + port + "' in EXPOSE instruction should be lowercase");
    }
    if (!containerOnly) {
      linter.warn(
          LintRule.EXPOSE_INVALID_FORMAT,
          place,
          "EXPOSE instruction should not define an IP address or host-port mapping, found '"
              + port
              + "'");
    }
  }

  private static void checkAddress(String address) {
    boolean bracketed = address.startsWith("[") && address.endsWith("]");
    String bare = bracketed ? address.substring(1, address.length() - 1) : address;
    if (!bare.isEmpty() && !IPV4.matcher(bare).matches() && !IPV6.matcher(bare).matches()) {
      throw new DockerfileError("invalid IP address: " + bare);
    }
  }

  private static Range range(String text, String what) {
    int dash = text.indexOf('-');
    int first = number(dash < 0 ? text : text.substring(0, dash), text, what);
    int last = dash < 0 ? first : number(text.substring(dash + 1), text, what);
    if (last < first) {
      throw new DockerfileError("invalid " + what + ": " + text);
    }
    return new Range(first, last);
  }

  private static int number(String digits, String text, String what) {
    if (!digits.matches("\\+?[0-9]{1,9}") || Integer.parseInt(digits) > LAST_PORT) {
      throw new DockerfileError("invalid " + what + ": " + text);
    }
    return Integer.parseInt(digits);
  }
}
