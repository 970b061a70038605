package dev.slipway.workerqemu.binfmt;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.oci.Platform;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class BinfmtTest {
  private static final String DEBIAN_AARCH64 =
      """
      enabled
      interpreter /usr/libexec/qemu-binfmt/aarch64-binfmt-P
      flags: POF
      offset 0
      magic 7f454c460201010000000000000000000200b700
      mask ffffffffffffff00fffffffffffffffffeffffff
      """;

  @TempDir Path folder;

  @Test
  void readsARuleAsTheKernelShowsIt() {
    BinfmtEntry entry = BinfmtEntry.parse("qemu-aarch64", DEBIAN_AARCH64).orElseThrow();

    assertThat(entry.interpreter()).isEqualTo(Path.of("/usr/libexec/qemu-binfmt/aarch64-binfmt-P"));
    assertThat(entry.persistent()).isTrue();
    assertThat(entry.runs(ForeignArchitecture.ARM64)).isTrue();
    assertThat(entry.runs(ForeignArchitecture.ARM)).isFalse();
  }

  @Test
  void passesOverRulesThatAreOffOrAboutFileNames() {
    assertThat(BinfmtEntry.parse("off", DEBIAN_AARCH64.replace("enabled", "disabled"))).isEmpty();
    assertThat(
            BinfmtEntry.parse(
                "jar", "enabled\ninterpreter /usr/bin/jexec\nflags: \nextension .jar\n"))
        .isEmpty();
    assertThat(BinfmtEntry.parse("empty", "")).isEmpty();
  }

  /// Rules as Debian 12's qemu-user-static registers them.
  @ParameterizedTest
  @CsvSource({
    "ARM, 7f454c4601010100000000000000000002002800, ffffffffffffff00fffffffffffffffffeffffff",
    "RISCV64, 7f454c460201010000000000000000000200f300, ffffffffffffff00fffffffffffffffffeffffff",
    "PPC64LE, 7f454c4602010100000000000000000002001500, ffffffffffffff00fffffffffffffffffeffff00",
    "PPC64, 7f454c4602020100000000000000000000020015, ffffffffffffff00fffffffffffffffffffeffff",
    "S390X, 7f454c4602020100000000000000000000020016, ffffffffffffff00fffffffffffffffffffeffff",
    "I386, 7f454c4601010100000000000000000002000300, fffffffffffefe00fffffffffffffffffeffffff"
  })
  void knowsDebiansRules(ForeignArchitecture architecture, String magic, String mask) {
    var entry = new BinfmtEntry("rule", Path.of("/usr/bin/qemu"), true, magic, mask);

    for (ForeignArchitecture each : ForeignArchitecture.values()) {
      assertThat(entry.runs(each)).as(each.name()).isEqualTo(each == architecture);
    }
  }

  @ParameterizedTest
  @EnumSource
  void recognisesItsOwnRegistration(ForeignArchitecture architecture) {
    String[] fields = architecture.registration("qemu-x", "/usr/bin/qemu-x", "POCF").split(":");
    String magic = fields[4].replace("\\x", "");
    String mask = fields[5].replace("\\x", "");

    assertThat(fields[6]).isEqualTo("/usr/bin/qemu-x");
    assertThat(fields[7]).isEqualTo("POCF");
    assertThat(architecture.isMatchedBy(magic, mask)).isTrue();
  }

  @Test
  void prefersARuleThatWorksInEveryRoot() {
    var bound = new BinfmtEntry("a", Path.of("/a"), false, magicOf("ARM64"), "");
    var free = new BinfmtEntry("b", Path.of("/b"), true, magicOf("ARM64"), "");

    assertThat(BinfmtRegistry.find(List.of(bound, free), ForeignArchitecture.ARM64)).hasValue(free);
    assertThat(BinfmtRegistry.find(List.of(bound), ForeignArchitecture.ARM64)).hasValue(bound);
    assertThat(BinfmtRegistry.find(List.of(bound), ForeignArchitecture.ARM)).isEmpty();
  }

  @Test
  void believesTheKernelWhenAllRulesAreSwitchedOff() throws IOException {
    Files.writeString(folder.resolve("register"), "");
    Files.writeString(folder.resolve("status"), "disabled\n");
    Files.writeString(folder.resolve("qemu-aarch64"), DEBIAN_AARCH64);
    var registry = new BinfmtRegistry(folder);

    assertThat(registry.entries()).isEmpty();
    Files.writeString(folder.resolve("status"), "enabled\n");
    assertThat(registry.entries()).hasSize(1);
  }

  @Test
  void mapsPlatformsToArchitectures() {
    assertThat(ForeignArchitecture.of(Platform.parse("linux/arm/v6")))
        .hasValue(ForeignArchitecture.ARM);
    assertThat(ForeignArchitecture.of(Platform.parse("linux/arm/v5")))
        .hasValue(ForeignArchitecture.ARM);
    assertThat(ForeignArchitecture.of(Platform.parse("linux/arm64/v8")))
        .hasValue(ForeignArchitecture.ARM64);
    assertThat(ForeignArchitecture.of(Platform.parse("linux/amd64/v4"))).isEmpty();
    assertThat(ForeignArchitecture.of(Platform.parse("linux/sparc64"))).isEmpty();
  }

  private static String magicOf(String architecture) {
    return ForeignArchitecture.valueOf(architecture)
        .registration("x", "/x", "F")
        .split(":")[4]
        .replace("\\x", "");
  }
}
