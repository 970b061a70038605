package dev.slipway.op;

import dev.slipway.executor.ContainerSpec.ContainerMount;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.llb.Mount;
import dev.slipway.llb.Mount.CacheOptions;
import dev.slipway.op.ClientMounts.ClientMount;
import dev.slipway.ref.FetchContext;
import dev.slipway.ref.ImmutableRef;
import dev.slipway.ref.MutableRef;
import dev.slipway.ref.RefDescription;
import dev.slipway.ref.RefDescription.RecordType;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/// The mounts of one container: taken up before, and afterwards turned into outputs or given up.
/// Confined to one thread. BuildKit v0.32.2, `frontend/gateway/container/container.go`,
/// `PrepareMounts`.
public final class ExecMounts implements AutoCloseable {
  private final Wanted wanted;
  private final List<RefResult> inputs;
  private final OpServices services;
  private final FetchContext context;

  private final List<AutoCloseable> holds = new ArrayList<>();
  private final List<State> states = new ArrayList<>();

  /// By tag: a step that wants one cache directory in two places has it once, for itself.
  private final Map<String, CacheMounts.Hold> caches = new HashMap<>();

  private final List<List<dev.slipway.snapshot.Mount>> sources = new ArrayList<>();
  private final List<ContainerMount> mounts = new ArrayList<>();
  private List<dev.slipway.snapshot.Mount> root = List.of();
  private boolean rootReadOnly;

  /// What is to be mounted.
  ///
  /// @param workingDirectory what relative destinations are relative to
  /// @param purpose who uses the mounts, for the records of what is written: `exec make`
  public record Wanted(List<Mount> mounts, String workingDirectory, String purpose) {
    public Wanted {
      mounts = List.copyOf(mounts);
    }
  }

  /// What a mount's tree is after the run.
  private sealed interface State {
    record Written(MutableRef ref) implements State {}

    record Unchanged(Optional<ImmutableRef> ref) implements State {}
  }

  private ExecMounts(
      Wanted wanted, List<RefResult> inputs, OpServices services, FetchContext context) {
    this.wanted = wanted;
    this.inputs = inputs;
    this.services = services;
    this.context = context;
  }

  /// Takes all mounts up; on failure none is held. Caller closes.
  ///
  /// @param inputs what the mounts' inputs count into; they stay the caller's and must outlive this
  public static ExecMounts prepare(
      Wanted wanted, List<RefResult> inputs, OpServices services, FetchContext context) {
    ExecMounts prepared = new ExecMounts(wanted, inputs, services, context);
    try {
      wanted.mounts().forEach(prepared::add);
      prepared.mounts.sort(Comparator.comparing(ContainerMount::destination));
      return prepared;
    } catch (RuntimeException failure) {
      prepared.close();
      throw failure;
    }
  }

  public List<dev.slipway.snapshot.Mount> root() {
    return root;
  }

  public boolean rootReadOnly() {
    return rootReadOnly;
  }

  /// All but the root.
  public List<ContainerMount> mounts() {
    return mounts;
  }

  /// How to mount what was wanted, one entry each, in that order; an empty entry for an optional
  /// one that is not there.
  public List<List<dev.slipway.snapshot.Mount>> sources() {
    return List.copyOf(sources);
  }

  /// Commits what was written. The results are the caller's, one an output; call once, after the
  /// process has ended well.
  List<RefResult> commit() {
    SortedMap<Integer, State> outputs = new TreeMap<>();
    for (int i = 0; i < states.size(); i++) {
      Mount mount = wanted.mounts().get(i);
      // Secrets and agents name output 0 by omission, which is the root's.
      if (mount instanceof Mount.Bind && mount.output().isPresent()) {
        outputs.put(mount.output().getAsInt(), states.get(i));
      }
    }
    return trees(outputs.values());
  }

  /// Commits what was written as it was when the process failed. The results are the caller's, one
  /// a mount; call once, instead of [#commit].
  List<RefResult> commitFailed() {
    return trees(states);
  }

  private static List<RefResult> trees(Collection<State> states) {
    List<RefResult> results = new ArrayList<>();
    try {
      for (State state : states) {
        results.add(
            switch (state) {
              case State.Written written -> RefResult.of(written.ref().commit());
              case State.Unchanged unchanged ->
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
    states.add(
        switch (mount) {
          case Mount.Bind bind -> addBind(bind, input);
          case Mount.Cache cache -> addCache(cache, input);
          case Mount.Tmpfs tmpfs -> {
            long bytes = tmpfs.options().map(Mount.TmpfsOptions::size).orElse(0L);
            place(mount, List.of(new dev.slipway.snapshot.Mount.Tmpfs(bytes, 01777, false)));
            yield new State.Unchanged(input);
          }
          case Mount.Secret secret -> {
            Mount.FileOptions options = required(secret.options(), "secret");
            placeIfThere(mount, services.clientMounts().secret(options, context.sessions()));
            yield new State.Unchanged(input);
          }
          case Mount.Ssh ssh -> {
            Mount.FileOptions options = required(ssh.options(), "ssh");
            placeIfThere(mount, services.clientMounts().ssh(options, context.sessions()));
            yield new State.Unchanged(input);
          }
        });
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

  private State addBind(Mount.Bind mount, Optional<ImmutableRef> input) {
    if (mount.readonly() && input.isPresent() && !mount.isRoot()) {
      input.get().unlazy(context);
      place(mount, input.get().mounts());
      return new State.Unchanged(input);
    }
    MutableRef written = hold(services.refs().newMutable(input, description(mount), context));
    place(mount, written.mounts());
    return new State.Written(written);
  }

  private RefDescription description(Mount mount) {
    return RefDescription.regular("mount " + mount.destination() + " from " + wanted.purpose());
  }

  private State addCache(Mount.Cache mount, Optional<ImmutableRef> input) {
    CacheOptions options =
        mount.options().orElseThrow(() -> new InvalidRequest("missing cache mount options"));
    String tag = CacheMounts.tag(mount) + input.map(base -> ":" + base.id()).orElse("");
    String text =
        "cached mount "
            + mount.destination()
            + " from "
            + wanted.purpose()
            + (options.id().isEmpty() || options.id().equals(mount.destination())
                ? ""
                : " with id \"" + options.id() + "\"");
    RefDescription description = new RefDescription(text, RecordType.EXEC_CACHE_MOUNT);
    var wantedCache = new CacheMounts.Wanted(tag, options.sharing(), input, description);
    CacheMounts.Hold cache =
        caches.computeIfAbsent(tag, _ -> hold(services.cacheMounts().open(wantedCache, context)));
    place(mount, cache.mounts());
    return new State.Unchanged(input);
  }

  private void placeIfThere(Mount mount, Optional<ClientMount> found) {
    if (found.isPresent()) {
      place(mount, hold(found.get()).source());
    } else {
      sources.add(List.of());
    }
  }

  private void place(Mount mount, List<dev.slipway.snapshot.Mount> source) {
    sources.add(source);
    if (mount.isRoot()) {
      root = source;
      rootReadOnly = mount.readonly();
      return;
    }
    String destination =
        mount.destination().startsWith("/")
            ? mount.destination()
            : GoPath.join("/" + wanted.workingDirectory(), mount.destination());
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
