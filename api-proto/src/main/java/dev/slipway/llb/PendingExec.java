package dev.slipway.llb;

import dev.slipway.failure.InvalidRequest;
import dev.slipway.llb.ExecOp.SecretEnv;
import dev.slipway.llb.ExecSpec.MountSpec;
import dev.slipway.llb.ExecSpec.SecretSpec;
import dev.slipway.llb.ExecSpec.SshSpec;
import dev.slipway.llb.Mount.Place;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Function;

final class PendingExec implements PendingOp {
  private static final String DEFAULT_PATH =
      "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  private final ExecSpec spec;
  private final Constraints constraints;

  /// By target; the root is one of them.
  private final List<MountSpec> mounts;

  PendingExec(State base, ExecSpec spec, Constraints constraints) {
    this.spec = spec;
    this.constraints = constraints;
    List<MountSpec> all = new ArrayList<>();
    MountSpec root = MountSpec.bind(Mount.ROOT, base);
    all.add(spec.readonlyRoot() ? root.asReadonly() : root);
    all.addAll(spec.mounts());
    all.sort(Comparator.comparing(MountSpec::target));
    this.mounts = List.copyOf(all);
  }

  ExecSpec spec() {
    return spec;
  }

  /// @throws InvalidRequest nothing of that mount is kept
  int outputOf(String target) {
    int number = 0;
    for (MountSpec mount : mounts) {
      if (mount.isOutput()) {
        if (mount.target().equals(target)) {
          return number;
        }
        number++;
      }
    }
    throw new InvalidRequest("mount for " + target + " can't be used as a parent");
  }

  @Override
  public Constraints constraints() {
    return constraints;
  }

  @Override
  public List<State> uses() {
    List<State> uses = new ArrayList<>();
    for (MountSpec mount : mounts) {
      State source = mount.source();
      if (!source.isScratch() && uses.stream().noneMatch(source::isSameAs)) {
        uses.add(source);
      }
    }
    return uses;
  }

  @Override
  public Parts parts(Function<State, Optional<Input>> inputs, Constraints defaults) {
    if (spec.meta().args().isEmpty()) {
      throw new InvalidRequest("arguments are required");
    }
    if (spec.meta().cwd().isEmpty()) {
      throw new InvalidRequest("working directory is required");
    }
    InputList found = new InputList();
    List<Mount> encoded = new ArrayList<>();
    int outputs = 0;
    for (MountSpec mount : mounts) {
      if (mount.tmpfs().isPresent() && !mount.source().isScratch()) {
        throw new InvalidRequest("tmpfs mounts must use scratch");
      }
      OptionalInt output = mount.isOutput() ? OptionalInt.of(outputs++) : OptionalInt.empty();
      encoded.add(mount(mount, found.add(inputs.apply(mount.source())), output));
    }
    List<SecretEnv> secretEnv = addSecrets(encoded);
    List<SshSpec> agents = withTargets(spec.ssh());
    agents.forEach(agent -> encoded.add(ssh(agent)));
    ExecOp op =
        new ExecOp(
            spec.meta().withEnv(env(agents, defaults)),
            encoded,
            spec.network(),
            spec.security(),
            secretEnv,
            spec.devices());
    return new Parts(found.toList(), op, true, caps(op, defaults));
  }

  private Set<String> caps(ExecOp op, Constraints defaults) {
    Set<String> caps = new HashSet<>(Caps.of(op));
    if (constraints.metadata().linuxResources().isPresent()) {
      caps.add(Caps.EXEC_LINUX_RESOURCES);
    }
    if (daemonSetsPath(defaults)) {
      caps.add(Caps.EXEC_SETS_DEFAULT_PATH);
    }
    return caps;
  }

  private static boolean daemonSetsPath(Constraints defaults) {
    return defaults.daemonCaps().isPresent()
        && defaults.daemonCaps().get().contains(Caps.EXEC_SETS_DEFAULT_PATH);
  }

  private static Mount mount(MountSpec mount, OptionalInt input, OptionalInt output) {
    Place at =
        new Place(
            input,
            mount.selector(),
            mount.target(),
            output,
            mount.readonly(),
            mount.contentCache(),
            "");
    if (mount.cache().isPresent()) {
      return new Mount.Cache(at, mount.cache());
    }
    return mount.tmpfs().isPresent() ? new Mount.Tmpfs(at, mount.tmpfs()) : new Mount.Bind(at);
  }

  private List<SecretEnv> addSecrets(List<Mount> encoded) {
    List<SecretEnv> variables = new ArrayList<>();
    for (SecretSpec secret : spec.secrets()) {
      Mount.FileOptions file = secret.file();
      secret
          .variable()
          .ifPresent(name -> variables.add(new SecretEnv(file.id(), name, file.optional())));
      secret
          .target()
          .ifPresent(target -> encoded.add(new Mount.Secret(first(target), Optional.of(file))));
    }
    return variables;
  }

  private static Mount ssh(SshSpec agent) {
    return new Mount.Ssh(first(agent.target().orElseThrow()), Optional.of(agent.file()));
  }

  /// The client never sets the output of these mounts, so on the wire it is 0.
  private static Place first(String target) {
    return new Place(
        OptionalInt.empty(), "", target, OptionalInt.of(0), false, Mount.ContentCache.DEFAULT, "");
  }

  private static List<SshSpec> withTargets(List<SshSpec> agents) {
    List<SshSpec> named = new ArrayList<>();
    for (SshSpec agent : agents) {
      String target = agent.target().orElse("/run/buildkit/ssh_agent." + named.size());
      named.add(new SshSpec(Optional.of(target), agent.file()));
    }
    return named;
  }

  private List<String> env(List<SshSpec> agents, Constraints defaults) {
    List<String> env = new ArrayList<>(spec.meta().env());
    if (!agents.isEmpty() && lacks(env, "SSH_AUTH_SOCK")) {
      env.add("SSH_AUTH_SOCK=" + agents.getFirst().target().orElseThrow());
    }
    if (defaults.daemonCaps().isPresent()
        && !daemonSetsPath(defaults)
        && !isWindows(defaults)
        && lacks(env, "PATH")) {
      env.add("PATH=" + DEFAULT_PATH);
    }
    return env;
  }

  private boolean isWindows(Constraints defaults) {
    return defaults
        .platform()
        .or(constraints::platform)
        .filter(platform -> platform.os().equals("windows"))
        .isPresent();
  }

  private static boolean lacks(List<String> env, String name) {
    return env.stream().noneMatch(line -> line.startsWith(name + "="));
  }
}
