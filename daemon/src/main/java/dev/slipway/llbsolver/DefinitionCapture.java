package dev.slipway.llbsolver;

import dev.slipway.llb.BuildOp;
import dev.slipway.llb.Definition;
import dev.slipway.llb.DiffOp;
import dev.slipway.llb.ExecOp;
import dev.slipway.llb.FileOp;
import dev.slipway.llb.MergeOp;
import dev.slipway.llb.Mount;
import dev.slipway.llb.OpVertex;
import dev.slipway.llb.PassthroughOp;
import dev.slipway.llb.SourceOp;
import dev.slipway.llb.SourceOps;
import dev.slipway.oci.Digest;
import dev.slipway.oci.Platform;
import dev.slipway.op.Pins;
import dev.slipway.provenance.Access;
import dev.slipway.provenance.Capture;
import dev.slipway.provenance.Material;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Tells what went into a result from its definition, and from what its sources resolved to.
final class DefinitionCapture {
  private final Pins pins;
  private final Platform defaultPlatform;

  /// @param defaultPlatform of ops that name none
  DefinitionCapture(Pins pins, Platform defaultPlatform) {
    this.pins = pins;
    this.defaultPlatform = defaultPlatform;
  }

  Capture of(Definition definition) {
    Capture capture = new Capture();
    Set<Digest> seen = new HashSet<>();
    definition.head().ifPresent(head -> walk(definition, head.vertex(), seen, capture));
    return capture;
  }

  private void walk(Definition definition, Digest digest, Set<Digest> seen, Capture capture) {
    if (!seen.add(digest)) {
      return;
    }
    OpVertex vertex = definition.requireVertex(digest);
    vertex.inputs().forEach(input -> walk(definition, input.vertex(), seen, capture));
    switch (vertex.op()) {
      case SourceOp source -> source(vertex, source, capture);
      case ExecOp exec -> exec(exec, capture);
      case BuildOp _ -> capture.incomplete();
      case FileOp _, MergeOp _, DiffOp _, PassthroughOp _ -> {}
    }
  }

  private void source(OpVertex vertex, SourceOp source, Capture capture) {
    Optional<String> pin = pins.find(vertex.digest());
    Optional<Digest> digest = pin.filter(Digest::isDigest).map(Digest::parse);
    Platform platform = vertex.platform().orElse(defaultPlatform);
    switch (source.scheme()) {
      case "docker-image", "oci-layout" ->
          digest.ifPresentOrElse(
              found ->
                  capture.material(
                      new Material.Image(
                          source.rest(),
                          Optional.of(platform),
                          found,
                          source.scheme().equals("oci-layout"))),
              capture::incomplete);
      case "git" -> {
        pin.ifPresentOrElse(
            commit -> capture.material(new Material.Git(repository(source), commit)),
            capture::incomplete);
        optional(source, SourceOps.GIT_AUTH_TOKEN_SECRET).ifPresent(capture::secret);
        optional(source, SourceOps.GIT_AUTH_HEADER_SECRET).ifPresent(capture::secret);
        optional(source, SourceOps.GIT_MOUNT_SSH_SOCKET).ifPresent(capture::agent);
      }
      case "http", "https" ->
          digest.ifPresentOrElse(
              found -> capture.material(new Material.Http(source.identifier(), found)),
              capture::incomplete);
      case "local" -> capture.local(source.rest());
      default -> capture.incomplete();
    }
  }

  private static String repository(SourceOp source) {
    String given = source.rest();
    int hash = given.indexOf('#');
    String reference = hash < 0 ? "" : given.substring(hash + 1).replaceFirst(":.*$", "");
    String bare = hash < 0 ? given : given.substring(0, hash);
    String full =
        Optional.ofNullable(source.attributes().get(SourceOps.GIT_FULL_URL))
            .orElse(
                bare.contains("://") || bare.matches("[^/]+@[^:/]+:.*") ? bare : "https://" + bare);
    return reference.isEmpty() ? full : full + "#" + reference;
  }

  private static Optional<Access> optional(SourceOp source, String attribute) {
    Map<String, String> attributes = source.attributes();
    return Optional.ofNullable(attributes.get(attribute))
        .filter(id -> !id.isEmpty())
        .map(id -> new Access(id, true));
  }

  private static void exec(ExecOp exec, Capture capture) {
    for (Mount mount : exec.mounts()) {
      switch (mount) {
        case Mount.Secret secret ->
            secret
                .options()
                .ifPresent(file -> capture.secret(new Access(file.id(), file.optional())));
        case Mount.Ssh ssh ->
            capture.agent(
                new Access(
                    ssh.options().map(Mount.FileOptions::id).orElse(""),
                    ssh.options().map(Mount.FileOptions::optional).orElse(false)));
        case Mount.Bind _, Mount.Cache _, Mount.Tmpfs _ -> {}
      }
    }
    exec.secretEnv().forEach(secret -> capture.secret(new Access(secret.id(), secret.optional())));
    if (exec.network() != ExecOp.NetworkMode.NONE) {
      capture.network();
    }
  }
}
