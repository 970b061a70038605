package dev.slipway.frontend.dockerfile.convert;

import java.util.Set;

/// What a daemon supports, as far as conversions ask.
final class Capabilities {
  static final Set<String> ALL =
      Set.of(
          "mergeop",
          "exec.meta.setsdefaultpath",
          "exec.meta.ulimit",
          "exec.meta.cdi",
          "exec.meta.cgroup.parent",
          "exec.meta.linux.resources",
          "exec.mount.tmpfs.size",
          "exec.mount.bind.readwrite-nooutput",
          "file.base");

  private Capabilities() {}
}
