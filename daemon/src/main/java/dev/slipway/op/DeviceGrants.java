package dev.slipway.op;

import dev.slipway.device.DeviceRegistry;
import dev.slipway.failure.Denied;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.llb.ExecOp;
import dev.slipway.llb.ExecOp.CdiDevice;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Which devices a build may give its steps (BuildKit v0.32.2, `util/entitlements`). Immutable.
///
/// @param all without exception
/// @param devices granted, by the name that steps use; the value is what it stands for, empty when
///   it is no alias
public record DeviceGrants(boolean all, Map<String, String> devices) {
  public static final DeviceGrants NONE = new DeviceGrants(false, Map.of());

  private static final String ENTITLEMENT = "device";
  private static final String ALIAS = "alias=";

  public DeviceGrants {
    devices = Map.copyOf(devices);
  }

  /// @param entitlements as granted: `device` for all, `device=<name>`,
  ///   `device=<name>,alias=<other>`; others are no devices
  /// @throws InvalidRequest a device's entitlement is malformed
  public static DeviceGrants of(Set<String> entitlements) {
    Map<String, String> devices = new LinkedHashMap<>();
    for (String entitlement : entitlements) {
      if (entitlement.startsWith(ENTITLEMENT + "=")) {
        add(devices, entitlement.substring(ENTITLEMENT.length() + 1));
      }
    }
    return new DeviceGrants(entitlements.contains(ENTITLEMENT), devices);
  }

  private static void add(Map<String, String> devices, String config) {
    String[] fields = config.split(",");
    String device = fields[0];
    String alias = "";
    for (int i = 1; i < fields.length; i++) {
      if (!fields[i].startsWith(ALIAS)) {
        throw new InvalidRequest("invalid device config \"" + fields[i] + "\"");
      }
      alias = fields[i].substring(ALIAS.length());
    }
    devices.put(alias.isEmpty() ? device : alias, alias.isEmpty() ? "" : device);
  }

  /// The op with the devices it really gets, by their full names; optional ones that are not there
  /// are left out, and so are not part of the key.
  ///
  /// @throws Denied it asks for one that the build was not granted
  /// @throws dev.slipway.failure.NotFound it needs one that is not there
  public ExecOp granted(ExecOp op, DeviceRegistry registry) {
    if (all || op.cdiDevices().isEmpty()) {
      return op;
    }
    List<CdiDevice> given = new ArrayList<>();
    Set<String> found = new LinkedHashSet<>();
    for (CdiDevice device : op.cdiDevices()) {
      String meant = devices.getOrDefault(device.name(), "");
      if (!meant.isEmpty()) {
        given.add(new CdiDevice(meant, device.optional()));
      } else {
        found.addAll(
            device.optional() ? registry.find(device.name()) : registry.require(device.name()));
      }
    }
    requireGranted(found, registry);
    found.forEach(name -> given.add(new CdiDevice(name, false)));
    return new ExecOp(op.meta(), op.mounts(), op.network(), op.security(), op.secretEnv(), given);
  }

  private void requireGranted(Set<String> found, DeviceRegistry registry) {
    Set<String> granted = new LinkedHashSet<>();
    devices.keySet().forEach(name -> granted.addAll(registry.find(name)));
    List<String> forbidden =
        found.stream()
            .filter(name -> !granted.contains(name) && !registry.isAutoAllowed(name))
            .toList();
    if (!forbidden.isEmpty()) {
      throw new Denied(
          (forbidden.size() == 1
                  ? "device " + forbidden.getFirst() + " is"
                  : "devices " + String.join(", ", forbidden) + " are")
              + " requested by the build but not allowed");
    }
  }
}
