package dev.slipway.op;

import dev.slipway.failure.InvalidRequest;
import dev.slipway.llb.FileAction;
import dev.slipway.llb.FileAction.Chown;
import dev.slipway.llb.FileAction.Owner;
import dev.slipway.op.file.FileActions;
import dev.slipway.op.file.FileActions.Roots;
import dev.slipway.ref.FetchContext;
import dev.slipway.ref.ImmutableRef;
import dev.slipway.ref.MutableRef;
import dev.slipway.ref.RefDescription;
import dev.slipway.ref.RefStore;
import dev.slipway.snapshot.Mounter.MountedTree;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/// The trees of one run of a file op. A tree that only one action uses goes on being written in
/// place; one with several users is committed first, so that nobody sees another's changes.
/// Confined to the evaluation's thread.
final class FileTrees implements AutoCloseable {
  private final RefStore refs;
  private final List<RefResult> inputs;
  private final int[] uses;
  private final String name;
  private final FetchContext context;

  private final Map<Integer, Writing> writing = new HashMap<>();
  private final Map<Integer, ImmutableRef> committed = new HashMap<>();
  private final Map<Integer, Path> readable = new HashMap<>();
  private final Deque<AutoCloseable> open = new ArrayDeque<>();

  private record Writing(MutableRef ref, MountedTree tree) {}

  /// @param uses how often each tree is used
  FileTrees(RefStore refs, List<RefResult> inputs, int[] uses, String name, FetchContext context) {
    this.refs = refs;
    this.inputs = inputs;
    this.uses = uses.clone();
    this.name = name;
    this.context = context;
  }

  /// Runs one action; its result is the tree after the inputs' numbers.
  void change(int number, FileAction action, FileActions actions) {
    Optional<Path> source =
        action instanceof FileAction.Copy
            ? Optional.of(
                action.at().secondaryInput().isPresent()
                    ? read(action.at().secondaryInput().getAsInt())
                    : empty())
            : Optional.empty();
    Optional<Chown> owner = owner(action);
    Optional<Path> users = owner.flatMap(Chown::user).flatMap(this::accounts);
    Optional<Path> groups = owner.flatMap(Chown::group).flatMap(this::accounts);
    Writing target = write(action.at().input());
    int result = inputs.size() + number;
    writing.put(result, target);
    actions.run(action, new Roots(target.tree().root(), source, users, groups));
    if (uses[result] > 1) {
      commit(result);
    }
  }

  /// What a failed action was working on, committed as it is now: its own tree and, if another
  /// action made it, its source. The refs stay this object's.
  ///
  /// @return one entry for each of so many actions
  List<Optional<ImmutableRef>> failed(int number, FileAction action, int actions) {
    List<Optional<ImmutableRef>> states =
        new ArrayList<>(Collections.nCopies(actions, Optional.empty()));
    if (writing.containsKey(inputs.size() + number)) {
      states.set(number, Optional.of(commit(inputs.size() + number)));
    }
    OptionalInt source = action.at().secondaryInput();
    if (source.isPresent() && source.getAsInt() >= inputs.size()) {
      states.set(source.getAsInt() - inputs.size(), Optional.of(commit(source.getAsInt())));
    }
    return states;
  }

  /// The outputs; the caller's.
  List<RefResult> outputs(List<Integer> trees) {
    List<RefResult> results = new ArrayList<>();
    for (int tree : trees) {
      results.add(RefResult.of(commit(tree).share()));
    }
    return results;
  }

  private Writing write(OptionalInt input) {
    if (input.isPresent() && writing.containsKey(input.getAsInt()) && uses[input.getAsInt()] == 1) {
      return writing.remove(input.getAsInt());
    }
    Optional<ImmutableRef> base = input.isPresent() ? tree(input.getAsInt()) : Optional.empty();
    MutableRef ref = refs.newMutable(base, RefDescription.regular(name), context);
    open.push(ref);
    MountedTree tree = ref.openTree();
    open.push(tree);
    return new Writing(ref, tree);
  }

  private Path read(int tree) {
    Path known = readable.get(tree);
    if (known != null) {
      return known;
    }
    if (writing.containsKey(tree)) {
      return writing.get(tree).tree().root();
    }
    Optional<ImmutableRef> ref = tree(tree);
    if (ref.isEmpty()) {
      return empty();
    }
    MountedTree mounted = ref.get().openTree(context);
    open.push(mounted);
    readable.put(tree, mounted.root());
    return mounted.root();
  }

  private Path empty() {
    MutableRef scratch = refs.newMutable(Optional.empty(), RefDescription.regular(name), context);
    open.push(scratch);
    MountedTree tree = scratch.openTree();
    open.push(tree);
    return tree.root();
  }

  private Optional<ImmutableRef> tree(int number) {
    if (number < inputs.size()) {
      return inputs.get(number).ref();
    }
    return Optional.of(commit(number));
  }

  /// The tree as a ref, committed now if it was still being written. The ref stays ours.
  private ImmutableRef commit(int tree) {
    Writing done = writing.remove(tree);
    if (done != null) {
      done.tree().close();
      ImmutableRef ref = done.ref().commit();
      open.push(ref);
      committed.put(tree, ref);
      return ref;
    }
    ImmutableRef known = committed.get(tree);
    if (known == null) {
      throw new InvalidRequest("tree " + tree + " of the file op was never made");
    }
    return known;
  }

  private Optional<Path> accounts(Owner owner) {
    return switch (owner) {
      case Owner.ById _ -> Optional.empty();
      case Owner.ByName named ->
          Optional.of(
              read(named.input().orElseThrow(() -> new InvalidRequest("invalid user index: -1"))));
    };
  }

  /// Trees whose account files an action's owner is looked up in.
  static List<Integer> ownerTrees(FileAction action) {
    List<Integer> trees = new ArrayList<>();
    Optional<Chown> owner = owner(action);
    owner.flatMap(Chown::user).ifPresent(user -> addTree(user, trees));
    owner.flatMap(Chown::group).ifPresent(group -> addTree(group, trees));
    return trees;
  }

  private static void addTree(Owner owner, List<Integer> trees) {
    if (owner instanceof Owner.ByName named) {
      named.input().ifPresent(trees::add);
    }
  }

  private static Optional<Chown> owner(FileAction action) {
    return switch (action) {
      case FileAction.Copy copy -> copy.owner();
      case FileAction.Mkfile file -> file.owner();
      case FileAction.Mkdir directory -> directory.owner();
      case FileAction.Symlink link -> link.owner();
      case FileAction.Rm _ -> Optional.empty();
    };
  }

  /// Unmounts everything and gives up what was not handed out, last opened first.
  @Override
  public void close() {
    Holds.closeAll(open);
    open.clear();
  }
}
