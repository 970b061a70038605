package dev.slipway.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.executor.DeviceEdits;
import dev.slipway.executor.DeviceEdits.Hook;
import dev.slipway.executor.DeviceEdits.HostMount;
import dev.slipway.executor.DeviceEdits.Node;
import dev.slipway.failure.NotFound;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeviceRegistryTest {
  private static final String CLASSES =
      """
      cdiVersion: "0.6.0"
      kind: "vendor1.com/device"
      annotations:
        foo.bar.baz: FOO
        org.mobyproject.buildkit.device.autoallow: true
      devices:
      - name: foo
        annotations:
          org.mobyproject.buildkit.device.class: class1
        containerEdits:
          env:
          - FOO=injected
      - name: bar   # listed second, sorted first
        annotations:
          org.mobyproject.buildkit.device.class: class1
        containerEdits:
          env: ["BAR=in, jected"]
      containerEdits:
        env:
          - 'ALL=one: two'
      """;

  @TempDir Path low;
  @TempDir Path high;

  @Test
  void devicesAreFoundByNameKindWildcardAndClass() throws IOException {
    Files.writeString(low.resolve("a.yaml"), CLASSES);
    DeviceRegistry registry = registry();

    assertThat(registry.find("vendor1.com/device=foo")).containsExactly("vendor1.com/device=foo");
    assertThat(registry.find("vendor1.com/device")).containsExactly("vendor1.com/device=bar");
    assertThat(registry.find("vendor1.com/device=*"))
        .containsExactly("vendor1.com/device=bar", "vendor1.com/device=foo");
    assertThat(registry.find("class1")).hasSize(2);
    assertThat(registry.find("class2")).isEmpty();
    assertThatThrownBy(() -> registry.require("vendor2.com/device=x"))
        .isInstanceOf(NotFound.class)
        .hasMessage("required device \"vendor2.com/device=x\" is not registered");
  }

  @Test
  void aFilesOwnEditsAreMadeOnce() throws IOException {
    Files.writeString(low.resolve("a.yaml"), CLASSES);

    DeviceEdits edits = registry().edits(Set.copyOf(registry().find("vendor1.com/device=*")));

    assertThat(edits.environment())
        .containsExactlyInAnyOrder("ALL=one: two", "BAR=in, jected", "FOO=injected");
  }

  @Test
  void jsonSaysTheSame() throws IOException {
    Files.writeString(
        low.resolve("gpu.json"),
        """
        {"cdiVersion": "0.7.0", "kind": "vendor.com/gpu", "devices": [{"name": "0",
          "containerEdits": {
            "deviceNodes": [{"path": "/dev/gpu0", "hostPath": "/dev/real0", "type": "c",
              "major": 195, "minor": 2, "fileMode": 438, "permissions": "rw", "uid": 7}],
            "mounts": [{"hostPath": "/usr/lib/gpu", "containerPath": "/gpu",
              "options": ["ro", "rbind"]}],
            "hooks": [{"hookName": "createContainer", "path": "/bin/hook", "args": ["hook", "x"],
              "timeout": 5}],
            "additionalGids": [0, 44]}}]}
        """);

    DeviceEdits edits = registry().edits(Set.of("vendor.com/gpu=0"));

    assertThat(edits)
        .isEqualTo(
            new DeviceEdits(
                List.of(),
                List.of(
                    new Node(
                        "/dev/gpu0",
                        "/dev/real0",
                        "c",
                        OptionalLong.of(195),
                        OptionalLong.of(2),
                        OptionalInt.of(0666),
                        "rw",
                        OptionalLong.of(7),
                        OptionalLong.empty())),
                List.of(new HostMount("/usr/lib/gpu", "/gpu", "", List.of("ro", "rbind"))),
                List.of(
                    new Hook(
                        "createContainer",
                        "/bin/hook",
                        List.of("hook", "x"),
                        List.of(),
                        Optional.of(5))),
                List.of(44L)));
  }

  @Test
  void laterDirectoriesWinAndContradictionsCountForNothing() throws IOException {
    Files.writeString(low.resolve("a.yaml"), device("x", "low"));
    Files.writeString(high.resolve("a.yaml"), device("x", "high"));
    Files.writeString(high.resolve("b.yaml"), device("y", "one"));
    Files.writeString(high.resolve("c.yaml"), device("y", "two"));

    assertThat(registry().all()).extracting(KnownDevice::name).containsExactly("vendor.com/d=x");
    assertThat(registry().edits(Set.of("vendor.com/d=x")).environment())
        .containsExactly("WHO=high");
  }

  @Test
  void aFileThatMakesNoSenseDoesNotHideTheOthers() throws IOException {
    Files.writeString(low.resolve("a.yaml"), "kind: [unterminated");
    Files.writeString(low.resolve("b.json"), "{");
    Files.writeString(low.resolve("c.yaml"), "kind: nokind\ndevices: []");
    Files.writeString(low.resolve("d.yaml"), device("x", "me"));
    Files.writeString(low.resolve("e.txt"), device("z", "me"));

    assertThat(registry().all()).extracting(KnownDevice::name).containsExactly("vendor.com/d=x");
  }

  @Test
  void devicesAreAllowedByAnnotationNameOrKind() throws IOException {
    Files.writeString(low.resolve("a.yaml"), CLASSES);
    Files.writeString(low.resolve("d.yaml"), device("x", "me"));

    assertThat(registry().isAutoAllowed("vendor1.com/device=foo")).isTrue();
    assertThat(registry().isAutoAllowed("vendor.com/d=x")).isFalse();
    assertThat(
            new DeviceRegistry(List.of(low), Set.of("vendor.com/d"))
                .isAutoAllowed("vendor.com/d=x"))
        .isTrue();
    assertThat(
            new DeviceRegistry(List.of(low), Set.of("vendor.com/d=x"))
                .isAutoAllowed("vendor.com/d=x"))
        .isTrue();
  }

  private static String device(String name, String who) {
    return "kind: vendor.com/d\ndevices:\n  - name: "
        + name
        + "\n    containerEdits:\n      env:\n        - WHO="
        + who
        + "\n";
  }

  private DeviceRegistry registry() {
    return new DeviceRegistry(List.of(low, high), Set.of());
  }
}
