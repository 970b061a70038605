package dev.slipway.workernative.runtime;

import dev.slipway.executor.ContainerSpec;
import dev.slipway.executor.ContainerUser;
import dev.slipway.executor.DeviceEdits;
import dev.slipway.executor.ProcessSpec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Writes the OCI runtime spec (`config.json`) of a step. Pure: everything that had to be looked up
/// comes in.
///
/// The defaults are those of containerd's `pkg/oci/spec.go` with BuildKit's changes
/// (`executor/oci/spec.go`, `spec_linux.go`): no tmpfs on `/run`, no limit of open files, new
/// privileges allowed.
final class RuntimeSpec {
  private static final String VERSION = "1.0.2";
  private static final String DEFAULT_PATH =
      "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
  private static final List<String> MASKED =
      List.of(
          "/proc/acpi",
          "/proc/asound",
          "/proc/kcore",
          "/proc/keys",
          "/proc/latency_stats",
          "/proc/timer_list",
          "/proc/timer_stats",
          "/proc/sched_debug",
          "/sys/firmware",
          "/sys/devices/virtual/powercap",
          "/proc/scsi");
  private static final List<String> READ_ONLY =
      List.of("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger");

  private static final Pattern CGROUP_PATH = Pattern.compile("\"cgroupsPath\":\"([^\"\\\\]+)\"");

  private final Machine machine;

  /// @param machine what is the same for every step
  RuntimeSpec(Machine machine) {
    this.machine = machine;
  }

  /// @param seccomp absent when the kernel cannot filter
  /// @param allPrivileges capabilities of an insecure step
  /// @param cgroupNamespace a private view of the cgroup tree works here
  record Machine(
      Optional<SeccompProfile> seccomp,
      List<String> allPrivileges,
      boolean cgroupNamespace,
      JsonText.Raw sandboxFilter) {
    static Machine of(
        Optional<SeccompProfile> seccomp, List<String> allPrivileges, boolean cgroupNamespace) {
      // The filter is by far the longest part and always the same, so it is written once.
      String filter =
          seccomp
              .map(
                  profile -> JsonText.of(profile.forCapabilities(Set.copyOf(Capabilities.SANDBOX))))
              .orElse("{}");
      return new Machine(
          seccomp, List.copyOf(allPrivileges), cgroupNamespace, new JsonText.Raw(filter));
    }
  }

  /// A mount as the runtime does it.
  record SpecMount(String destination, String type, String source, List<String> options) {}

  /// What was prepared for one container.
  ///
  /// @param rootfs host path
  /// @param mounts in order, on top of the defaults
  /// @param network what sandboxed steps get is decided here
  /// @param ownNetwork handle of the one network that the container enters instead
  /// @param cgroupPath as the runtime wants it
  record Prepared(
      ContainerSpec container,
      Path rootfs,
      List<SpecMount> mounts,
      Path hosts,
      Path resolvConf,
      ContainerSpec.Network network,
      Optional<Path> ownNetwork,
      String cgroupPath) {}

  /// The cgroup that a spec names; empty when there is none, or half of one.
  static Optional<String> cgroupPath(String json) {
    Matcher path = CGROUP_PATH.matcher(json);
    return path.find() ? Optional.of(path.group(1)) : Optional.empty();
  }

  /// The whole `config.json`.
  String json(Prepared prepared, ProcessSpec process, ContainerUser user) {
    ContainerSpec container = prepared.container();
    Map<String, Object> spec = new LinkedHashMap<>();
    spec.put("ociVersion", VERSION);
    spec.put("process", process(process, user, container));
    spec.put(
        "root", Map.of("path", prepared.rootfs().toString(), "readonly", container.rootReadOnly()));
    spec.put("hostname", hostname(container));
    spec.put("mounts", mounts(prepared));
    spec.put("linux", linux(prepared, user));
    if (!container.devices().hooks().isEmpty()) {
      spec.put("hooks", DeviceNodes.hooks(container.devices().hooks()));
    }
    return JsonText.of(spec);
  }

