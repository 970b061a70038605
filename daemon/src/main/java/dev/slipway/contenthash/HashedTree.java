package dev.slipway.contenthash;

import dev.slipway.failure.InvalidRequest;
import dev.slipway.failure.NotFound;
import dev.slipway.oci.Digest;
import dev.slipway.task.Interruption;
import dev.slipway.task.TaskScope;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/// What is known of one tree's digests; the rest is read from the tree when it is needed, and kept.
/// Directories are listed only where somebody looks, files hashed only where they count, several at
/// once.
///
/// Guarded by its monitor: one question at a time, since questions about one tree mostly need the
/// same answers.
final class HashedTree {
  private static final int MAXIMUM_LINKS = 255;
  private static final int FILES_PER_WORKER = 16;

  private final Node root;
  private boolean changed;

  HashedTree(Node root) {
    this.root = root;
  }

  /// A place in the tree, with the path it was reached by after following links.
  record Found(Node node) {}

  /// Digest of what is at the path, a directory with all that is in it.
  ///
  /// @param path clean and absolute, empty for the root
  /// @throws NotFound
  synchronized Digest digest(String path, boolean followLast, Supplier<TreeView> view) {
    Node node =
        find(path, followLast, view)
            .orElseThrow(() -> new NotFound(quoted(path.isEmpty() ? "/" : path) + ": not found"));
    return digest(node, view);
  }

  synchronized Digest digest(Node node, Supplier<TreeView> view) {
    if (node.isDirectory()) {
      if (node.contents.length == 0) {
        List<Node> unhashed = new ArrayList<>();
        collectUnhashed(node, unhashed, view);
        hash(unhashed, view);
        sumUp(node);
      }
      return new Digest("sha256", HexFormat.of().formatHex(node.contents));
    }
    return own(node, view);
  }

  /// Digest of the entry itself: of a directory its attributes only.
  synchronized Digest own(Node node, Supplier<TreeView> view) {
    hash(List.of(node), view);
    return new Digest("sha256", HexFormat.of().formatHex(node.digest));
  }

  /// Hashes entries whose digest is not known, in parallel.
  synchronized void hash(Collection<Node> nodes, Supplier<TreeView> view) {
    List<Node> unhashed = nodes.stream().filter(node -> !node.hashed()).toList();
    if (unhashed.isEmpty()) {
      return;
    }
    changed = true;
    TreeView tree = view.get();
    int workers =
        Math.min(
            Runtime.getRuntime().availableProcessors(), 1 + unhashed.size() / FILES_PER_WORKER);
    if (workers == 1) {
      unhashed.forEach(node -> node.digest = tree.hash(node).digest());
      return;
    }
    AtomicInteger next = new AtomicInteger();
    try (var scope = TaskScope.open("hash files")) {
      for (int i = 0; i < workers; i++) {
        scope.forkAction(
            () -> {
              for (int at = next.getAndIncrement();
                  at < unhashed.size();
                  at = next.getAndIncrement()) {
                Interruption.check();
                unhashed.get(at).digest = tree.hash(unhashed.get(at)).digest();
              }
            });
      }
      scope.join();
    }
  }

  private void collectUnhashed(Node directory, List<Node> into, Supplier<TreeView> view) {
    into.add(directory);
    for (Node child : children(directory, view)) {
      if (!child.isDirectory()) {
        into.add(child);
      } else if (child.contents.length == 0) {
        collectUnhashed(child, into, view);
      }
    }
  }

  /// The directory's digest: its own, then name and digest of each entry, each as text with a NUL
  /// before it.
  private static void sumUp(Node directory) {
    MessageDigest sum = Digest.newSha256();
    sum.update((byte) 0);
    sum.update(text(directory.digest));
    for (Node child : directory.children) {
      if (child.isDirectory() && child.contents.length == 0) {
        sumUp(child);
      }
      sum.update((byte) 0);
      sum.update(child.name);
      sum.update(text(child.isDirectory() ? child.contents : child.digest));
    }
    directory.contents = sum.digest();
  }

  static byte[] text(byte[] digest) {
    return ("sha256:" + HexFormat.of().formatHex(digest)).getBytes(StandardCharsets.UTF_8);
  }

  /// The entries of a directory, sorted by name.
  synchronized List<Node> children(Node directory, Supplier<TreeView> view) {
    if (!directory.listed) {
      List<Node> children = new ArrayList<>();
      for (TreeView.Entry entry : view.get().list(directory)) {
        children.add(new Node(Optional.of(directory), entry.name(), entry.kind(), entry.link()));
      }
      children.sort(Node.BY_NAME);
      directory.children = children;
      directory.listed = true;
      changed = true;
    }
    return directory.children;
  }

