package dev.slipway.contenthash;

import dev.slipway.contenthash.ContentHasher.Selection;
import dev.slipway.contenthash.PathPatterns.Found;
import dev.slipway.contenthash.PathPatterns.Verdict;
import dev.slipway.failure.NotFound;
import dev.slipway.oci.Digest;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/// Answers one selection on one tree. What counts, in which order, and how paths are named follows
/// BuildKit's `includedPaths` (`cache/contenthash/checksum.go`, v0.32.2), surprises included.
/// Confined to one call.
final class SelectionDigest {
  private final HashedTree tree;
  private final Supplier<TreeView> view;
  private final Selection selection;
  private final String path;
  private final boolean endsInSlash;
  private final PathPatterns include;
  private final PathPatterns exclude;
  private final List<Included> included = new ArrayList<>();

  /// The last place that the wildcard matched; what is below it need not match itself.
  private String lastMatched = "";

  private static final class Included {
    final String path;
    final Node node;
    final boolean followLink;
    Found includeFound = Found.NOTHING;
    Found excludeFound = Found.NOTHING;
    boolean listed;

    Included(String path, Node node, boolean followLink) {
      this.path = path;
      this.node = node;
      this.followLink = followLink;
    }
  }

  private SelectionDigest(HashedTree tree, Selection selection, Supplier<TreeView> view) {
    this.tree = tree;
    this.view = view;
    this.selection = selection;
    this.path = key(selection.path());
    this.endsInSlash = selection.path().endsWith("/");
    this.include = PathPatterns.parse(selection.include());
    this.exclude = PathPatterns.parse(selection.exclude());
  }

  static Digest of(HashedTree tree, Selection selection, Supplier<TreeView> view) {
    if (!selection.wildcard() && selection.include().isEmpty() && selection.exclude().isEmpty()) {
      return tree.digest(key(selection.path()), selection.followLinks(), view);
    }
    return new SelectionDigest(tree, selection, view).digest();
  }

  /// Absolute and clean; empty for the root.
  private static String key(String path) {
    String clean = PathPatterns.clean("/" + path);
    return clean.equals("/") ? "" : clean;
  }

  private Digest digest() {
    String prefix = path;
    boolean followPrefix = false;
    if (selection.wildcard()) {
      prefix = plainPrefix(path);
      followPrefix = !prefix.equals(path);
    }
    Optional<Node> start = tree.find(prefix, followPrefix, view);
    if (start.isPresent()) {
      visit(start.get(), prefix, List.of());
    }
    for (String required : selection.required()) {
      if (included.stream().noneMatch(each -> each.path.startsWith(required))) {
        throw new NotFound(HashedTree.quoted(required) + ": not found");
      }
    }
    return sum(prefix);
  }

  /// The components before the first that has wildcards.
  private static String plainPrefix(String path) {
    StringBuilder prefix = new StringBuilder();
    for (String part : path.split("/")) {
      if (Wildcard.hasWildcards(part)) {
        return prefix.toString();
      }
      if (!part.isEmpty()) {
        prefix.append('/').append(part);
      }
    }
    return prefix.toString();
  }

  /// @param at the path by which it was reached, links in the selection's path as written
  /// @param above directories on the way that count as parents, outermost first
  private void visit(Node node, String at, List<Included> above) {
    Optional<Included> parent = above.isEmpty() ? Optional.empty() : Optional.of(above.getLast());
    boolean candidate = matchesWildcard(at);
    List<Included> parentsBelow = above;
    boolean withoutHeader = node.isDirectory() && endsInSlash && at.equals(path);
    if (candidate && !withoutHeader) {
      Included entry = new Included(at, node, parent.isEmpty() && selection.followLinks());
      if (counts(relative(at), entry, parent)) {
        above.forEach(this::take);
        take(entry);
      }
      if (node.isDirectory()) {
        parentsBelow = new ArrayList<>(above);
        parentsBelow.add(entry);
      }
    }
    if (node.isDirectory()) {
      for (Node child : tree.children(node, view)) {
        visit(child, at + "/" + child.text(), parentsBelow);
      }
    }
  }

