package dev.slipway.llbsolver;

import dev.slipway.failure.Denied;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.op.DeviceGrants;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// Permissions of one build: what it asked for, all of which the operator allows. Immutable.
///
/// @param granted by name; devices may be named as `device=<name>`
public record Entitlements(Set<String> granted) {
  public static final String NETWORK_HOST = "network.host";
  public static final String SECURITY_INSECURE = "security.insecure";
  public static final String DEVICE = "device";
  private static final Set<String> KNOWN = Set.of(NETWORK_HOST, SECURITY_INSECURE, DEVICE);

  public Entitlements {
    granted = Set.copyOf(granted);
  }

  /// @param asked in the request; a device may be named as `device=<name>`
  /// @param allowed by the operator
  /// @throws InvalidRequest an unknown entitlement
  /// @throws Denied one that the operator does not allow
  public static Entitlements grant(List<String> asked, Set<String> allowed) {
    Set<String> granted = new LinkedHashSet<>();
    for (String entitlement : asked) {
      int equals = entitlement.indexOf('=');
      String name = equals < 0 ? entitlement : entitlement.substring(0, equals);
      if (!KNOWN.contains(name)) {
        throw new InvalidRequest("unknown entitlement " + entitlement);
      }
      if (!allowed.contains(name)) {
        throw new Denied(
            "granting entitlement " + name + " is not allowed by build daemon configuration");
      }
      granted.add(name.equals(DEVICE) ? entitlement : name);
    }
    DeviceGrants.of(granted);
    return new Entitlements(granted);
  }

  /// The devices among them.
  DeviceGrants devices() {
    return DeviceGrants.of(granted);
  }

  /// @throws Denied the build did not ask for it
  void require(String entitlement) {
    if (!granted.contains(entitlement)) {
      throw new Denied("failed to load LLB: " + entitlement + " is not allowed");
    }
  }
}
