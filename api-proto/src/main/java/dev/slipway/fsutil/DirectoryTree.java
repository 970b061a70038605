package dev.slipway.fsutil;

import dev.slipway.failure.InvalidRequest;
import dev.slipway.failure.NotFound;
import dev.slipway.fsutil.TreeWalker.Entry;
import dev.slipway.fsutil.TreeWalker.Visit;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A directory of this machine, or the part of it that a [TreeView] shows. Directories above
/// something seen are seen, too.
///
/// Immutable; the directory is read anew by each walk.
public final class DirectoryTree implements FileTree {
  private final Path root;
  private final TreeView view;
  private final ExtendedAttributes extendedAttributes;
  private final Optional<PatternMatcher> included;
  private final Optional<PatternMatcher> excluded;

  private DirectoryTree(
      Path root,
      TreeView view,
      ExtendedAttributes extendedAttributes,
      Optional<PatternMatcher> included,
      Optional<PatternMatcher> excluded) {
    this.root = root;
    this.view = view;
    this.extendedAttributes = extendedAttributes;
    this.included = included;
    this.excluded = excluded;
  }

  /// Looks at the directory once, for the links of the view's paths to follow.
  ///
  /// @throws NotFound there is no such directory
  /// @throws InvalidRequest a pattern is malformed, or it is no directory
  public static DirectoryTree open(
      Path directory, TreeView view, ExtendedAttributes extendedAttributes) {
    Path root;
    try {
      root = directory.toRealPath();
    } catch (IOException e) {
      throw new NotFound("no directory " + directory, e);
    }
    if (!Files.isDirectory(root)) {
      throw new InvalidRequest(directory + " is not a directory");
    }
    List<String> include = new ArrayList<>(view.includePatterns());
    if (!view.followPaths().isEmpty()) {
      Optional<List<String>> followed = FollowPaths.resolve(root, view.followPaths());
      if (followed.isPresent()) {
        include.addAll(followed.get());
        include = FollowPaths.withoutCovered(include).orElse(List.of());
      }
    }
    return new DirectoryTree(
        root, view, extendedAttributes, matcher(include), matcher(view.excludePatterns()));
  }

  private static Optional<PatternMatcher> matcher(List<String> patterns) {
    return patterns.isEmpty() ? Optional.empty() : Optional.of(PatternMatcher.of(patterns));
  }

  @Override
  public void walk(Visitor visitor) {
    new TreeWalker(root, extendedAttributes).walk(new Filter(visitor)::visit);
  }

  @Override
  public InputStream open(String path) throws IOException {
    return Files.newInputStream(root.resolve(path), LinkOption.NOFOLLOW_LINKS);
  }

  /// A directory we are in.
  private static final class Level {
    final Entry entry;
    final Optional<PatternMatcher.State> included;
    final Optional<PatternMatcher.State> excluded;
    boolean shown;

    Level(
        Entry entry,
        Optional<PatternMatcher.State> included,
        Optional<PatternMatcher.State> excluded) {
      this.entry = entry;
      this.included = included;
      this.excluded = excluded;
    }
  }

  private final class Filter {
    private final Visitor visitor;
    private final List<Level> levels = new ArrayList<>();

    Filter(Visitor visitor) {
      this.visitor = visitor;
    }

    Visit visit(Entry entry) {
      String path = entry.path();
      while (!levels.isEmpty() && !path.startsWith(levels.getLast().entry.path() + "/")) {
        levels.removeLast();
      }
      Optional<PatternMatcher.State> include = match(included, path, l -> l.included);
      boolean isIncluded = include.map(PatternMatcher.State::matches).orElse(true);
      if (!isIncluded
          && entry.isDirectory()
          && included.filter(matcher -> matcher.mayMatchWithin(path)).isEmpty()) {
        return Visit.LEAVE_OUT;
      }
      Optional<PatternMatcher.State> exclude = match(excluded, path, l -> l.excluded);
      boolean isExcluded = exclude.map(PatternMatcher.State::matches).orElse(false);
      if (isExcluded
          && entry.isDirectory()
          && excluded.filter(matcher -> matcher.mayExceptWithin(path)).isEmpty()) {
        return Visit.LEAVE_OUT;
      }
      Level level = new Level(entry, include, exclude);
      boolean taken = isIncluded && !isExcluded;
      if (taken) {
        levels.forEach(this::show);
        show(level);
      }
      if (entry.isDirectory()) {
        levels.add(level);
      }
      return taken ? Visit.TAKE : Visit.LOOK_INSIDE;
    }

    private Optional<PatternMatcher.State> match(
        Optional<PatternMatcher> matcher,
        String path,
        java.util.function.Function<Level, Optional<PatternMatcher.State>> known) {
      return matcher.map(
          m ->
              levels.isEmpty()
                  ? m.match(path)
                  : known.apply(levels.getLast()).map(s -> m.match(path, s)).orElseThrow());
    }

    private void show(Level level) {
      if (!level.shown) {
        level.shown = true;
        visitor.visit(view.change().apply(level.entry.stat()));
      }
    }
  }
}
