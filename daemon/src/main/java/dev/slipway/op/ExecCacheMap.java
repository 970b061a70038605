package dev.slipway.op;

import dev.slipway.contenthash.ContentHasher.Selection;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.llb.ExecMeta;
import dev.slipway.llb.ExecOp;
import dev.slipway.llb.Mount;
import dev.slipway.llb.Mount.ContentCache;
import dev.slipway.llb.Mount.Sharing;
import dev.slipway.oci.Digest;
import dev.slipway.oci.Platform;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/// The cache digest of an exec op and what of each input counts, as BuildKit forms them (surface
/// reference 5.2; BuildKit v0.32.2, `solver/llbsolver/ops/exec.go`, `CacheMap` and `getMountDeps`).
/// Pure.
final class ExecCacheMap {
  private ExecCacheMap() {}

  /// What of one input counts.
  ///
  /// @param selector digest of the selected paths; empty when no mount selects anything of this
  ///   input
  /// @param content parts whose content may stand for the input, empty list for all of it; absent
  ///   when only the definition counts
  record InputPart(Optional<Digest> selector, Optional<List<Selection>> content) {
    static final InputPart UNUSED = new InputPart(Optional.empty(), Optional.empty());
  }

  static Digest digest(ExecOp op, Platform platform) {
    return Digest.ofText(json(op, platform));
  }

  /// The text that is hashed.
  static String json(ExecOp op, Platform platform) {
    List<Mount> mounts = isPlainRoot(op.mounts()) ? List.of() : op.mounts();
    return GoJson.object(
        json ->
            json.textAlways("Type", "buildkit.exec.v0")
                .raw("Exec", GoJson.object(exec -> writeOp(op, mounts, exec)))
                .textAlways("OS", platform.os())
                .textAlways("Arch", platform.architecture())
                .text("Variant", platform.variant())
                .text("OSVersion", platform.osVersion())
                .texts("OSFeatures", platform.osFeatures()));
  }

  private static void writeOp(ExecOp op, List<Mount> mounts, GoJson json) {
    json.raw("meta", GoJson.object(meta -> writeMeta(op.meta(), meta)))
        .objects("mounts", mounts, ExecCacheMap::writeMount)
        .number("network", op.network().ordinal())
        .number("security", op.security().ordinal())
        .objects(
            "secretenv",
            op.secretEnv(),
            (secret, to) ->
                to.text("ID", secret.id())
                    .text("name", secret.name())
                    .flag("optional", secret.optional()))
        .objects(
            "cdiDevices",
            op.cdiDevices(),
            (device, to) -> to.text("name", device.name()).flag("optional", device.optional()));
  }

  private static void writeMeta(ExecMeta meta, GoJson json) {
    json.texts("args", meta.args())
        .texts("env", meta.env())
        .text("cwd", meta.cwd())
        .text("user", meta.user())
        .objects("extraHosts", meta.extraHosts(), (host, to) -> to.text("Host", host.host()))
        .text("hostname", meta.hostname())
        .objects(
            "ulimit",
            meta.ulimits(),
            (limit, to) ->
                to.text("Name", limit.name())
                    .number("Soft", limit.soft())
                    .number("Hard", limit.hard()))
        .text("cgroupParent", meta.cgroupParent())
        .flag("removeMountStubsRecursive", meta.removeMountStubsRecursive())
        .numbers("validExitCodes", meta.validExitCodes());
  }

  private static void writeMount(Mount mount, GoJson json) {
    json.number("input", mount.input().orElse(-1))
        .text("dest", mount.destination())
        .number("output", mount.output().orElse(-1))
        .flag("readonly", mount.readonly());
    switch (mount) {
      case Mount.Bind _ -> {}
      case Mount.Secret secret ->
          json.number("mountType", 1)
              .object("secretOpt", secret.options(), ExecCacheMap::writeFileOptions);
      case Mount.Ssh ssh ->
          json.number("mountType", 2)
              .object("SSHOpt", ssh.options(), ExecCacheMap::writeFileOptions);
      case Mount.Cache cache ->
          json.number("mountType", 3)
              .object(
                  "cacheOpt",
                  cache.options(),
                  (options, to) -> writeCacheOptions(mount.destination(), options, to));
      case Mount.Tmpfs tmpfs ->
          json.number("mountType", 4)
              .object(
                  "TmpfsOpt", tmpfs.options(), (options, to) -> to.number("size", options.size()));
    }
    json.text("resultID", mount.at().resultId())
        .number("contentCache", mount.at().contentCache().ordinal());
  }

