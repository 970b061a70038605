package dev.slipway.device;

import java.util.Map;

/// A device that is described here.
///
/// @param name `vendor/class=name`
/// @param autoAllowed builds may have it without asking
/// @param annotations of its specification and its own
public record KnownDevice(String name, boolean autoAllowed, Map<String, String> annotations) {
  public KnownDevice {
    annotations = Map.copyOf(annotations);
  }

  /// `vendor/class`
  public String kind() {
    return name.substring(0, name.indexOf('='));
  }
}
