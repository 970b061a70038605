package dev.slipway.contenthash;

import dev.slipway.kernel.Kernel;
import dev.slipway.metadata.MetadataDatabase;
import dev.slipway.metadata.Schema;
import dev.slipway.oci.Digest;
import dev.slipway.ref.FetchContext;
import dev.slipway.ref.ImmutableRef;
import dev.slipway.ref.MutableRef;
import dev.slipway.ref.RefDescription.RecordType;
import dev.slipway.ref.RefStore;
import dev.slipway.snapshot.Mounter.MountedTree;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/// Hashes refs, and remembers for each what it learnt: in memory for those used lately, in the
/// database for all.
///
/// Digests of a tree are written when it leaves memory, on [#flush] and on [#close]; what a kill
/// loses is only computed again.
///
/// Thread-safe: the trees in memory are guarded by this object's monitor, each tree by its own.
public final class TreeHasher implements ContentHasher, AutoCloseable {
  private static final int MAXIMUM_ENTRIES = 200_000;

  private final Function<MountedTree, TreeView> views;
  private final DigestTable table;
  private final Map<String, HashedTree> inMemory = new LinkedHashMap<>(16, 0.75f, true);

  /// Keys of trees that were opened for writing by somebody who does not tell; guarded as the trees
  /// in memory are.
  private final Set<String> untold = new HashSet<>();

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
    TreeHasher hasher = new TreeHasher(tree -> new DiskTree(kernel, tree.root()), database);
    refs.onContentGone(hasher::forget);
    refs.onContentOpened(hasher::opened);
    return hasher;
  }

  @Override
  public Digest digest(ImmutableRef ref, List<Selection> selections, FetchContext context) {
    forgetIfUntold(ref.contentKey());
    HashedTree tree = tree(ref.contentKey(), () -> newTree(ref));
    try (LazyView view = new LazyView(ref, context)) {
      if (selections.isEmpty()) {
        return SelectionDigest.of(tree, Selection.path("/", false), view);
      }
      if (selections.size() == 1) {
        return SelectionDigest.of(tree, selections.getFirst(), view);
      }
      String joined =
          selections.stream()
              .map(selection -> SelectionDigest.of(tree, selection, view).toString())
              .collect(Collectors.joining("\0"));
      return Digest.ofBytes(joined.getBytes(StandardCharsets.UTF_8));
    } finally {
      keepWithinBounds();
    }
  }

  /// The digests of a directory that is being synced from a client: told from outside, entry by
  /// entry, so that nothing of it is read again.
  ///
  /// @param ref the kept tree ([RefStore#openTagged]); what is known of it from last time is still
  ///   known
  public LocalTree local(MutableRef ref) {
    synchronized (inMemory) {
      untold.remove(ref.contentKey());
    }
    return new LocalTree(this, ref.contentKey(), tree(ref.contentKey(), TreeHasher::newSyncedTree));
  }

  /// A kept tree is about to be written. Who writes it and tells ([#local]) keeps what is known;
  /// else nothing of it holds any more.
  void opened(String key) {
    synchronized (inMemory) {
      untold.add(key);
    }
  }

  private void forgetIfUntold(String key) {
    boolean written;
    synchronized (inMemory) {
      written = untold.remove(key);
    }
    if (written) {
      forget(key);
    }
  }

  private static HashedTree newTree(ImmutableRef ref) {
    return new HashedTree(
        ref.info().description().type() == RecordType.SOURCE_LOCAL ? syncedRoot() : Node.root());
  }

  private static HashedTree newSyncedTree() {
    Node root = syncedRoot();
    root.listed = true;
    return new HashedTree(root);
  }

  /// The root of a synced directory is never sent, so its attributes do not count.
  private static Node syncedRoot() {
    Node root = Node.root();
    root.digest = Digest.newSha256().digest();
    return root;
  }

  private HashedTree tree(String key, Supplier<HashedTree> fresh) {
    synchronized (inMemory) {
      HashedTree known = inMemory.get(key);
      if (known != null) {
        return known;
      }
    }
    Optional<HashedTree> stored = table.load(key);
    synchronized (inMemory) {
      return inMemory.computeIfAbsent(key, _ -> stored.orElseGet(fresh));
    }
  }

  void save(String key, HashedTree tree) {
    if (tree.takeChanged()) {
      table.save(key, tree.encode());
    }
  }

  void unsave(String key) {
    table.delete(key);
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
    synchronized (inMemory) {
      inMemory.remove(key);
    }
    table.delete(key);
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
