package dev.slipway.op;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.device.DeviceRegistry;
import dev.slipway.failure.Denied;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.failure.NotFound;
import dev.slipway.llb.ExecMeta;
import dev.slipway.llb.ExecOp;
import dev.slipway.llb.ExecOp.CdiDevice;
import dev.slipway.llb.LlbDecoder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeviceGrantsTest {
  @TempDir Path folder;
  private DeviceRegistry registry;

  @BeforeEach
  void describe() throws IOException {
    Files.writeString(
        folder.resolve("a.yaml"),
        "kind: vendor.com/d\ndevices:\n- name: x\n- name: y\n- name: free\n  annotations:\n"
            + "    org.mobyproject.buildkit.device.autoallow: true\n");
    registry = new DeviceRegistry(List.of(folder), Set.of());
  }

  @Test
  void whatIsAllowedForAllNeedsNoGrant() {
    assertThat(given(Set.of(), device("vendor.com/d=free")))
        .containsExactly(device("vendor.com/d=free"));
  }

  @Test
  void everythingElseDoes() {
    assertThatThrownBy(() -> given(Set.of(), device("vendor.com/d=x")))
        .isInstanceOf(Denied.class)
        .hasMessage("device vendor.com/d=x is requested by the build but not allowed");
    assertThatThrownBy(
            () ->
                given(
                    Set.of("device=vendor.com/d=free"),
                    device("vendor.com/d=x"),
                    device("vendor.com/d=y")))
        .hasMessage(
            "devices vendor.com/d=x, vendor.com/d=y are requested by the build but not allowed");
  }

  @Test
  void aGrantMayNameADeviceOrAllOfAKind() {
    assertThat(given(Set.of("device=vendor.com/d=x"), device("vendor.com/d=x"))).hasSize(1);
    assertThat(given(Set.of("device=vendor.com/d=*"), device("vendor.com/d=*"))).hasSize(3);
    assertThat(given(Set.of("device"), device("vendor.com/d=x")))
        .containsExactly(device("vendor.com/d=x"));
  }

  @Test
  void anAliasStandsForTheDeviceThatIsGranted() {
    assertThat(given(Set.of("device=vendor.com/d=x,alias=my.gpu/a"), device("my.gpu/a")))
        .containsExactly(device("vendor.com/d=x"));
    assertThatThrownBy(() -> DeviceGrants.of(Set.of("device=a,b=c")))
        .isInstanceOf(InvalidRequest.class);
  }

  @Test
  void optionalDevicesThatAreNotThereAreLeftOut() {
    assertThat(given(Set.of(), new CdiDevice("vendor.com/d=none", true))).isEmpty();
    assertThatThrownBy(() -> given(Set.of(), device("vendor.com/d=none")))
        .isInstanceOf(NotFound.class);
  }

  private List<CdiDevice> given(Set<String> entitlements, CdiDevice... asked) {
    ExecMeta meta =
        LlbDecoder.execMeta(
            dev.slipway.api.ops.Meta.newBuilder().addArgs("true").setCwd("/").build());
    ExecOp op =
        new ExecOp(
            meta,
            List.of(),
            ExecOp.NetworkMode.SANDBOX,
            ExecOp.SecurityMode.SANDBOX,
            List.of(),
            List.of(asked));
    return DeviceGrants.of(entitlements).granted(op, registry).cdiDevices();
  }

  private static CdiDevice device(String name) {
    return new CdiDevice(name, false);
  }
}