  /// The `process` object, which `exec` takes by itself.
  Map<String, Object> process(ProcessSpec process, ContainerUser user, ContainerSpec container) {
    Map<String, Object> spec = new LinkedHashMap<>();
    spec.put("terminal", process.terminal());
    Map<String, Object> identity = new LinkedHashMap<>();
    identity.put("uid", user.uid());
    identity.put("gid", user.gid());
    List<Object> groups = new ArrayList<>(user.groups());
    groups.addAll(container.devices().groups());
    identity.put("additionalGids", groups);
    spec.put("user", identity);
    spec.put("args", process.args());
    List<String> variables = new ArrayList<>(process.env());
    variables.addAll(container.devices().environment());
    spec.put("env", environment(variables));
    spec.put("cwd", process.workingDirectory());
    List<String> capabilities = capabilities(container);
    Map<String, Object> sets = new LinkedHashMap<>();
    sets.put("bounding", capabilities);
    sets.put("effective", capabilities);
    sets.put("permitted", capabilities);
    if (container.security() == ContainerSpec.Security.INSECURE) {
      sets.put("inheritable", capabilities);
      sets.put("ambient", capabilities);
    }
    spec.put("capabilities", sets);
    if (!container.limits().isEmpty()) {
      List<Object> limits = new ArrayList<>();
      for (ContainerSpec.ResourceLimit limit : container.limits()) {
        Map<String, Object> one = new LinkedHashMap<>();
        one.put("type", "RLIMIT_" + limit.name().toUpperCase(Locale.ROOT));
        one.put("hard", unsigned(limit.hard()));
        one.put("soft", unsigned(limit.soft()));
        limits.add(one);
      }
      spec.put("rlimits", limits);
    }
    spec.put("noNewPrivileges", false);
    return spec;
  }

  static String hostname(ContainerSpec container) {
    return container.hostname().isEmpty() ? NetworkFiles.DEFAULT_HOSTNAME : container.hostname();
  }

  /// The last one of a name counts, in the place of the first.
  private static List<String> environment(List<String> given) {
    Map<String, String> byName = new LinkedHashMap<>();
    for (String variable : given) {
      byName.put(variable.split("=", 2)[0], variable);
    }
    byName.putIfAbsent("PATH", DEFAULT_PATH);
    return List.copyOf(byName.values());
  }

  private List<String> capabilities(ContainerSpec container) {
    return switch (container.security()) {
      case SANDBOX -> Capabilities.SANDBOX;
      case INSECURE -> {
        List<String> all = new ArrayList<>(Capabilities.SANDBOX);
        machine.allPrivileges().stream().filter(name -> !all.contains(name)).forEach(all::add);
        yield all;
      }
    };
  }

  /// Limits of -1 mean unlimited, which is the highest unsigned number.
  private static Object unsigned(long value) {
    return value >= 0 ? value : new JsonText.Raw(Long.toUnsignedString(value));
  }

  private List<Object> mounts(Prepared prepared) {
    boolean insecure = prepared.container().security() == ContainerSpec.Security.INSECURE;
    String access = insecure ? "rw" : "ro";
    List<SpecMount> all = new ArrayList<>();
    all.add(new SpecMount("/proc", "proc", "proc", List.of("nosuid", "noexec", "nodev")));
    all.add(
        new SpecMount(
            "/dev", "tmpfs", "tmpfs", List.of("nosuid", "strictatime", "mode=755", "size=65536k")));
    all.add(
        new SpecMount(
            "/dev/pts",
            "devpts",
            "devpts",
            List.of("nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5")));
    all.add(
        new SpecMount(
            "/dev/shm",
            "tmpfs",
            "shm",
            List.of("nosuid", "noexec", "nodev", "mode=1777", "size=65536k")));
    all.add(new SpecMount("/dev/mqueue", "mqueue", "mqueue", List.of("nosuid", "noexec", "nodev")));
    all.add(new SpecMount("/sys", "sysfs", "sysfs", List.of("nosuid", "noexec", "nodev", access)));
    List<String> fixed = List.of("nosuid", "noexec", "nodev", "rbind", "ro");
    all.add(new SpecMount("/etc/resolv.conf", "bind", prepared.resolvConf().toString(), fixed));
    all.add(new SpecMount("/etc/hosts", "bind", prepared.hosts().toString(), fixed));
    all.add(
        new SpecMount(
            "/sys/fs/cgroup", "cgroup", "cgroup", List.of(access, "nosuid", "noexec", "nodev")));
    all.addAll(prepared.mounts());
    for (DeviceEdits.HostMount mount : prepared.container().devices().mounts()) {
      String type = mount.type().isEmpty() ? "bind" : mount.type();
      all.add(new SpecMount(mount.containerPath(), type, mount.hostPath(), mount.options()));
    }
    return List.copyOf(lastOfEachDestination(all));
  }