  private boolean matchesWildcard(String at) {
    if (!selection.wildcard() || path.isEmpty()) {
      return true;
    }
    if (!lastMatched.isEmpty() && at.startsWith(lastMatched + "/")) {
      return true;
    }
    if (!Wildcard.matches(path, at)) {
      return false;
    }
    lastMatched = at;
    return true;
  }

  /// The path as patterns see it.
  private String relative(String at) {
    String base = (selection.wildcard() ? lastMatched : path) + "/";
    String whole = at + "/";
    String relative = whole.startsWith(base) ? whole.substring(base.length()) : whole;
    return relative.endsWith("/") ? relative.substring(0, relative.length() - 1) : relative;
  }

  private boolean counts(String candidate, Included entry, Optional<Included> parent) {
    if (!selection.include().isEmpty()) {
      Verdict verdict =
          include.match(candidate, parent.map(above -> above.includeFound).orElse(Found.NOTHING));
      entry.includeFound = verdict.found();
      if (!verdict.matches()) {
        return false;
      }
    }
    if (!selection.exclude().isEmpty()) {
      Verdict verdict =
          exclude.match(candidate, parent.map(above -> above.excludeFound).orElse(Found.NOTHING));
      entry.excludeFound = verdict.found();
      return !verdict.matches();
    }
    return true;
  }

  private void take(Included entry) {
    if (!entry.listed) {
      entry.listed = true;
      included.add(entry);
    }
  }

  private Digest sum(String prefix) {
    tree.hash(
        included.stream().filter(entry -> !followed(entry)).map(entry -> entry.node).toList(),
        view);
    if (included.isEmpty()) {
      return Digest.EMPTY;
    }
    List<Digest> digests = new ArrayList<>();
    for (Included entry : included) {
      digests.add(
          followed(entry)
              ? tree.digest(entry.path, selection.followLinks(), view)
              : tree.own(entry.node, view));
    }
    if (included.size() == 1
        && baseName(selection.path()).equals(baseName(included.getFirst().path))) {
      return digests.getFirst();
    }
    MessageDigest sum = Digest.newSha256();
    for (int i = 0; i < included.size(); i++) {
      sum.update(name(included.get(i), prefix));
      sum.update(digests.get(i).toString().getBytes(StandardCharsets.UTF_8));
    }
    return Digest.ofSha256(sum);
  }

  private static boolean followed(Included entry) {
    return entry.followLink && entry.node.isLink();
  }

  /// The path below the prefix, each component with a NUL before it; a single NUL for the prefix
  /// itself. Names go in as they are on disk.
  private static byte[] name(Included entry, String prefix) {
    int depth = (int) entry.path.substring(prefix.length()).chars().filter(c -> c == '/').count();
    if (depth == 0) {
      return new byte[] {0};
    }
    byte[][] parts = new byte[depth][];
    Node node = entry.node;
    for (int i = depth - 1; i >= 0; i--) {
      parts[i] = node.name;
      node = node.parent.orElse(node);
    }
    int length = Arrays.stream(parts).mapToInt(part -> part.length + 1).sum();
    byte[] joined = new byte[length];
    int at = 0;
    for (byte[] part : parts) {
      System.arraycopy(part, 0, joined, at + 1, part.length);
      at += part.length + 1;
    }
    return joined;
  }

  /// Go's `path.Base`.
  private static String baseName(String path) {
    String trimmed = path;
    while (trimmed.length() > 1 && trimmed.endsWith("/")) {
      trimmed = trimmed.substring(0, trimmed.length() - 1);
    }
    if (trimmed.isEmpty()) {
      return ".";
    }
    return trimmed.equals("/") ? "/" : trimmed.substring(trimmed.lastIndexOf('/') + 1);
  }
}
