package dev.slipway.op;

import dev.slipway.llb.Definition;
import dev.slipway.llb.ExecOp;
import dev.slipway.llb.Mount;
import dev.slipway.llb.Mount.CacheOptions;
import dev.slipway.llb.Mount.Sharing;
import dev.slipway.llb.OpVertex;
import dev.slipway.ref.FetchContext;
import dev.slipway.ref.ImmutableRef;
import dev.slipway.ref.MutableRef;
import dev.slipway.ref.RefDescription;
import dev.slipway.ref.RefStore;
import dev.slipway.snapshot.Mounter.MountedTree;
import dev.slipway.task.Interruption;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/// Directories that outlive builds, handed to steps by tag (surface reference 4.6). Guarded by its
/// own lock; opening a directory, which may make one, happens outside of it.
public final class CacheMounts {
  private final RefStore refs;
  private final Map<String, Kept> shared = new HashMap<>();
  private final Set<String> locked = new HashSet<>();

  public CacheMounts(RefStore refs) {
    this.refs = refs;
  }

  /// One directory wanted.
  ///
  /// @param tag the mount's id, with the base's id when it starts from an input
  /// @param base what a new directory starts from
  record Wanted(
      String tag, Sharing sharing, Optional<ImmutableRef> base, RefDescription description) {}

  /// A directory in use. Caller closes.
  interface Hold extends AutoCloseable {
    List<dev.slipway.snapshot.Mount> mounts();

    @Override
    void close();
  }

  /// Gives the directory: with `SHARED` the one that others use now, with `PRIVATE` one that nobody
  /// uses, with `LOCKED` the one, waiting for its user to end.
  Hold open(Wanted wanted, FetchContext context) {
    return switch (wanted.sharing()) {
      case PRIVATE -> new Exclusive(mounted(openRef(wanted, context)), () -> {});
      case LOCKED -> openLocked(wanted, context);
      case SHARED -> openShared(wanted, context);
    };
  }

  /// Has the steps of a definition that ignore the cache find their cache mounts empty: what they
  /// kept is thrown away, and what a running step uses when that step ends.
  public void retireIgnored(Definition definition) {
    for (OpVertex vertex : definition.vertices().values()) {
      if (vertex.metadata().ignoreCache() && vertex.op() instanceof ExecOp exec) {
        for (Mount mount : exec.mounts()) {
          if (mount instanceof Mount.Cache cache) {
            retire(tag(cache), cache.input().isPresent());
          }
        }
      }
    }
  }

  private void retire(String tag, boolean onBase) {
    Predicate<String> mine = onBase ? each -> each.startsWith(tag + ":") : tag::equals;
    synchronized (this) {
      shared.keySet().removeIf(mine);
    }
    refs.retireTagged(mine);
  }

  /// Under which a mount is kept that starts empty; with a base, the base's id follows.
  static String tag(Mount.Cache mount) {
    String id = mount.options().map(CacheOptions::id).orElse("");
    return "cache-dir:" + (id.isEmpty() ? mount.destination() : id);
  }

  private MutableRef openRef(Wanted wanted, FetchContext context) {
    return refs.openTagged(wanted.tag(), wanted.base(), wanted.description(), context);
  }

  private Hold openLocked(Wanted wanted, FetchContext context) {
    lock(wanted.tag());
    try {
      return new Exclusive(mounted(openRef(wanted, context)), () -> unlock(wanted.tag()));
    } catch (RuntimeException failure) {
      unlock(wanted.tag());
      throw failure;
    }
  }

  private synchronized void lock(String tag) {
    try {
      while (!locked.add(tag)) {
        wait();
      }
    } catch (InterruptedException interrupted) {
      throw Interruption.cancelled(interrupted);
    }
  }

  private synchronized void unlock(String tag) {
    locked.remove(tag);
    notifyAll();
  }

  private Hold openShared(Wanted wanted, FetchContext context) {
    Optional<Hold> joined = join(wanted.tag());
    if (joined.isPresent()) {
      return joined.get();
    }
    lock("open:" + wanted.tag());
    try {
      Optional<Hold> meanwhile = join(wanted.tag());
      return meanwhile.isPresent()
          ? meanwhile.get()
          : share(wanted.tag(), mounted(openRef(wanted, context)));
    } finally {
      unlock("open:" + wanted.tag());
    }
  }

  private synchronized Optional<Hold> join(String tag) {
    Kept existing = shared.get(tag);
    if (existing == null) {
      return Optional.empty();
    }
    existing.users++;
    return Optional.of(new Joined(tag, existing));
  }

  private static Kept mounted(MutableRef ref) {
    try {
      return new Kept(ref, ref.openTree());
    } catch (RuntimeException failure) {
      ref.close();
      throw failure;
    }
  }

  private synchronized Hold share(String tag, Kept fresh) {
    shared.put(tag, fresh);
    return new Joined(tag, fresh);
  }

  private synchronized boolean leave(String tag, Kept left) {
    left.users--;
    if (left.users > 0) {
      return false;
    }
    shared.remove(tag, left);
    return true;
  }

  /// Mounted once for all its users, who may also be one step that has it in two places: two
  /// overlay mounts that write the same directory do not see each other's changes.
  private static final class Kept {
    private final MutableRef ref;
    private final MountedTree tree;
    private int users = 1;

    private Kept(MutableRef ref, MountedTree tree) {
      this.ref = ref;
      this.tree = tree;
    }

    private List<dev.slipway.snapshot.Mount> mounts() {
      return List.of(new dev.slipway.snapshot.Mount.Bind(tree.root(), false));
    }

    private void close() {
      try {
        tree.close();
      } finally {
        ref.close();
      }
    }
  }

  private final class Joined implements Hold {
    private final String tag;
    private final Kept joined;
    private boolean left;

    private Joined(String tag, Kept joined) {
      this.tag = tag;
      this.joined = joined;
    }

    @Override
    public List<dev.slipway.snapshot.Mount> mounts() {
      return joined.mounts();
    }

    @Override
    public void close() {
      if (!left) {
        left = true;
        if (leave(tag, joined)) {
          joined.close();
        }
      }
    }
  }

  private static final class Exclusive implements Hold {
    private final Kept held;
    private final Runnable after;
    private boolean closed;

    private Exclusive(Kept held, Runnable after) {
      this.held = held;
      this.after = after;
    }

    @Override
    public List<dev.slipway.snapshot.Mount> mounts() {
      return held.mounts();
    }

    @Override
    public void close() {
      if (!closed) {
        closed = true;
        try {
          held.close();
        } finally {
          after.run();
        }
      }
    }
  }
}
