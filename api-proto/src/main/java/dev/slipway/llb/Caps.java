package dev.slipway.llb;

import dev.slipway.failure.Unsupported;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/// Ids of what a daemon can do, as clients ask for them before they build, and which of them an op
/// needs.
///
/// Source: `solver/pb/caps.go`, `frontend/gateway/pb/caps.go`, v0.32.2.
public final class Caps {
  public static final String CONSTRAINTS = "constraints";
  public static final String PLATFORM = "platform";
  public static final String META_IGNORE_CACHE = "meta.ignorecache";
  public static final String META_DESCRIPTION = "meta.description";
  public static final String META_EXPORT_CACHE = "meta.exportcache";
  public static final String MERGE = "mergeop";
  public static final String DIFF = "diffop";
  public static final String PASSTHROUGH = "passthroughop";
  public static final String BUILD_FILENAME = "source.buildop.llbfilename";
  public static final String FILE_BASE = "file.base";
  public static final String EXEC_MOUNT_BIND = "exec.mount.bind";
  public static final String EXEC_SETS_DEFAULT_PATH = "exec.meta.setsdefaultpath";
  public static final String EXEC_LINUX_RESOURCES = "exec.meta.linux.resources";

  /// Only where a client insists on it.
  public static final String LOCAL_DIFFER = "source.local.differ";

  /// What ops may need.
  public static final SortedSet<String> LLB =
      sorted(
          List.of(
              "cache.azblob",
              "cache.gha",
              "cache.s3",
              "constraints",
              "diffop",
              "exec.cgroup",
              "exec.meta.base",
              "exec.meta.cdi",
              "exec.meta.cgroup.parent",
              "exec.meta.linux.resources",
              "exec.meta.network",
              "exec.meta.network.proxy",
              "exec.meta.proxyenv",
              "exec.meta.security",
              "exec.meta.security.devices.v1",
              "exec.meta.setsdefaultpath",
              "exec.meta.ulimit",
              "exec.mount.bind",
              "exec.mount.bind.readwrite-nooutput",
              "exec.mount.cache",
              "exec.mount.cache.content",
              "exec.mount.cache.sharing",
              "exec.mount.secret",
              "exec.mount.selector",
              "exec.mount.ssh",
              "exec.mount.tmpfs",
              "exec.mount.tmpfs.size",
              "exec.secretenv",
              "exec.validexitcode",
              "exporter.image.annotations",
              "exporter.image.attestations",
              "exporter.multiple",
              "exporter.session",
              "exporter.sourcedateepoch",
              "file.base",
              "file.copy.alwaysreplaceexistingdestpaths",
              "file.copy.includeexcludepatterns",
              "file.copy.requiredpaths",
              "file.rm.nofollowsymlink",
              "file.rm.wildcard",
              "file.symlink.create",
              "gc.freespacefilter",
              "history.filter",
              "mergeop",
              "meta.description",
              "meta.exportcache",
              "meta.ignorecache",
              "passthroughop",
              "platform",
              "soruce.http.uidgid",
              "source.buildop.llbfilename",
              "source.git",
              "source.git.bundle",
              "source.git.checkoutbundle",
              "source.git.checksum",
              "source.git.fetchbycommit",
              "source.git.fullurl",
              "source.git.httpauth",
              "source.git.keepgitdir",
              "source.git.knownsshhosts",
              "source.git.mountsshsock",
              "source.git.mtime",
              "source.git.signatureverify",
              "source.git.skipsubmodules",
              "source.git.subdir",
              "source.http",
              "source.http.auth",
              "source.http.checksum",
              "source.http.header",
              "source.http.perm",
              "source.http.signatureverify",
              "source.image",
              "source.image.checksum",
              "source.image.layerlimit",
              "source.image.resolvemode",
              "source.imageblob",
              "source.local",
              "source.local.differ",
              "source.local.excludepatterns",
              "source.local.followpaths",
              "source.local.includepatterns",
              "source.local.metadatatransfer",
              "source.local.sessionid",
              "source.local.sharedkeyhint",
              "source.local.unique",
              "source.ocilayout",
              "source.policy",
              "source.policy.session"));

