package dev.slipway.llb;

import dev.slipway.llb.FileAction.Chown;
import dev.slipway.llb.FileAction.Owner;
import dev.slipway.llb.FileAction.Place;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Function;

final class PendingFile implements PendingOp {
  private static final int PERMISSIONS = 0777;

  private final State base;
  private final List<FileChange> changes;
  private final Constraints constraints;

  PendingFile(State base, List<FileChange> changes, Constraints constraints) {
    this.base = base;
    this.changes = changes;
    this.constraints = constraints;
  }

  @Override
  public Constraints constraints() {
    return constraints;
  }

  /// The base first, then what is copied from, last change first: the order in which the
  /// reference's client visits them.
  @Override
  public List<State> uses() {
    List<State> uses = new ArrayList<>();
    addUse(base, uses);
    for (FileChange change : changes.reversed()) {
      if (change instanceof FileChange.Copy copy) {
        addUse(copy.from(), uses);
      }
    }
    return uses;
  }

  private static void addUse(State state, List<State> uses) {
    if (!state.isScratch() && uses.stream().noneMatch(state::isSameAs)) {
      uses.add(state);
    }
  }

  @Override
  public Parts parts(Function<State, Optional<Input>> inputs, Constraints defaults) {
    InputList found = new InputList();
    OptionalInt baseIndex = found.add(inputs.apply(base));
    List<OptionalInt> sources = new ArrayList<>();
    for (FileChange change : changes) {
      sources.add(
          change instanceof FileChange.Copy copy
              ? found.add(inputs.apply(copy.from()))
              : OptionalInt.empty());
    }
    List<FileAction> actions = new ArrayList<>();
    for (FileChange change : changes) {
      int number = actions.size();
      Place at =
          new Place(
              number == 0 ? baseIndex : OptionalInt.of(found.size() + number - 1),
              sources.get(number),
              number + 1 == changes.size() ? OptionalInt.of(0) : OptionalInt.empty());
      actions.add(action(change, at, baseIndex));
    }
    return new Parts(found.toList(), new FileOp(actions), false, Set.of(Caps.FILE_BASE));
  }

  private static FileAction action(FileChange change, Place at, OptionalInt base) {
    return switch (change) {
      case FileChange.Copy copy ->
          new FileAction.Copy(
              at,
              SlashPath.absolute(copy.source()),
              SlashPath.absoluteKeepingEnd(copy.destination()),
              bound(copy.owner(), base),
              copy.modeText().isEmpty() ? copy.mode() : OptionalInt.of(0),
              copy.modeText(),
              copy.options(),
              copy.timestamp(),
              copy.includePatterns(),
              copy.excludePatterns(),
              copy.requiredPaths());
      case FileChange.Mkfile mkfile ->
          new FileAction.Mkfile(
              at,
              SlashPath.absolute(mkfile.path()),
              mkfile.mode() & PERMISSIONS,
              mkfile.data(),
              bound(mkfile.owner(), base),
              mkfile.timestamp());
      case FileChange.Mkdir mkdir ->
          new FileAction.Mkdir(
              at,
              SlashPath.absolute(mkdir.path()),
              mkdir.mode() & PERMISSIONS,
              mkdir.makeParents(),
              bound(mkdir.owner(), base),
              mkdir.timestamp());
      case FileChange.Rm rm ->
          new FileAction.Rm(
              at, SlashPath.absolute(rm.path()), rm.allowNotFound(), rm.allowWildcard());
      case FileChange.Symlink symlink ->
          new FileAction.Symlink(
              at,
              symlink.target(),
              SlashPath.absolute(symlink.path()),
              bound(symlink.owner(), base),
              symlink.timestamp());
    };
  }

  private static Optional<Chown> bound(Optional<Chown> chown, OptionalInt base) {
    return chown.map(
        owners -> new Chown(boundOwner(owners.user(), base), boundOwner(owners.group(), base)));
  }

  private static Optional<Owner> boundOwner(Optional<Owner> owner, OptionalInt base) {
    return owner.map(
        one -> one instanceof Owner.ByName(String name, _) ? new Owner.ByName(name, base) : one);
  }
}
