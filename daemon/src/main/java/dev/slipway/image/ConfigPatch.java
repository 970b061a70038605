package dev.slipway.image;

import dev.slipway.failure.InvalidRequest;
import dev.slipway.oci.Descriptor;
import dev.slipway.oci.DiffId;
import dev.slipway.oci.ImageConfig;
import dev.slipway.oci.ImageConfig.History;
import dev.slipway.oci.Platform;
import dev.slipway.oci.json.GoJson;
import dev.slipway.oci.json.OciJson;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.TreeMap;

/// Completes a frontend's image config with what only the exporter knows: layers, history's times,
/// creation time. Everything else is kept as the frontend wrote it; top-level members come out
/// sorted, as Go writes maps.
final class ConfigPatch {
  private ConfigPatch() {}

  /// @param layers with the diff id annotated
  /// @param epoch no time is later than that
  /// @param base config of the image built upon: its history keeps its times
  /// @param inlined cache records to carry along
  static byte[] patched(
      byte[] config,
      List<Descriptor> layers,
      List<History> history,
      Optional<Instant> epoch,
      Optional<ImageConfig> base,
      Optional<byte[]> inlined) {
    Platform platform = OciJson.config(config).platform();
    if (platform.os().isEmpty()) {
      throw new InvalidRequest("invalid image config for export: missing os");
    }
    if (platform.architecture().isEmpty()) {
      throw new InvalidRequest("invalid image config for export: missing architecture");
    }
    Map<String, Object> members =
        new TreeMap<>(GoJson.members(new String(config, StandardCharsets.UTF_8)));
    List<History> clamped = epoch.map(latest -> clamped(history, latest, base)).orElse(history);
    members.put("rootfs", rootfs(layers));
    members.put(
        "history",
        clamped.isEmpty() ? new GoJson.Raw("null") : clamped.stream().map(OciJson::tree).toList());
    members.put("created", created(config, clamped, epoch));
    inlined.ifPresent(
        records ->
            members.put("moby.buildkit.cache.v0", Base64.getEncoder().encodeToString(records)));
    return GoJson.compact(members);
  }

  /// The config of a result whose frontend made none.
  static byte[] plain(Platform platform) {
    SequencedMap<String, Object> json = new LinkedHashMap<>();
    json.put("architecture", platform.architecture());
    json.put("os", platform.os());
    if (!platform.variant().isEmpty()) {
      json.put("variant", platform.variant());
    }
    SequencedMap<String, Object> run = new LinkedHashMap<>();
    run.put("Env", List.of("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"));
    run.put("WorkingDir", "/");
    json.put("config", run);
    return GoJson.compact(json);
  }

  private static SequencedMap<String, Object> rootfs(List<Descriptor> layers) {
    List<Object> diffIds = new ArrayList<>();
    for (Descriptor layer : layers) {
      diffIds.add(
          layer
              .diffId()
              .map(DiffId::toString)
              .orElseThrow(
                  () -> new InvalidRequest("layer " + layer.digest() + " without diff id")));
    }
    SequencedMap<String, Object> rootfs = new LinkedHashMap<>();
    rootfs.put("type", "layers");
    rootfs.put("diff_ids", diffIds.isEmpty() ? new GoJson.Raw("null") : diffIds);
    return rootfs;
  }

  private static List<History> clamped(
      List<History> history, Instant latest, Optional<ImageConfig> base) {
    List<History> old = base.map(ImageConfig::history).orElse(List.of());
    List<History> clamped = new ArrayList<>();
    boolean diverged = false;
    for (int i = 0; i < history.size(); i++) {
      History each = history.get(i);
      diverged =
          diverged
              || i >= old.size()
              || !each.equals(old.get(i).withCreated(old.get(i).created().flatMap(GoValues::time)));
      boolean keep =
          !diverged
              || each.created()
                  .flatMap(GoValues::parse)
                  .filter(time -> !time.toInstant().isAfter(latest))
                  .isPresent();
      clamped.add(keep ? each : each.withCreated(Optional.of(GoValues.format(latest))));
    }
    return clamped;
  }

  private static Object created(byte[] config, List<History> history, Optional<Instant> epoch) {
    Optional<GoJson.Raw> given =
        Optional.ofNullable(
            GoJson.members(new String(config, StandardCharsets.UTF_8)).get("created"));
    if (given.isEmpty()) {
      Optional<String> last =
          history.reversed().stream().flatMap(each -> each.created().stream()).findFirst();
      return last.<Object>map(time -> time).orElse(new GoJson.Raw("null"));
    }
    boolean late =
        epoch.isPresent()
            && OciJson.config(config)
                .created()
                .flatMap(GoValues::parse)
                .filter(time -> time.toInstant().isAfter(epoch.get()))
                .isPresent();
    return late ? GoValues.format(epoch.get()) : given.get();
  }
}