  private static void writeFileOptions(Mount.FileOptions options, GoJson json) {
    json.text("ID", options.id())
        .number("uid", options.uid())
        .number("gid", options.gid())
        .number("mode", Integer.toUnsignedLong(options.mode()))
        .flag("optional", options.optional());
  }

  /// The Dockerfile's default id, with or without a namespace before it, stays in the key; any
  /// other id or sharing does not count.
  private static void writeCacheOptions(
      String destination, Mount.CacheOptions options, GoJson json) {
    String id = options.id();
    int slash = id.indexOf('/');
    boolean usual =
        id.equals(destination) || slash >= 0 && id.substring(slash + 1).equals(destination);
    if (usual && options.sharing() == Sharing.SHARED) {
      json.text("ID", id);
    }
  }

  /// One plain writable root alone is left out of the text, for keys as old versions formed them.
  private static boolean isPlainRoot(List<Mount> mounts) {
    if (mounts.size() != 1) {
      return false;
    }
    Mount only = mounts.getFirst();
    return only instanceof Mount.Bind
        && only.isRoot()
        && !only.readonly()
        && only.at().resultId().isEmpty();
  }

  /// What of each input counts, one an input.
  ///
  /// @throws InvalidRequest a mount names an input that is not there, or forces content keys where
  ///   they would be wrong
  static List<InputPart> inputs(ExecOp op, int inputCount) {
    List<List<String>> selectors = new ArrayList<>();
    boolean[] byContent = new boolean[inputCount];
    for (int i = 0; i < inputCount; i++) {
      selectors.add(new ArrayList<>());
    }
    for (Mount mount : op.mounts()) {
      boolean counts = mount instanceof Mount.Bind || mount instanceof Mount.Cache;
      if (!counts || mount.input().isEmpty()) {
        continue;
      }
      int input = mount.input().getAsInt();
      if (input >= inputCount) {
        throw new InvalidRequest(
            "mount " + mount.destination() + " has invalid input " + input + " of " + inputCount);
      }
      String selector = GoPath.join("/", mount.at().selector());
      selectors.get(input).add(selector);
      byContent[input] = contentCounts(mount, selector);
    }
    List<InputPart> parts = new ArrayList<>();
    for (int i = 0; i < inputCount; i++) {
      List<String> paths = selectors.get(i);
      Optional<Digest> selector =
          paths.isEmpty() ? Optional.empty() : Optional.of(Digest.ofText(String.join("\0", paths)));
      parts.add(
          new InputPart(
              selector, byContent[i] ? Optional.of(selections(paths)) : Optional.empty()));
    }
    return parts;
  }

  /// Content may stand for the input where the step cannot write what it did not select.
  private static boolean contentCounts(Mount mount, String selector) {
    boolean safe = mount.output().isEmpty() || mount.readonly() || selector.equals("/");
    if (mount.at().contentCache() == ContentCache.ON && !safe) {
      throw new InvalidRequest(
          "invalid mount cache content of "
              + mount.destination()
              + ": the mount is writable and selects a part of its input");
    }
    return switch (mount.at().contentCache()) {
      case OFF -> false;
      case ON -> true;
      case DEFAULT -> safe && !mount.isRoot();
    };
  }

  private static List<Selection> selections(List<String> paths) {
    List<String> distinct = withoutNested(paths);
    if (distinct.contains("/") || distinct.contains("")) {
      return List.of();
    }
    return distinct.stream().map(path -> Selection.path(path, true)).toList();
  }

  /// Sorted, without those that lie below another one.
  static List<String> withoutNested(List<String> paths) {
    if (paths.size() <= 1) {
      return paths;
    }
    TreeSet<String> all = new TreeSet<>(paths);
    return all.stream()
        .filter(
            path ->
                all.stream()
                    .noneMatch(
                        other ->
                            !other.equals(path)
                                && path.startsWith(other.endsWith("/") ? other : other + "/")))
        .toList();
  }
}