  /// What frontends may ask of the gateway.
  public static final SortedSet<String> FRONTEND =
      sorted(
          List.of(
              "frontend.caps",
              "frontend.inputs",
              "gateway.evaluate",
              "gateway.exec",
              "gateway.exec.extrahosts",
              "gateway.exec.filesystem",
              "gateway.exec.secretenv",
              "gateway.exec.signals",
              "gateway.solve.evaluate",
              "gateway.solve.metadata",
              "gateway.warnings",
              "importcaches",
              "proto.refarray",
              "readdir",
              "readfile",
              "reference.attestations",
              "reference.output",
              "resolveimage",
              "resolveimage.resolvemode",
              "return",
              "returnmap",
              "solve.base",
              "solve.inlinereturn",
              "source.metaresolver",
              "source.metaresolver.http.checksumrequest",
              "source.metaresolver.image.attestations",
              "statfile"));

  /// Those of [#FRONTEND] that callers should move on from.
  public static final Set<String> DEPRECATED = Set.of("solve.inlinereturn");

  private Caps() {}

  private static SortedSet<String> sorted(List<String> ids) {
    return Collections.unmodifiableSortedSet(new TreeSet<>(ids));
  }

  /// @throws Unsupported naming the first that is needed and not there
  public static void check(Definition definition, Set<String> supported) {
    for (String cap : definition.caps()) {
      if (!supported.contains(cap)) {
        throw new Unsupported(
            LLB.contains(cap)
                ? "requested feature " + cap + " has been disabled on the build server"
                : "unknown API capability " + InvalidOp.clip(cap));
      }
    }
  }

  /// What a source needs.
  static Set<String> of(SourceOp source) {
    Set<String> caps = new HashSet<>();
    String base =
        switch (source.scheme()) {
          case "docker-image" -> "source.image";
          case "docker-image+blob", "oci-layout+blob" -> "source.imageblob";
          case "oci-layout" -> "source.ocilayout";
          case "local" -> "source.local";
          case "git" -> "source.git";
          case "http", "https" -> "source.http";
          default -> "";
        };
    if (!base.isEmpty()) {
      caps.add(base);
    }
    Map<String, String> needed =
        switch (base) {
          case "source.image" -> IMAGE;
          case "source.local" -> LOCAL;
          case "source.git" -> GIT;
          case "source.http" -> HTTP;
          default -> Map.of();
        };
    source
        .attributes()
        .forEach(
            (name, value) -> {
              String cap =
                  needed.get(name.startsWith(SourceOps.HTTP_HEADER_PREFIX) ? HEADER : name);
              if (cap != null && !isDefault(name, value)) {
                caps.add(cap);
              }
            });
    return caps;
  }

  private static final String HEADER = SourceOps.HTTP_HEADER_PREFIX;

  private static final Map<String, String> IMAGE =
      Map.of(
          SourceOps.IMAGE_RESOLVE_MODE, "source.image.resolvemode",
          SourceOps.IMAGE_LAYER_LIMIT, "source.image.layerlimit",
          SourceOps.IMAGE_CHECKSUM, "source.image.checksum");

  private static final Map<String, String> LOCAL =
      Map.of(
          SourceOps.LOCAL_SESSION, "source.local.sessionid",
          SourceOps.LOCAL_UNIQUE, "source.local.unique",
          SourceOps.LOCAL_INCLUDE_PATTERNS, "source.local.includepatterns",
          SourceOps.LOCAL_EXCLUDE_PATTERNS, "source.local.excludepatterns",
          SourceOps.LOCAL_FOLLOW_PATHS, "source.local.followpaths",
          SourceOps.LOCAL_SHARED_KEY_HINT, "source.local.sharedkeyhint",
          SourceOps.LOCAL_METADATA_TRANSFER, "source.local.metadatatransfer");

