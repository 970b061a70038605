package dev.slipway.workernative.runtime;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The device nodes an insecure step finds besides the usual ones (BuildKit
/// `util/entitlements/security`).
final class InsecureDevices {
  private static final int SPARE_LOOPS = 7;

  private InsecureDevices() {}

  static List<Object> all() {
    List<Object> devices = new ArrayList<>();
    devices.add(device("/dev/kmsg", "c", 1, 11));
    devices.add(device("/dev/cuse", "c", 10, 203));
    devices.add(device("/dev/fuse", "c", 10, 229));
    devices.add(device("/dev/kvm", "c", 10, 232));
    devices.add(device("/dev/net/tun", "c", 10, 200));
    devices.add(device("/dev/loop-control", "c", 10, 237));
    for (int loop = 0; loop <= firstFreeLoop() + SPARE_LOOPS; loop++) {
      devices.add(device("/dev/loop" + loop, "b", 7, loop));
    }
    return devices;
  }

  private static int firstFreeLoop() {
    int loop = 0;
    while (Files.exists(Path.of("/sys/block/loop" + loop + "/loop/backing_file"))) {
      loop++;
    }
    return loop;
  }

  private static Map<String, Object> device(String path, String type, int major, int minor) {
    Map<String, Object> device = new LinkedHashMap<>();
    device.put("path", path);
    device.put("type", type);
    device.put("major", major);
    device.put("minor", minor);
    return device;
  }
}
