package dev.slipway.executor;

import java.util.List;

/// Who a process runs as.
///
/// @param groups supplementary groups, the primary one first
public record ContainerUser(long uid, long gid, List<Long> groups) {
  public ContainerUser {
    groups = List.copyOf(groups);
  }
}
