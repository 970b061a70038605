package dev.slipway.op;

import dev.slipway.executor.ContainerSpec.ContainerMount;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.llb.ExecOp;
import dev.slipway.llb.Mount;
import dev.slipway.llb.Mount.CacheOptions;
import dev.slipway.op.ClientMounts.ClientMount;
import dev.slipway.ref.FetchContext;
import dev.slipway.ref.ImmutableRef;
import dev.slipway.ref.MutableRef;
import dev.slipway.ref.RefDescription;
import dev.slipway.ref.RefDescription.RecordType;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/// The mounts of one run of an exec op: taken up before, and afterwards turned into outputs or
/// given up. Confined to the evaluation's thread. BuildKit v0.32.2,
/// `frontend/gateway/container/container.go`, `PrepareMounts`.
final class ExecMounts implements AutoCloseable {
  private final ExecOp op;
  private final String workingDirectory;
  private final List<RefResult> inputs;
  private final OpServices services;
  private final FetchContext context;

  private final List<AutoCloseable> holds = new ArrayList<>();
  private final TreeMap<Integer, Output> outputs = new TreeMap<>();
  private final List<ContainerMount> mounts = new ArrayList<>();
  private List<dev.slipway.snapshot.Mount> root = List.of();
  private boolean rootReadOnly;

  private sealed interface Output {
    record Written(MutableRef ref) implements Output {}

    record Unchanged(Optional<ImmutableRef> ref) implements Output {}
  }

  private ExecMounts(ExecOp op, List<RefResult> inputs, OpServices services, FetchContext context) {
    this.op = op;
    this.workingDirectory = op.meta().cwd();
    this.inputs = inputs;
    this.services = services;
    this.context = context;
  }

  /// Takes all mounts up; on failure none is held. Caller closes.
  static ExecMounts prepare(
      ExecOp op, List<RefResult> inputs, OpServices services, FetchContext context) {
    ExecMounts prepared = new ExecMounts(op, inputs, services, context);
    try {
      op.mounts().forEach(prepared::add);
      prepared.mounts.sort(Comparator.comparing(ContainerMount::destination));
      return prepared;
    } catch (RuntimeException failure) {
      prepared.close();
      throw failure;
    }
  }

  List<dev.slipway.snapshot.Mount> root() {
    return root;
  }

  boolean rootReadOnly() {
    return rootReadOnly;
  }

  List<ContainerMount> mounts() {
    return mounts;
  }

  /// Commits what was written. The results are the caller's; call once, after the process has ended
  /// well.
  List<RefResult> commit() {
    List<RefResult> results = new ArrayList<>();
    try {
      for (Output output : outputs.values()) {
        results.add(
            switch (output) {
              case Output.Written written -> RefResult.of(written.ref().commit());
              case Output.Unchanged unchanged ->
                  new RefResult(unchanged.ref().map(ImmutableRef::share));
            });
      }
      return results;
    } catch (RuntimeException failure) {
      results.forEach(RefResult::close);
      throw failure;
    }
  }

  private void add(Mount mount) {
    Optional<ImmutableRef> input = input(mount);
    if (mount.isRoot() && !(mount instanceof Mount.Bind)) {
      throw new InvalidRequest("invalid mount type for /: only a bind mount can be the root");
    }
    switch (mount) {
      case Mount.Bind bind -> addBind(bind, input);
      case Mount.Cache cache -> addCache(cache, input);
      case Mount.Tmpfs tmpfs -> {
        long bytes = tmpfs.options().map(Mount.TmpfsOptions::size).orElse(0L);
        place(mount, List.of(new dev.slipway.snapshot.Mount.Tmpfs(bytes, 01777, false)));
      }
      case Mount.Secret secret ->
          placeIfThere(
              mount,
              services
                  .clientMounts()
                  .secret(required(secret.options(), "secret"), context.sessions()));
      case Mount.Ssh ssh ->
          placeIfThere(
              mount,
              services.clientMounts().ssh(required(ssh.options(), "ssh"), context.sessions()));
    }
  }

  private static Mount.FileOptions required(Optional<Mount.FileOptions> options, String kind) {
    return options.orElseThrow(() -> new InvalidRequest("invalid " + kind + " mount options"));
  }

  private Optional<ImmutableRef> input(Mount mount) {
    if (mount.input().isEmpty()) {
      return Optional.empty();
    }
    int index = mount.input().getAsInt();
    if (index >= inputs.size()) {
      throw new InvalidRequest("missing input " + index);
    }
    return inputs.get(index).ref();
  }

  private void addBind(Mount.Bind mount, Optional<ImmutableRef> input) {
    boolean keeps = mount.output().isPresent();
    if (keeps && mount.readonly() && input.isPresent() && !mount.isRoot()) {
      outputs.put(mount.output().getAsInt(), new Output.Unchanged(input));
      place(mount, input.get().mounts());
      return;
    }
    if (!keeps && mount.readonly() && input.isPresent() && !mount.isRoot()) {
      place(mount, input.get().mounts());
      return;
    }
    MutableRef written = hold(services.refs().newMutable(input, description(mount), context));
    if (keeps) {
      outputs.put(mount.output().getAsInt(), new Output.Written(written));
    }
    place(mount, written.mounts());
  }

  private RefDescription description(Mount mount) {
    return RefDescription.regular(
        "mount " + mount.destination() + " from exec " + String.join(" ", op.meta().args()));
  }

  private void addCache(Mount.Cache mount, Optional<ImmutableRef> input) {
    CacheOptions options =
        mount.options().orElseThrow(() -> new InvalidRequest("missing cache mount options"));
    String tag = CacheMounts.tag(mount) + input.map(base -> ":" + base.id()).orElse("");
    String text =
        "cached mount "
            + mount.destination()
            + " from exec "
            + String.join(" ", op.meta().args())
            + (options.id().isEmpty() || options.id().equals(mount.destination())
                ? ""
                : " with id \"" + options.id() + "\"");
    RefDescription description = new RefDescription(text, RecordType.EXEC_CACHE_MOUNT);
    place(
        mount,
        hold(services
                .cacheMounts()
                .open(new CacheMounts.Wanted(tag, options.sharing(), input, description), context))
            .mounts());
    if (mount.output().isPresent()) {
      outputs.put(mount.output().getAsInt(), new Output.Unchanged(input));
    }
  }

  private void placeIfThere(Mount mount, Optional<ClientMount> found) {
    found.ifPresent(there -> place(mount, hold(there).source()));
  }

  private void place(Mount mount, List<dev.slipway.snapshot.Mount> source) {
    if (mount.isRoot()) {
      root = source;
      rootReadOnly = mount.readonly();
      return;
    }
    String destination =
        mount.destination().startsWith("/")
            ? mount.destination()
            : GoPath.join("/" + workingDirectory, mount.destination());
    mounts.add(new ContainerMount(destination, source, mount.at().selector(), mount.readonly()));
  }

  private <C extends AutoCloseable> C hold(C opened) {
    holds.add(opened);
    return opened;
  }

  /// Gives everything up that was not committed, last taken first.
  @Override
  public void close() {
    Holds.closeAll(holds.reversed());
    holds.clear();
  }
}
