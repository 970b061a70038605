package dev.slipway.frontend.dockerfile.convert;

import dev.slipway.frontend.dockerfile.graph.ExecNode;
import dev.slipway.frontend.dockerfile.graph.ExecNode.Agent;
import dev.slipway.frontend.dockerfile.graph.ExecNode.Mount;
import dev.slipway.frontend.dockerfile.graph.ExecNode.MountKind;
import dev.slipway.frontend.dockerfile.graph.ExecNode.Secret;
import dev.slipway.frontend.dockerfile.graph.ExecNode.Sharing;
import dev.slipway.frontend.dockerfile.graph.FileNode;
import dev.slipway.frontend.dockerfile.graph.FileNode.Numbered;
import dev.slipway.frontend.dockerfile.graph.FileNode.Owner;
import dev.slipway.frontend.dockerfile.graph.NodeNotes;
import dev.slipway.frontend.dockerfile.graph.Output;
import dev.slipway.frontend.dockerfile.ignore.SlashPath;
import dev.slipway.frontend.dockerfile.instruction.MountSpec;
import dev.slipway.frontend.dockerfile.shell.GoText;
import dev.slipway.frontend.dockerfile.source.DockerfileError;
import dev.slipway.frontend.dockerfile.source.LineSpan;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The mounts of one RUN. Confined to one instruction.
final class MountConverter {
  private static final String CACHE_DIRECTORY = "/cache";

  private final Scope scope;
  private final StageBuild stage;
  private final Optional<Output> buildContext;
  private final List<Mount> mounts = new ArrayList<>();
  private final List<Secret> secrets = new ArrayList<>();
  private final List<Agent> agents = new ArrayList<>();

  MountConverter(Scope scope, StageBuild stage, Optional<Output> buildContext) {
    this.scope = scope;
    this.stage = stage;
    this.buildContext = buildContext;
  }

  List<Mount> mounts() {
    return mounts;
  }

  List<Secret> secrets() {
    return secrets;
  }

  List<Agent> agents() {
    return agents;
  }

  /// @param source the stage it is taken from, scratch where it names none
  /// @param place of the instruction
  void convert(MountSpec mount, StageBuild source, LineSpan place) {
    boolean fromContext = mount.from().isEmpty() && mount.kind() != MountSpec.Kind.CACHE;
    if (!fromContext && !source.converted) {
      throw new DockerfileError(
          "cannot mount from stage "
              + GoText.quote(mount.from().isEmpty() ? "scratch" : mount.from())
              + " to "
              + GoText.quote(mount.target())
              + ", stage needs to be defined before current command");
    }
    switch (mount.kind()) {
      case SECRET -> secret(mount, place);
      case SSH -> agent(mount, place);
      case BIND, CACHE, TMPFS -> {
        tree(mount, fromContext ? buildContext : source.state.root());
        (fromContext ? stage.contextPaths : source.usedPaths)
            .add(SlashPath.join("/", mount.source()));
      }
    }
  }

  private void tree(MountSpec mount, Optional<Output> from) {
    Optional<Output> source = mount.kind() == MountSpec.Kind.TMPFS ? Optional.empty() : from;
    String target = target(mount.target());
    String path = SlashPath.join("/", mount.source());
    if (path.equals("/") && mount.hasOwnership()) {
      source = Optional.of(ownedDirectory(mount, source));
      path = CACHE_DIRECTORY;
    }
    mounts.add(new Mount(target, source, path.equals("/") ? "" : path, kind(mount)));
  }

  private String target(String written) {
    String target =
        SlashPath.clean(written).startsWith("/")
            ? written
            : SlashPath.join("/", stage.state.directory(), written);
    if (target.equals("/")) {
      throw new DockerfileError("invalid mount target " + GoText.quote(target));
    }
    return target;
  }

  private MountKind kind(MountSpec mount) {
    return switch (mount.kind()) {
      case TMPFS -> new ExecNode.Memory(mount.size(), mount.readOnly());
      case CACHE -> new ExecNode.Cache(cacheId(mount), sharing(mount), mount.readOnly());
      case BIND, SECRET, SSH ->
          mount.readOnly()
              ? new ExecNode.ReadOnly()
              : scope.supports("exec.mount.bind.readwrite-nooutput")
                  ? new ExecNode.Discarded()
                  : new ExecNode.Kept();
    };
  }

  private String cacheId(MountSpec mount) {
    String id = mount.id().isEmpty() ? SlashPath.clean(mount.target()) : mount.id();
    return scope.config().cacheNamespace() + "/" + id;
  }

  private static Sharing sharing(MountSpec mount) {
    return switch (mount.sharing().orElse(MountSpec.Sharing.SHARED)) {
      case SHARED -> Sharing.SHARED;
      case PRIVATE -> Sharing.PRIVATE;
      case LOCKED -> Sharing.LOCKED;
    };
  }

  /// A new cache begins as a copy of this directory, so it has the owner and mode asked for.
  private static Output ownedDirectory(MountSpec mount, Optional<Output> source) {
    Owner owner =
        new Owner(
            new Numbered(mount.uid().orElse(0L).intValue()),
            Optional.of(new Numbered(mount.gid().orElse(0L).intValue())));
    FileNode.Action action =
        new FileNode.MakeDirectory(
            CACHE_DIRECTORY, mount.mode().orElse(0755) & 0777, false, Optional.of(owner), -1);
    return new FileNode(
            source, List.of(action), NodeNotes.named("[internal] setting cache mount permissions"))
        .output();
  }

  private void secret(MountSpec mount, LineSpan place) {
    String id = mount.source().isEmpty() ? mount.id() : mount.source();
    if (id.isEmpty()) {
      id = SlashPath.base(mount.target());
    }
    Optional<String> target =
        mount.target().isEmpty() ? Optional.empty() : Optional.of(mount.target());
    if (mount.env().isEmpty() && target.isEmpty()) {
      target = Optional.of("/run/secrets/" + SlashPath.base(id));
    }
    stage.outline.useSecret(id, mount.required(), place);
    secrets.add(
        new Secret(
            id,
            target,
            mount.env(),
            !mount.required(),
            mount.uid().orElse(0L),
            mount.gid().orElse(0L),
            mount.mode().orElse(0400)));
  }

  private void agent(MountSpec mount, LineSpan place) {
    if (!mount.source().isEmpty()) {
      throw new DockerfileError("ssh does not support source");
    }
    stage.outline.useAgent(mount.id().isEmpty() ? "default" : mount.id(), mount.required(), place);
    String target =
        mount.target().isEmpty() ? "/run/buildkit/ssh_agent." + agents.size() : mount.target();
    agents.add(
        new Agent(
            mount.id(),
            target,
            !mount.required(),
            mount.uid().orElse(0L),
            mount.gid().orElse(0L),
            mount.mode().orElse(0600)));
  }
}
