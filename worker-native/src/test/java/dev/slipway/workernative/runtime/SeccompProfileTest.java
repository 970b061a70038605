package dev.slipway.workernative.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.oci.Platform;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SeccompProfileTest {
  @Test
  void forbidsWhatNoRuleAllows() {
    Map<String, Object> profile = profile("amd64", "6.1.0-28-amd64", Capabilities.SANDBOX);

    assertThat(profile)
        .containsEntry("defaultAction", "SCMP_ACT_ERRNO")
        .containsEntry("defaultErrnoRet", 1)
        .containsEntry(
            "architectures", List.of("SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"));
    assertThat(allowed(profile))
        .contains("openat", "execve", "ptrace", "chroot", "arch_prctl")
        .doesNotContain("mount", "bpf", "reboot", "kexec_load", "riscv_flush_icache");
  }

  @Test
  void allowsMoreToProcessesWithMoreCapabilities() {
    Map<String, Object> profile =
        profile("amd64", "6.1.0", List.of("CAP_SYS_ADMIN", "CAP_SYS_BOOT"));

    assertThat(allowed(profile)).contains("mount", "reboot").doesNotContain("chroot");
  }

  @ParameterizedTest
  @CsvSource({"4.7.9, false", "4.8.0-rc1, true", "5.0, true", "10.1, true"})
  void knowsWhatAKernelCanDo(String release, boolean traces) {
    assertThat(allowed(profile("amd64", release, List.of())).contains("ptrace")).isEqualTo(traces);
  }

  @Test
  void limitsArgumentsWhereTheRuleSaysSo() {
    Map<String, Object> profile = profile("arm64", "6.1.0", Capabilities.SANDBOX);

    assertThat(calls(profile))
        .contains(
            Map.of(
                "names",
                List.of("clone"),
                "action",
                "SCMP_ACT_ALLOW",
                "args",
                List.of(
                    Map.of(
                        "index",
                        0,
                        "value",
                        2114060288L,
                        "valueTwo",
                        0L,
                        "op",
                        "SCMP_CMP_MASKED_EQ"))))
        .contains(Map.of("names", List.of("clone3"), "action", "SCMP_ACT_ERRNO", "errnoRet", 38));
    assertThat(allowed(profile)).contains("arm_fadvise64_64");
  }

  private static Map<String, Object> profile(
      String architecture, String release, List<String> capabilities) {
    return SeccompProfile.load(
            List.of(Platform.of("linux", architecture), Platform.of("linux", "386")), release)
        .forCapabilities(Set.copyOf(capabilities));
  }

  private static List<Object> calls(Map<String, Object> profile) {
    return List.copyOf((List<?>) profile.get("syscalls"));
  }

  private static List<String> allowed(Map<String, Object> profile) {
    return calls(profile).stream()
        .map(call -> (Map<?, ?>) call)
        .filter(call -> "SCMP_ACT_ALLOW".equals(call.get("action")) && !call.containsKey("args"))
        .flatMap(call -> ((List<?>) call.get("names")).stream())
        .map(Object::toString)
        .toList();
  }
}