  /// A mount on the same place as an earlier one takes its turn too.
  private static List<Map<String, Object>> lastOfEachDestination(List<SpecMount> mounts) {
    Map<String, Map<String, Object>> byDestination = new LinkedHashMap<>();
    for (SpecMount mount : mounts) {
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("destination", mount.destination());
      one.put("type", mount.type());
      one.put("source", mount.source());
      one.put("options", mount.options());
      byDestination.put(mount.destination(), one);
    }
    return List.copyOf(byDestination.values());
  }

  private Map<String, Object> linux(Prepared prepared, ContainerUser user) {
    ContainerSpec container = prepared.container();
    List<DeviceEdits.Node> nodes = DeviceNodes.complete(container.devices().nodes());
    List<Object> devices = new ArrayList<>(DeviceNodes.nodes(nodes, user));
    boolean insecure = container.security() == ContainerSpec.Security.INSECURE;
    Map<String, Object> linux = new LinkedHashMap<>();
    linux.put("cgroupsPath", prepared.cgroupPath());
    linux.put("resources", resources(container, nodes));
    linux.put("namespaces", namespaces(prepared));
    if (insecure) {
      devices.addAll(InsecureDevices.all());
    } else {
      linux.put("maskedPaths", MASKED);
      linux.put("readonlyPaths", READ_ONLY);
      if (machine.seccomp().isPresent()) {
        linux.put("seccomp", machine.sandboxFilter());
      }
    }
    if (!devices.isEmpty()) {
      linux.put("devices", devices);
    }
    return linux;
  }

  private List<Object> namespaces(Prepared prepared) {
    List<Object> namespaces = new ArrayList<>();
    for (String type : List.of("pid", "ipc", "uts", "mount")) {
      namespaces.add(Map.of("type", type));
    }
    if (prepared.ownNetwork().isPresent()) {
      namespaces.add(Map.of("type", "network", "path", prepared.ownNetwork().get().toString()));
    } else if (prepared.network() == ContainerSpec.Network.NONE) {
      namespaces.add(Map.of("type", "network"));
    }
    if (machine.cgroupNamespace()) {
      namespaces.add(Map.of("type", "cgroup"));
    }
    return namespaces;
  }

  private static Map<String, Object> resources(
      ContainerSpec container, List<DeviceEdits.Node> nodes) {
    Map<String, Object> resources = new LinkedHashMap<>();
    List<Object> rules = new ArrayList<>();
    if (container.security() == ContainerSpec.Security.INSECURE) {
      rules.add(device("c"));
      rules.add(device("b"));
    } else {
      Map<String, Object> none = new LinkedHashMap<>();
      none.put("allow", false);
      none.put("access", "rwm");
      rules.add(none);
    }
    rules.addAll(DeviceNodes.rules(nodes));
    resources.put("devices", rules);
    ContainerSpec.LinuxResources wanted = container.resources();
    Map<String, Object> memory = new LinkedHashMap<>();
    putIfSet(memory, "limit", wanted.memoryBytes());
    putIfSet(memory, "swap", wanted.memorySwapBytes());
    Map<String, Object> cpu = new LinkedHashMap<>();
    putIfSet(cpu, "shares", wanted.cpuShares());
    putIfSet(cpu, "quota", wanted.cpuQuota());
    putIfSet(cpu, "period", wanted.cpuPeriod());
    if (!wanted.cpusetCpus().isEmpty()) {
      cpu.put("cpus", wanted.cpusetCpus());
    }
    if (!wanted.cpusetMems().isEmpty()) {
      cpu.put("mems", wanted.cpusetMems());
    }
    if (!memory.isEmpty()) {
      resources.put("memory", memory);
    }
    if (!cpu.isEmpty()) {
      resources.put("cpu", cpu);
    }
    return resources;
  }

  private static Map<String, Object> device(String type) {
    Map<String, Object> allowed = new LinkedHashMap<>();
    allowed.put("allow", true);
    allowed.put("type", type);
    allowed.put("access", "rwm");
    return allowed;
  }

  private static void putIfSet(Map<String, Object> into, String name, long value) {
    if (value != 0) {
      into.put(name, value);
    }
  }
}