  /// Resolves a path as if the tree were the whole file system; links in the middle are followed,
  /// the last one when asked.
  ///
  /// @param path clean and absolute, empty for the root
  /// @throws InvalidRequest more than 255 links
  synchronized Optional<Node> find(String path, boolean followLast, Supplier<TreeView> view) {
    Deque<String> remaining = new ArrayDeque<>(components(path));
    List<String> at = new ArrayList<>();
    Optional<Node> node = Optional.of(root);
    int links = 0;
    while (!remaining.isEmpty()) {
      String part = remaining.removeFirst();
      if (part.equals("..")) {
        if (!at.isEmpty()) {
          at.removeLast();
        }
        node = lookUp(at, view);
        continue;
      }
      at.add(part);
      node = node.filter(Node::isDirectory).flatMap(above -> childOf(above, part, view));
      if (node.isEmpty() || !node.get().isLink() || (remaining.isEmpty() && !followLast)) {
        continue;
      }
      if (++links > MAXIMUM_LINKS) {
        throw new InvalidRequest("too many links");
      }
      String target = node.get().linkText();
      components(target).reversed().forEach(remaining::addFirst);
      at.removeLast();
      if (target.startsWith("/")) {
        at.clear();
      }
      node = lookUp(at, view);
    }
    return node;
  }

  private Optional<Node> lookUp(List<String> path, Supplier<TreeView> view) {
    Optional<Node> node = Optional.of(root);
    for (String part : path) {
      node = node.filter(Node::isDirectory).flatMap(above -> childOf(above, part, view));
    }
    return node;
  }

  private Optional<Node> childOf(Node directory, String name, Supplier<TreeView> view) {
    children(directory, view);
    return directory.child(name.getBytes(StandardCharsets.UTF_8));
  }

  private static List<String> components(String path) {
    List<String> components = new ArrayList<>();
    for (String part : path.split("/")) {
      if (!part.isEmpty() && !part.equals(".")) {
        components.add(part);
      }
    }
    return components;
  }

  static String quoted(String path) {
    return '"' + path.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }

  // ---- told from outside, see LocalTree ----

  /// Enters an entry whose digest is known. Missing directories above are made; what was at the
  /// place is forgotten.
  synchronized void put(String path, Node.Kind kind, byte[] link, byte[] digest) {
    List<String> components = components(path);
    if (components.isEmpty()) {
      return;
    }
    Node directory = root;
    for (String part : components.subList(0, components.size() - 1)) {
      directory = directoryIn(directory, part);
    }
    byte[] name = components.getLast().getBytes(StandardCharsets.UTF_8);
    Optional<Node> existing = directory.child(name);
    if (kind == Node.Kind.DIRECTORY && existing.filter(Node::isDirectory).isPresent()) {
      existing.get().digest = digest;
      existing.get().forgetContents();
    } else {
      Node node = new Node(Optional.of(directory), name, kind, link);
      node.digest = digest;
      node.listed = true;
      directory.put(node);
      directory.forgetContents();
    }
    changed = true;
  }

  private static Node directoryIn(Node above, String part) {
    byte[] name = part.getBytes(StandardCharsets.UTF_8);
    Optional<Node> existing = above.child(name).filter(Node::isDirectory);
    if (existing.isPresent()) {
      return existing.get();
    }
    Node made = new Node(Optional.of(above), name, Node.Kind.DIRECTORY, Node.UNKNOWN);
    made.listed = true;
    above.put(made);
    return made;
  }

  synchronized void remove(String path) {
    List<String> components = components(path);
    Optional<Node> directory = Optional.of(root);
    for (String part :
        components.isEmpty() ? components : components.subList(0, components.size() - 1)) {
      directory =
          directory
              .flatMap(above -> above.child(part.getBytes(StandardCharsets.UTF_8)))
              .filter(Node::isDirectory);
    }
    if (directory.isPresent() && !components.isEmpty()) {
      directory.get().removeChild(components.getLast().getBytes(StandardCharsets.UTF_8));
      directory.get().forgetContents();
      changed = true;
    }
  }

  synchronized Optional<Digest> known(String path) {
    Optional<Node> node = Optional.of(root);
    for (String part : components(path)) {
      node = node.flatMap(above -> above.child(part.getBytes(StandardCharsets.UTF_8)));
    }
    return node.filter(Node::hashed)
        .map(hashed -> new Digest("sha256", HexFormat.of().formatHex(hashed.digest)));
  }

  synchronized int count() {
    return root.count();
  }

  /// Takes the note that something was learnt since the last call.
  synchronized boolean takeChanged() {
    boolean was = changed;
    changed = false;
    return was;
  }

  synchronized byte[] encode() {
    return NodeCodec.encode(root);
  }
}
