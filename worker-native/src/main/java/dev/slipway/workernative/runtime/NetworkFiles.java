package dev.slipway.workernative.runtime;

import dev.slipway.executor.ContainerSpec;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.failure.WrongState;
import dev.slipway.worker.WorkerProvider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// `/etc/hosts` and `/etc/resolv.conf` as steps see them: files beside the containers, bind-mounted
/// read-only, so never part of a layer.
///
/// Guarded by its own monitor: the common files are made once and again when the host's change.
final class NetworkFiles {
  private static final Path HOST_RESOLV_CONF = Path.of("/etc/resolv.conf");
  private static final Path SYSTEMD_RESOLV_CONF = Path.of("/run/systemd/resolve/resolv.conf");
  private static final int MOST_BYTES = 1 << 20;
  static final String DEFAULT_HOSTNAME = "buildkitsandbox";

  private final Path directory;
  private final WorkerProvider.Dns dns;
  private final Map<Path, Made> made = new HashMap<>();

  private record Made(Path source, Optional<FileTime> changed) {}

  /// @param directory where the files are kept; exists
  NetworkFiles(Path directory, WorkerProvider.Dns dns) {
    this.directory = directory;
    this.dns = dns;
  }

  /// The file for a step that needs nothing special in it, or one written into the step's own
  /// bundle.
  Path hosts(String hostname, List<ContainerSpec.ExtraHost> extraHosts, Path bundle) {
    boolean common = extraHosts.isEmpty() && hostname.equals(DEFAULT_HOSTNAME);
    Path file = (common ? directory : bundle).resolve("hosts");
    if (common) {
      synchronized (this) {
        if (made.putIfAbsent(file, new Made(file, Optional.empty())) == null) {
          replace(file, hostsText(hostname, extraHosts));
        }
      }
    } else {
      replace(file, hostsText(hostname, extraHosts));
    }
    return file;
  }

  static String hostsText(String hostname, List<ContainerSpec.ExtraHost> extraHosts) {
    StringBuilder text = new StringBuilder();
    text.append("127.0.0.1\tlocalhost ").append(hostname).append('\n');
    text.append("::1\tlocalhost ip6-localhost ip6-loopback\n");
    for (ContainerSpec.ExtraHost extra : extraHosts) {
      if (extra.host().contains("\n") || extra.address().contains("\n")) {
        throw new InvalidRequest("invalid extra host");
      }
      text.append(extra.address()).append('\t').append(extra.host()).append('\n');
    }
    return text.toString();
  }

  /// The resolver configuration for steps in that kind of network.
  synchronized Path resolvConf(ContainerSpec.Network network) {
    boolean host = network == ContainerSpec.Network.HOST;
    Path file = directory.resolve(host ? "resolv-host.conf" : "resolv.conf");
    Path source = host ? HOST_RESOLV_CONF : source();
    var now = new Made(source, changed(source));
    if (!now.equals(made.get(file))) {
      ResolvConf conf = ResolvConf.parse(read(source)).with(dns);
      if (!host || conf.nameservers().isEmpty()) {
        conf = dns.nameservers().isEmpty() ? conf.reachableFromContainers() : conf;
      }
      replace(file, conf.text());
      made.put(file, now);
    }
    return file;
  }

  /// Where only systemd-resolved's stub is named, the servers behind it are in another file.
  private static Path source() {
    List<String> nameservers = ResolvConf.parse(read(HOST_RESOLV_CONF)).nameservers();
    return nameservers.equals(List.of("127.0.0.53")) ? SYSTEMD_RESOLV_CONF : HOST_RESOLV_CONF;
  }

  private static Optional<FileTime> changed(Path file) {
    try {
      return Optional.of(Files.getLastModifiedTime(file));
    } catch (IOException absent) {
      return Optional.empty();
    }
  }

  private static String read(Path file) {
    try {
      return Files.size(file) > MOST_BYTES ? "" : Files.readString(file);
    } catch (IOException absent) {
      return "";
    }
  }

  private static void replace(Path file, String text) {
    Path written = file.resolveSibling(file.getFileName() + ".new");
    try {
      Files.writeString(written, text);
      Files.move(written, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException failed) {
      throw new WrongState("cannot write " + file + ": " + failed.getMessage(), failed);
    }
  }

  /// resolv.conf(5).
  ///
  /// @param others lines of directives that are kept as they are
  record ResolvConf(
      List<String> nameservers, List<String> search, List<String> options, List<String> others) {
    private static final List<String> PUBLIC =
        List.of("8.8.8.8", "8.8.4.4", "2001:4860:4860::8888", "2001:4860:4860::8844");

    static ResolvConf parse(String text) {
      List<String> nameservers = new ArrayList<>();
      List<String> search = new ArrayList<>();
      List<String> options = new ArrayList<>();
      List<String> others = new ArrayList<>();
      for (String line : text.split("\n")) {
        String[] fields = line.strip().split("\\s+");
        if (fields[0].isEmpty() || fields[0].startsWith("#") || fields[0].startsWith(";")) {
          continue;
        }
        List<String> values = List.of(fields).subList(1, fields.length);
        switch (fields[0]) {
          case "nameserver" ->
              values.stream().findFirst().filter(ResolvConf::isAddress).ifPresent(nameservers::add);
          case "domain", "search" -> {
            if (!values.isEmpty()) {
              search.clear();
              search.addAll(values);
            }
          }
          case "options" -> options.addAll(values);
          default -> others.add(line);
        }
      }
      return new ResolvConf(nameservers, search, options, others);
    }

    ResolvConf with(WorkerProvider.Dns dns) {
      return new ResolvConf(
          dns.nameservers().isEmpty() ? nameservers : dns.nameservers(),
          dns.searchDomains().isEmpty()
              ? search
              : dns.searchDomains().stream().filter(domain -> !domain.equals(".")).toList(),
          dns.options().isEmpty() ? options : dns.options(),
          others);
    }

    /// Without servers that listen on the host's loopback only; public ones when none is left.
    ResolvConf reachableFromContainers() {
      List<String> reachable =
          nameservers.stream()
              .filter(server -> !server.startsWith("127.") && !server.equals("::1"))
              .toList();
      return new ResolvConf(reachable.isEmpty() ? PUBLIC : reachable, search, options, others);
    }

    String text() {
      StringBuilder text = new StringBuilder();
      nameservers.forEach(server -> text.append("nameserver ").append(server).append('\n'));
      if (!search.isEmpty()) {
        text.append("search ").append(String.join(" ", search)).append('\n');
      }
      if (!options.isEmpty()) {
        text.append("options ").append(String.join(" ", options)).append('\n');
      }
      others.forEach(line -> text.append(line).append('\n'));
      return text.toString();
    }

    private static boolean isAddress(String text) {
      return text.matches(
          "[0-9]{1,3}(\\.[0-9]{1,3}){3}|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*(%[A-Za-z0-9_.-]+)?");
    }
  }
}