  private static final Map<String, String> GIT =
      Map.ofEntries(
          Map.entry(SourceOps.GIT_KEEP_DIR, "source.git.keepgitdir"),
          Map.entry(SourceOps.GIT_FULL_URL, "source.git.fullurl"),
          Map.entry(SourceOps.GIT_AUTH_TOKEN_SECRET, "source.git.httpauth"),
          Map.entry(SourceOps.GIT_AUTH_HEADER_SECRET, "source.git.httpauth"),
          Map.entry(SourceOps.GIT_KNOWN_SSH_HOSTS, "source.git.knownsshhosts"),
          Map.entry(SourceOps.GIT_MOUNT_SSH_SOCKET, "source.git.mountsshsock"),
          Map.entry(SourceOps.GIT_CHECKSUM, "source.git.checksum"),
          Map.entry(SourceOps.GIT_SKIP_SUBMODULES, "source.git.skipsubmodules"),
          Map.entry(SourceOps.GIT_MTIME, "source.git.mtime"),
          Map.entry(SourceOps.GIT_FETCH_BY_COMMIT, "source.git.fetchbycommit"),
          Map.entry(SourceOps.GIT_BUNDLE, "source.git.bundle"),
          Map.entry(SourceOps.GIT_CHECKOUT_BUNDLE, "source.git.checkoutbundle"));

  private static final Map<String, String> HTTP =
      Map.of(
          SourceOps.HTTP_CHECKSUM,
          "source.http.checksum",
          SourceOps.HTTP_PERM,
          "source.http.perm",
          SourceOps.HTTP_UID,
          "soruce.http.uidgid",
          SourceOps.HTTP_GID,
          "soruce.http.uidgid",
          SourceOps.HTTP_AUTH_HEADER_SECRET,
          "source.http.auth",
          HEADER,
          "source.http.header",
          SourceOps.HTTP_SIGNATURE_PUBLIC_KEY,
          "source.http.signatureverify",
          SourceOps.HTTP_SIGNATURE,
          "source.http.signatureverify");

  /// Values that a client sends to any daemon.
  private static boolean isDefault(String name, String value) {
    return switch (name) {
      case SourceOps.IMAGE_RESOLVE_MODE -> !value.equals("pull");
      case SourceOps.GIT_AUTH_TOKEN_SECRET -> value.equals("GIT_AUTH_TOKEN");
      case SourceOps.GIT_AUTH_HEADER_SECRET -> value.equals("GIT_AUTH_HEADER");
      default -> false;
    };
  }

  /// What a process needs, but for what does not show in the op itself.
  static Set<String> of(ExecOp exec) {
    Set<String> caps = new HashSet<>(Set.of("exec.meta.base"));
    ExecMeta meta = exec.meta();
    addIf(!meta.validExitCodes().isEmpty(), "exec.validexitcode", caps);
    addIf(!meta.ulimits().isEmpty(), "exec.meta.ulimit", caps);
    addIf(meta.proxyEnv().isPresent(), "exec.meta.proxyenv", caps);
    addIf(exec.network() != ExecOp.NetworkMode.SANDBOX, "exec.meta.network", caps);
    addIf(exec.security() != ExecOp.SecurityMode.SANDBOX, "exec.meta.security", caps);
    addIf(!exec.cdiDevices().isEmpty(), "exec.meta.cdi", caps);
    addIf(!exec.secretEnv().isEmpty(), "exec.mount.secret", caps);
    addIf(!exec.secretEnv().isEmpty(), "exec.secretenv", caps);
    exec.mounts().forEach(mount -> addMount(mount, caps));
    return caps;
  }

  private static void addMount(Mount mount, Set<String> caps) {
    addIf(!mount.at().selector().isEmpty(), "exec.mount.selector", caps);
    addIf(
        mount.at().contentCache() != Mount.ContentCache.DEFAULT, "exec.mount.cache.content", caps);
    switch (mount) {
      case Mount.Bind bind -> addIf(bind.input().isPresent(), EXEC_MOUNT_BIND, caps);
      case Mount.Cache _ -> caps.addAll(Set.of("exec.mount.cache", "exec.mount.cache.sharing"));
      case Mount.Secret _ -> caps.add("exec.mount.secret");
      case Mount.Ssh _ -> caps.add("exec.mount.ssh");
      case Mount.Tmpfs tmpfs -> {
        caps.add("exec.mount.tmpfs");
        addIf(
            tmpfs.options().filter(options -> options.size() > 0).isPresent(),
            "exec.mount.tmpfs.size",
            caps);
      }
    }
  }

  private static void addIf(boolean needed, String cap, Set<String> caps) {
    if (needed) {
      caps.add(cap);
    }
  }
}
