package dev.slipway.llb;

import dev.slipway.api.ops.ExportCache;
import dev.slipway.llb.OpMetadata.LinuxResources;
import dev.slipway.llb.OpMetadata.ProgressGroup;
import java.util.Optional;
import java.util.TreeSet;

/// Metadata from and to the wire.
final class MetadataCodec {
  private MetadataCodec() {}

  static OpMetadata decode(dev.slipway.api.ops.OpMetadata metadata) {
    return new OpMetadata(
        metadata.getIgnoreCache(),
        metadata.getDescriptionMap(),
        metadata.hasExportCache()
            ? Optional.of(metadata.getExportCache().getValue())
            : Optional.empty(),
        new TreeSet<>(metadata.getCapsMap().keySet()),
        metadata.hasProgressGroup()
            ? Optional.of(group(metadata.getProgressGroup()))
            : Optional.empty(),
        metadata.hasLinuxResources()
            ? Optional.of(resources(metadata.getLinuxResources()))
            : Optional.empty());
  }

  static dev.slipway.api.ops.OpMetadata encode(OpMetadata metadata) {
    var encoded =
        dev.slipway.api.ops.OpMetadata.newBuilder()
            .setIgnoreCache(metadata.ignoreCache())
            .putAllDescription(metadata.description());
    metadata.caps().forEach(cap -> encoded.putCaps(cap, true));
    metadata
        .exportCache()
        .ifPresent(value -> encoded.setExportCache(ExportCache.newBuilder().setValue(value)));
    metadata.progressGroup().ifPresent(group -> encoded.setProgressGroup(encode(group)));
    metadata.linuxResources().ifPresent(resources -> encoded.setLinuxResources(encode(resources)));
    return encoded.build();
  }

  static ProgressGroup group(dev.slipway.api.ops.ProgressGroup group) {
    return new ProgressGroup(group.getId(), group.getName(), group.getWeak());
  }

  static dev.slipway.api.ops.ProgressGroup encode(ProgressGroup group) {
    return dev.slipway.api.ops.ProgressGroup.newBuilder()
        .setId(group.id())
        .setName(group.name())
        .setWeak(group.weak())
        .build();
  }

  private static LinuxResources resources(dev.slipway.api.ops.LinuxResources resources) {
    return new LinuxResources(
        resources.getMemory(),
        resources.getMemorySwap(),
        resources.getCpuShares(),
        resources.getCpuPeriod(),
        resources.getCpuQuota(),
        resources.getCpusetCpus(),
        resources.getCpusetMems());
  }

  private static dev.slipway.api.ops.LinuxResources encode(LinuxResources resources) {
    return dev.slipway.api.ops.LinuxResources.newBuilder()
        .setMemory(resources.memory())
        .setMemorySwap(resources.memorySwap())
        .setCpuShares(resources.cpuShares())
        .setCpuPeriod(resources.cpuPeriod())
        .setCpuQuota(resources.cpuQuota())
        .setCpusetCpus(resources.cpusetCpus())
        .setCpusetMems(resources.cpusetMems())
        .build();
  }
}
