package dev.slipway.llbsolver;

import dev.slipway.llb.BuildOp;
import dev.slipway.llb.DiffOp;
import dev.slipway.llb.ExecOp;
import dev.slipway.llb.FileOp;
import dev.slipway.llb.MergeOp;
import dev.slipway.llb.Mount;
import dev.slipway.llb.PassthroughOp;
import dev.slipway.llb.SourceOp;
import dev.slipway.llb.SourceOps;
import dev.slipway.oci.Digest;
import dev.slipway.oci.Platform;
import dev.slipway.op.LlbVertex;
import dev.slipway.op.Pins;
import dev.slipway.provenance.Access;
import dev.slipway.provenance.Capture;
import dev.slipway.provenance.Material;
import dev.slipway.proxy.Fetches;
import dev.slipway.proxy.Fetches.Fetch;
import dev.slipway.solver.Vertex;
import dev.slipway.usage.StepUsage;
import java.time.Instant;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Tells what went into a result from its vertices, and from what its sources resolved to.
final class DefinitionCapture {
  private final Pins pins;

  DefinitionCapture(Pins pins) {
    this.pins = pins;
  }

  /// @param top as it was solved: with what policies made of its sources
  Capture of(Vertex<LlbVertex> top) {
    Capture capture = new Capture();
    walk(top, new HashSet<>(), capture);
    return capture;
  }

  /// What a step used, if it ran since then.
  Optional<StepUsage> usage(Digest step, Instant since) {
    return pins.usage(step)
        .filter(used -> !used.samples().isEmpty())
        .filter(used -> !used.samples().getLast().at().isBefore(since));
  }

  private void walk(Vertex<LlbVertex> vertex, Set<Digest> seen, Capture capture) {
    if (!seen.add(vertex.digest())) {
      return;
    }
    vertex.inputs().forEach(input -> walk(input.vertex(), seen, capture));
    switch (vertex.payload().op()) {
      case SourceOp source -> source(vertex, source, capture);
      case ExecOp exec -> {
        exec(exec, capture);
        if (vertex.payload().proxied()) {
          capture.proxied();
          pins.fetches(vertex.digest())
              .ifPresent(fetches -> fetched(vertex.digest(), exec, fetches, capture));
        }
      }
      case BuildOp _ -> capture.incomplete();
      case FileOp _, MergeOp _, DiffOp _, PassthroughOp _ -> {}
    }
  }

  private static void fetched(Digest step, ExecOp exec, Fetches fetches, Capture capture) {
    fetches.contents().forEach((url, digest) -> capture.material(new Material.Http(url, digest)));
    for (Fetch fetch : fetches.all()) {
      fetch
          .untold()
          .ifPresent(
              reason ->
                  capture.untold(
                      new Capture.Untold(
                          step,
                          String.join(" ", exec.meta().args()),
                          fetch.method(),
                          fetch.url(),
                          reason)));
    }
  }

  private void source(Vertex<LlbVertex> vertex, SourceOp source, Capture capture) {
    Optional<String> pin = pins.find(vertex.digest());
    Optional<Digest> digest = pin.filter(Digest::isDigest).map(Digest::parse);
    Platform platform = vertex.payload().platform();
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
            commit ->
                capture.material(new Material.Git(repository(source), commit, bundle(source))),
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

  private static Optional<Material.Blob> bundle(SourceOp source) {
    return Optional.ofNullable(source.attributes().get(SourceOps.GIT_BUNDLE))
        .flatMap(Material.Blob::parse);
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
