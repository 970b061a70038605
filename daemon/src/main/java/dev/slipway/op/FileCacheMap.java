package dev.slipway.op;

import dev.slipway.contenthash.ContentHasher.Selection;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.llb.FileAction;
import dev.slipway.llb.FileOp;
import dev.slipway.oci.Digest;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/// The cache digest of a file op and what of each input counts, as BuildKit forms them (surface
/// reference 5.3; BuildKit v0.32.2, `solver/llbsolver/ops/file.go`, `CacheMap`). Pure.
final class FileCacheMap {
  private FileCacheMap() {}

  /// What of one input counts; nothing when it is modified by some action.
  record InputPart(Optional<Digest> selector, Optional<List<Selection>> content) {}

  static Digest digest(FileOp op, int inputCount) {
    return Digest.ofText(json(op, inputCount));
  }

  /// The text that is hashed.
  static String json(FileOp op, int inputCount) {
    List<String> actions = new ArrayList<>();
    List<int[]> indexes = new ArrayList<>();
    for (FileAction action : op.actions()) {
      String text = GoJson.object(json -> writeAction(action, inputCount, json));
      actions.add(Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8)));
      FileAction.Place at = action.at();
      indexes.add(
          new int[] {
            at.input().orElse(-1), at.secondaryInput().orElse(-1), at.output().orElse(-1)
          });
    }
    List<String> shown =
        isUsualShape(indexes) ? List.of() : indexes.stream().map(FileCacheMap::triple).toList();
    return GoJson.object(
        json ->
            json.textAlways("Type", "buildkit.file.v0")
                .texts("Actions", actions)
                .raws("indexes", shown));
  }

  private static String triple(int[] indexes) {
    return "[" + indexes[0] + "," + indexes[1] + "," + indexes[2] + "]";
  }

  /// A chain of actions, each working on the one before it and the last one being the output, needs
  /// no indexes in the text. The number counted with is that of the actions, as BuildKit does.
  private static boolean isUsualShape(List<int[]> indexes) {
    int count = indexes.size();
    for (int i = 0; i < count; i++) {
      int[] one = indexes.get(i);
      boolean input = one[0] == (i == 0 ? 0 : count + i - 1);
      boolean secondary = one[1] == -1 || one[1] == 1;
      boolean output = one[2] == (i == count - 1 ? 0 : -1);
      if (!input || !secondary || !output) {
        return false;
      }
    }
    return true;
  }

  private static void writeAction(FileAction action, int inputCount, GoJson json) {
    switch (action) {
      case FileAction.Copy copy -> writeCopy(copy, inputCount, json);
      case FileAction.Mkfile file ->
          json.text("path", file.path())
              .number("mode", file.mode())
              .bytes("data", file.data().toByteArray())
              .object("owner", file.owner(), FileCacheMap::writeOwner)
              .number("timestamp", file.timestamp().orElse(-1));
      case FileAction.Mkdir directory ->
          json.text("path", directory.path())
              .number("mode", directory.mode())
              .flag("makeParents", directory.makeParents())
              .object("owner", directory.owner(), FileCacheMap::writeOwner)
              .number("timestamp", directory.timestamp().orElse(-1));
      case FileAction.Rm remove ->
          json.text("path", remove.path())
              .flag("allowNotFound", remove.allowNotFound())
              .flag("allowWildcard", remove.allowWildcard());
      case FileAction.Symlink link ->
          json.text("oldpath", link.target())
              .text("newpath", link.path())
              .object("owner", link.owner(), FileCacheMap::writeOwner)
              .number("timestamp", link.timestamp().orElse(-1));
    }
  }

  private static void writeCopy(FileAction.Copy copy, int inputCount, GoJson json) {
    FileAction.CopyOptions options = copy.options();
    json.text("src", isFromInput(copy, inputCount) ? GoPath.base(copy.source()) : copy.source())
        .text("dest", copy.destination())
        .object("owner", copy.owner(), FileCacheMap::writeOwner)
        .number("mode", copy.mode().orElse(-1))
        .flag("followSymlink", options.followSymlink())
        .flag("dirCopyContents", options.dirCopyContents())
        .flag("attemptUnpackDockerCompatibility", options.attemptUnpack())
        .flag("createDestPath", options.createDestPath())
        .flag("allowWildcard", options.allowWildcard())
        .flag("allowEmptyWildcard", options.allowEmptyWildcard())
        .number("timestamp", copy.timestamp().orElse(-1))
        .texts("include_patterns", copy.includePatterns())
        .texts("exclude_patterns", copy.excludePatterns())
        .flag("alwaysReplaceExistingDestPaths", options.alwaysReplaceExistingDestPaths())
        .text("modeStr", copy.modeText())
        .texts("required_paths", copy.requiredPaths());
  }

  private static boolean isFromInput(FileAction.Copy copy, int inputCount) {
    return copy.at().secondaryInput().isPresent()
        && copy.at().secondaryInput().getAsInt() < inputCount;
  }

  private static void writeOwner(FileAction.Chown owner, GoJson json) {
    json.object("user", owner.user(), FileCacheMap::writeUser)
        .object("group", owner.group(), FileCacheMap::writeUser);
  }

  /// Go wraps the choice in a field of its own, and leaves id 0 out.
  private static void writeUser(FileAction.Owner owner, GoJson json) {
    String inner =
        switch (owner) {
          case FileAction.Owner.ByName named ->
              GoJson.object(
                  to ->
                      to.raw(
                          "byName",
                          GoJson.object(
                              name ->
                                  name.text("name", named.name())
                                      .number("input", named.input().orElse(-1)))));
          case FileAction.Owner.ById number -> GoJson.object(to -> to.number("byId", number.id()));
        };
    json.raw("User", inner);
  }

  /// What of each input counts, one an input.
  ///
  /// @throws InvalidRequest an owner names an input that is not there
  static List<InputPart> inputs(FileOp op, int inputCount) {
    Map<Integer, List<Selection>> selected = new TreeMap<>();
    Set<Integer> modified = new HashSet<>();
    for (FileAction action : op.actions()) {
      action.at().input().ifPresent(modified::add);
      ownerOf(action).ifPresent(owner -> selectOwners(owner, selected));
      if (action instanceof FileAction.Copy copy && isFromInput(copy, inputCount)) {
        select(selected, copy.at().secondaryInput().getAsInt(), selection(copy));
      }
    }
    for (int input : selected.keySet()) {
      if (input < 0 || input >= inputCount) {
        throw new InvalidRequest(
            "invalid input index " + input + " in file op with " + inputCount + " inputs");
      }
    }
    List<InputPart> parts = new ArrayList<>();
    for (int i = 0; i < inputCount; i++) {
      List<Selection> selections =
          modified.contains(i) ? List.of() : selected.getOrDefault(i, List.of());
      parts.add(
          selections.isEmpty()
              ? new InputPart(Optional.empty(), Optional.empty())
              : new InputPart(
                  Optional.of(selectorDigest(selections)), Optional.of(withoutNested(selections))));
    }
    return parts;
  }

  private static Optional<FileAction.Chown> ownerOf(FileAction action) {
    return switch (action) {
      case FileAction.Copy copy -> copy.owner();
      case FileAction.Mkfile file -> file.owner();
      case FileAction.Mkdir directory -> directory.owner();
      case FileAction.Rm _ -> Optional.empty();
      // BuildKit leaves a link's owner out of the selectors
      case FileAction.Symlink _ -> Optional.empty();
    };
  }

  private static Selection selection(FileAction.Copy copy) {
    return new Selection(
        copy.source(),
        copy.options().followSymlink(),
        copy.options().allowWildcard() && hasWildcard(copy.source()),
        copy.includePatterns(),
        copy.excludePatterns(),
        copy.requiredPaths());
  }

  private static void selectOwners(FileAction.Chown owner, Map<Integer, List<Selection>> selected) {
    owner.user().ifPresent(user -> selectOwner(user, "/etc/passwd", selected));
    owner.group().ifPresent(group -> selectOwner(group, "/etc/group", selected));
  }

  private static void selectOwner(
      FileAction.Owner owner, String file, Map<Integer, List<Selection>> selected) {
    if (owner instanceof FileAction.Owner.ByName named) {
      int input = named.input().orElseThrow(() -> new InvalidRequest("invalid user index -1"));
      select(selected, input, Selection.path(file, true));
    }
  }

  private static void select(
      Map<Integer, List<Selection>> selected, int input, Selection selection) {
    selected.computeIfAbsent(input, _ -> new ArrayList<>()).add(selection);
  }

  /// Over the paths in *descending* order of their bytes.
  private static Digest selectorDigest(List<Selection> selections) {
    List<byte[]> paths =
        selections.stream()
            .map(selection -> selection.path().getBytes(StandardCharsets.UTF_8))
            .sorted(((Comparator<byte[]>) Arrays::compareUnsigned).reversed())
            .toList();
    var hash = Digest.newSha256();
    for (int i = 0; i < paths.size(); i++) {
      if (i > 0) {
        hash.update((byte) 0);
      }
      hash.update(paths.get(i));
    }
    return Digest.ofSha256(hash);
  }

  private static List<Selection> withoutNested(List<Selection> selections) {
    List<Selection> kept = new ArrayList<>();
    for (boolean follow : new boolean[] {false, true}) {
      List<String> plain =
          selections.stream()
              .filter(selection -> isPlain(selection) && selection.followLinks() == follow)
              .map(Selection::path)
              .toList();
      ExecCacheMap.withoutNested(plain).forEach(path -> kept.add(Selection.path(path, follow)));
    }
    selections.stream().filter(selection -> !isPlain(selection)).forEach(kept::add);
    kept.sort(Comparator.comparing(Selection::path));
    return kept;
  }

  private static boolean isPlain(Selection selection) {
    return !selection.wildcard()
        && selection.include().isEmpty()
        && selection.exclude().isEmpty()
        && selection.required().isEmpty();
  }

  private static boolean hasWildcard(String path) {
    for (int i = 0; i < path.length(); i++) {
      switch (path.charAt(i)) {
        case '\\' -> i++;
        case '*', '?', '[' -> {
          return true;
        }
        default -> {}
      }
    }
    return false;
  }
}
