package dev.slipway.frontend.dockerfile.graph;

import dev.slipway.llb.FileAction;
import dev.slipway.llb.FileAction.Chown;
import dev.slipway.llb.FileAction.CopyOptions;
import dev.slipway.llb.FileAction.Place;
import dev.slipway.llb.FileOp;
import dev.slipway.llb.Input;
import dev.slipway.llb.LlbEncoder;
import dev.slipway.llb.OpVertex;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;

/// Writes one [FileNode]. Confined to it.
final class FileOpWriter {
  private final DefinitionWriter writer;
  private final List<Input> inputs = new ArrayList<>();

  FileOpWriter(DefinitionWriter writer) {
    this.writer = writer;
  }

  OpVertex vertex(FileNode node) {
    OptionalInt base = writer.index(node.base(), inputs);
    List<OptionalInt> sources = new ArrayList<>();
    for (FileNode.Action action : node.actions()) {
      sources.add(
          action instanceof FileNode.CopyFiles copy
              ? writer.index(copy.source(), inputs)
              : OptionalInt.empty());
    }
    List<FileAction> actions = new ArrayList<>();
    int last = node.actions().size() - 1;
    for (int i = 0; i <= last; i++) {
      OptionalInt input = i == 0 ? base : OptionalInt.of(inputs.size() + i - 1);
      OptionalInt output = i == last ? OptionalInt.of(0) : OptionalInt.empty();
      actions.add(action(node.actions().get(i), new Place(input, sources.get(i), output), base));
    }
    return LlbEncoder.vertex(
        inputs,
        new FileOp(actions),
        Optional.empty(),
        List.of(),
        writer.metadata(node.notes(), Set.of("file.base")));
  }

  private static FileAction action(FileNode.Action action, Place place, OptionalInt base) {
    return switch (action) {
      case FileNode.MakeDirectory directory ->
          new FileAction.Mkdir(
              place,
              directory.path(),
              directory.mode(),
              directory.parents(),
              chown(directory.owner(), base),
              directory.timestamp() < 0
                  ? OptionalLong.empty()
                  : OptionalLong.of(directory.timestamp()));
      case FileNode.MakeFile file ->
          new FileAction.Mkfile(
              place, file.path(), file.mode(), file.data(), Optional.empty(), OptionalLong.empty());
      case FileNode.CopyFiles copy -> {
        FileNode.CopyRules rules = copy.rules();
        yield new FileAction.Copy(
            place,
            copy.from(),
            copy.to(),
            chown(copy.owner(), base),
            rules.mode() < 0 ? OptionalInt.empty() : OptionalInt.of(rules.mode()),
            rules.symbolicMode(),
            options(rules),
            OptionalLong.empty(),
            rules.includes(),
            rules.excludes(),
            rules.required());
      }
    };
  }

  private static CopyOptions options(FileNode.CopyRules rules) {
    boolean pattern = rules.style() == FileNode.CopyStyle.PATTERN;
    boolean contents = pattern || rules.style() == FileNode.CopyStyle.CONTENTS;
    boolean makesPath = pattern || rules.style() == FileNode.CopyStyle.ONE;
    return new CopyOptions(pattern, contents, rules.unpack(), makesPath, pattern, pattern, false);
  }

  /// Names are looked up in the tree that is worked on.
  private static Optional<Chown> chown(Optional<FileNode.Owner> owner, OptionalInt base) {
    return owner.map(
        both ->
            new Chown(
                Optional.of(account(both.user(), base)),
                both.group().map(group -> account(group, base))));
  }

  private static FileAction.Owner account(FileNode.Account account, OptionalInt base) {
    return switch (account) {
      case FileNode.Numbered(int id) -> new FileAction.Owner.ById(id);
      case FileNode.Named(String name) -> new FileAction.Owner.ByName(name, base);
    };
  }
}
