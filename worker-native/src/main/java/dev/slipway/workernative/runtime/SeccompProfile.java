package dev.slipway.workernative.runtime;

import dev.slipway.oci.Platform;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The default system call filter, from the rules in `seccomp-default.txt` to what the runtime spec
/// wants, for this machine and a set of capabilities. Immutable.
final class SeccompProfile {
  private static final int EPERM = 1;

  private final List<Rule> rules;
  private final String architecture;
  private final boolean runs386;
  private final int[] kernel;

  private SeccompProfile(List<Rule> rules, String architecture, boolean runs386, int[] kernel) {
    this.rules = rules;
    this.architecture = architecture;
    this.runs386 = runs386;
    this.kernel = kernel;
  }

  /// @param calls names of system calls
  private record Rule(List<String> conditions, List<String> calls) {}

  /// @param platforms what runs here without emulation, the machine's own first
  /// @param kernelRelease as uname(2) says, such as `6.1.0-28-amd64`
  static SeccompProfile load(List<Platform> platforms, String kernelRelease) {
    List<Rule> rules = new ArrayList<>();
    for (String line : resource().split("\n")) {
      if (line.startsWith("  ")) {
        rules.getLast().calls().addAll(List.of(line.strip().split(" ")));
      } else if (!line.isBlank() && !line.startsWith("#")) {
        rules.add(new Rule(List.of(line.split(" ")), new ArrayList<>()));
      }
    }
    String own = platforms.getFirst().architecture();
    String architecture = own.equals("386") ? "x86" : own;
    boolean runs386 = platforms.contains(Platform.of("linux", "386"));
    return new SeccompProfile(List.copyOf(rules), architecture, runs386, version(kernelRelease));
  }

  /// True when the kernel can filter system calls.
  static boolean supported() {
    return Files.exists(Path.of("/proc/sys/kernel/seccomp/actions_avail"));
  }

  /// The `linux.seccomp` object.
  Map<String, Object> forCapabilities(Set<String> capabilities) {
    Map<String, Object> profile = new LinkedHashMap<>();
    profile.put("defaultAction", "SCMP_ACT_ERRNO");
    profile.put("defaultErrnoRet", EPERM);
    if (!architectures().isEmpty()) {
      profile.put("architectures", architectures());
    }
    List<Object> calls = new ArrayList<>();
    for (Rule rule : rules) {
      if (rule.conditions().stream().allMatch(condition -> holds(condition, capabilities))) {
        calls.add(call(rule));
      }
    }
    profile.put("syscalls", calls);
    return profile;
  }

  private boolean holds(String condition, Set<String> capabilities) {
    boolean not = condition.startsWith("!");
    String[] parts = condition.substring(not ? 1 : 0).split("=", 2);
    return not
        != switch (parts[0]) {
          case "arch" -> List.of(parts[1].split(",")).contains(architecture);
          case "cap" -> capabilities.contains("CAP_" + parts[1]);
          case "kernel" -> atLeast(version(parts[1]));
          default -> true;
        };
  }

  private static Map<String, Object> call(Rule rule) {
    Map<String, Object> call = new LinkedHashMap<>();
    call.put("names", rule.calls());
    call.put("action", "SCMP_ACT_ALLOW");
    for (String condition : rule.conditions()) {
      String[] parts = condition.split("=", 2);
      if (parts[0].equals("errno")) {
        call.put("action", "SCMP_ACT_ERRNO");
        call.put("errnoRet", Integer.parseInt(parts[1]));
      } else if (parts[0].equals("arg")) {
        call.put("args", List.of(argument(parts[1].split(","))));
      }
    }
    return call;
  }

  private static Map<String, Object> argument(String[] parts) {
    Map<String, Object> argument = new LinkedHashMap<>();
    argument.put("index", Integer.parseInt(parts[0]));
    argument.put("value", Long.parseLong(parts[2]));
    if (parts.length > 3) {
      argument.put("valueTwo", Long.parseLong(parts[3]));
    }

    argument.put("op", "SCMP_CMP_" + parts[1]);
    return argument;
  }

  /// The machine's own architecture first, then those whose programs it runs as well.
  private List<String> architectures() {
    return switch (architecture) {
      // The filter is built at each start, for each architecture: none for what cannot run here.
      case "amd64" ->
          runs386
              ? List.of("SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32")
              : List.of("SCMP_ARCH_X86_64");
      case "arm64" -> List.of("SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM");
      case "s390x" -> List.of("SCMP_ARCH_S390X", "SCMP_ARCH_S390");
      case "riscv64" -> List.of("SCMP_ARCH_RISCV64");
      default -> List.of();
    };
  }

  private boolean atLeast(int[] wanted) {
    return kernel[0] > wanted[0] || (kernel[0] == wanted[0] && kernel[1] >= wanted[1]);
  }

  private static int[] version(String text) {
    String[] parts = text.split("[.-]");
    return new int[] {
      Integer.parseInt(parts[0]), parts.length > 1 ? Integer.parseInt(parts[1]) : 0
    };
  }

  private static String resource() {
    try (InputStream in = SeccompProfile.class.getResourceAsStream("seccomp-default.txt")) {
      if (in == null) {
        throw new IllegalStateException("seccomp-default.txt is missing from the class path");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException failed) {
      throw new IllegalStateException("cannot read seccomp-default.txt", failed);
    }
  }
}
