package dev.slipway.contenthash;

import dev.slipway.kernel.Kernel;
import dev.slipway.metadata.MetadataDatabase;
import dev.slipway.metadata.Schema;
import dev.slipway.oci.Digest;
import dev.slipway.ref.FetchContext;
import dev.slipway.ref.ImmutableRef;
import dev.slipway.ref.RefDescription.RecordType;
import dev.slipway.ref.RefId;
import dev.slipway.ref.RefStore;
import dev.slipway.snapshot.Mounter.MountedTree;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/// Hashes refs, and remembers for each what it learnt: in memory for those used lately, in the database for all.
///
/// A tree is remembered under its ref's content key, and a key stands for one content only: a kept tree gets a new id, and so a new key, before it
/// is written again. Digests of a tree are written when it leaves memory, on [#flush] and on [#close]; what a kill loses is only computed again.
///
/// Thread-safe: the trees in memory are guarded by this object's monitor, each tree by its own.
public final class TreeHasher implements ContentHasher, AutoCloseable {
  private static final int MAXIMUM_ENTRIES = 200_000;

  private final Function<MountedTree, TreeView> views;
  private final DigestTable table;
  private final Map<String, HashedTree> inMemory = new LinkedHashMap<>(16, 0.75f, true);

  /// Which tree a synced one was before; guarded as the trees in memory are.
  private final Map<String, String> replaced = new HashMap<>();

  TreeHasher(Function<MountedTree, TreeView> views, MetadataDatabase database) {
    this.views = views;
    this.table = new DigestTable(database);
  }

  /// The tables this room needs in the database.
  public static Schema schema() {
    return DigestTable.SCHEMA;
  }

  /// Opens a hasher for the refs of that store. Caller closes.
  public static TreeHasher open(Kernel kernel, MetadataDatabase database, RefStore refs) {
    Set<String> alive = refs.contentKeys();
    TreeHasher hasher = new TreeHasher(tree -> new DiskTree(kernel, tree.root()), database);
    refs.onContentGone(hasher::forget);
    refs.onReplaced(hasher::replaced);
    hasher.table.retainOnly(alive);
    return hasher;
  }

  @Override
  public Digest digest(ImmutableRef ref, List<Selection> selections, FetchContext context) {
    HashedTree tree = tree(ref.contentKey(), () -> newTree(ref));
    try (LazyView view = new LazyView(ref, context)) {
      if (selections.isEmpty()) {
        return SelectionDigest.of(tree, Selection.path("/", false), view);
      }
      if (selections.size() == 1) {
        return SelectionDigest.of(tree, selections.getFirst(), view);
      }
      String joined =
          selections.stream().map(selection -> SelectionDigest.of(tree, selection, view).toString()).collect(Collectors.joining("\0"));
      return Digest.ofBytes(joined.getBytes(StandardCharsets.UTF_8));
    } finally {
      keepWithinBounds();
    }
  }

  /// Starts telling what a directory synced from a client holds now.
  ///
  /// @param ref the committed tree, which nobody has asked about yet
  public SyncedDigests synced(RefId ref) {
    Optional<String> before;
    synchronized (inMemory) {
      before = Optional.ofNullable(replaced.get(ref.value()));
    }
    return new SyncedDigests(this, ref, before.flatMap(this::known));
  }

  /// Takes over what was told of a synced directory.
  void take(RefId ref, HashedTree tree) {
    Optional<String> before;
    synchronized (inMemory) {
      inMemory.put(ref.value(), tree);
      before = Optional.ofNullable(replaced.remove(ref.value()));
    }
    before.ifPresent(this::forget);
    keepWithinBounds();
  }

  /// A kept tree was opened for its next sync: what is known of it as it was helps to know it as it will be.
  void replaced(RefId before, RefId now) {
    Optional<String> older;
    synchronized (inMemory) {
      older = Optional.ofNullable(replaced.remove(before.value()));
      replaced.put(now.value(), before.value());
    }
    older.ifPresent(this::forget);
  }

  private Optional<HashedTree> known(String key) {
    synchronized (inMemory) {
      Optional<HashedTree> known = Optional.ofNullable(inMemory.get(key));
      if (known.isPresent()) {
        return known;
      }
    }
    return table.load(key);
  }

  private static HashedTree newTree(ImmutableRef ref) {
    return new HashedTree(ref.info().description().type() == RecordType.SOURCE_LOCAL ? syncedRoot() : Node.root());
  }

  /// The root of a synced directory is never sent, so its attributes do not count.
  static Node syncedRoot() {
    Node root = Node.root();
    root.digest = Digest.newSha256().digest();
    return root;
  }

  private HashedTree tree(String key, Supplier<HashedTree> fresh) {
    Optional<HashedTree> known = known(key);
    synchronized (inMemory) {
      return inMemory.computeIfAbsent(key, _ -> known.orElseGet(fresh));
    }
  }

  private void save(String key, HashedTree tree) {
    if (tree.takeChanged()) {
      table.save(key, tree.encode());
    }
  }

  /// Writes down what was learnt.
  public void flush() {
    Map<String, HashedTree> all;
    synchronized (inMemory) {
      all = Map.copyOf(inMemory);
    }
    all.forEach(this::save);
  }

  void forget(String key) {
    Optional<String> before;
    synchronized (inMemory) {
      inMemory.remove(key);
      before = Optional.ofNullable(replaced.remove(key));
    }
    table.delete(key);
    before.ifPresent(this::forget);
  }

  private void keepWithinBounds() {
    Map<String, HashedTree> leaving = new LinkedHashMap<>();
    synchronized (inMemory) {
      long entries = inMemory.values().stream().mapToLong(HashedTree::count).sum();
      while (entries > MAXIMUM_ENTRIES && inMemory.size() > 1) {
        Map.Entry<String, HashedTree> eldest = inMemory.entrySet().iterator().next();
        entries -= eldest.getValue().count();
        leaving.put(eldest.getKey(), eldest.getValue());
        inMemory.remove(eldest.getKey());
      }
    }
    leaving.forEach(this::save);
  }

  @Override
  public void close() {
    flush();
  }

  /// Mounts the tree only when something must be read of it.
  private final class LazyView implements Supplier<TreeView>, AutoCloseable {
    private final ImmutableRef ref;
    private final FetchContext context;
    private Optional<MountedTree> mounted = Optional.empty();
    private Optional<TreeView> view = Optional.empty();

    private LazyView(ImmutableRef ref, FetchContext context) {
      this.ref = ref;
      this.context = context;
    }

    @Override
    public TreeView get() {
      if (view.isEmpty()) {
        mounted = Optional.of(ref.openTree(context));
        view = mounted.map(views);
      }
      return view.orElseThrow();
    }

    @Override
    public void close() {
      mounted.ifPresent(MountedTree::close);
    }
  }
}
