package dev.slipway.frontend.dockerfile.graph;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// File operations on a tree, each working on what the one before it left.
public final class FileNode implements Node {
  private final Optional<Output> base;
  private final List<Action> actions;
  private final NodeNotes notes;

  /// @param actions one or more
  public FileNode(Optional<Output> base, List<Action> actions, NodeNotes notes) {
    this.base = base;
    this.actions = List.copyOf(actions);
    this.notes = notes;
  }

  public sealed interface Action {}

  /// @param path absolute
  /// @param timestamp nanoseconds since 1970, -1 for the time of the operation
  public record MakeDirectory(
      String path, int mode, boolean parents, Optional<Owner> owner, long timestamp)
      implements Action {}

  /// @param path absolute
  public record MakeFile(String path, int mode, ByteString data) implements Action {}

  /// @param source empty copies from scratch
  /// @param from, to absolute; a `/` or `/.` at the end of `to` means something
  /// @param owner whom copies belong to; empty keeps the owners they had
  public record CopyFiles(
      Optional<Output> source, String from, String to, Optional<Owner> owner, CopyRules rules)
      implements Action {}

  /// @param mode permission bits, -1 to keep them, 0 where `symbolicMode` counts
  /// @param symbolicMode as `chmod(1)` reads it; empty when `mode` counts
  /// @param unpack whether archives are unpacked
  /// @param style how sources are read
  /// @param includes only what matches; empty means all
  /// @param required paths that must exist
  public record CopyRules(
      int mode,
      String symbolicMode,
      boolean unpack,
      CopyStyle style,
      List<String> includes,
      List<String> excludes,
      List<String> required) {
    public CopyRules {
      includes = List.copyOf(includes);
      excludes = List.copyOf(excludes);
      required = List.copyOf(required);
    }
  }

  /// How the sources of a copy are read.
  public enum CopyStyle {
    /// One thing, copied to a path that is made if needed.
    ONE,
    /// As COPY reads them: wildcards, links followed, the contents of directories; also to a path
    /// that is made.
    PATTERN,
    /// One file that is taken apart.
    ARCHIVE,
    /// What is in a directory.
    CONTENTS
  }

  /// @param group empty leaves it to the user
  public record Owner(Account user, Optional<Account> group) {}

  /// A user or group.
  public sealed interface Account {}

  /// Known by number.
  public record Numbered(int id) implements Account {}

  /// Known by name, looked up in the tree that is worked on.
  public record Named(String name) implements Account {}

  Optional<Output> base() {
    return base;
  }

  List<Action> actions() {
    return actions;
  }

  /// Sources of copies, first action first.
  List<Output> copied() {
    List<Output> sources = new ArrayList<>();
    for (Action action : actions) {
      if (action instanceof CopyFiles copy) {
        copy.source().ifPresent(sources::add);
      }
    }
    return sources;
  }

  @Override
  public NodeNotes notes() {
    return notes;
  }
}
