package dev.slipway.llb;

import dev.slipway.api.ops.ChownOpt;
import dev.slipway.api.ops.UserOpt;
import dev.slipway.llb.FileAction.Chown;
import dev.slipway.llb.FileAction.Copy;
import dev.slipway.llb.FileAction.CopyOptions;
import dev.slipway.llb.FileAction.Mkdir;
import dev.slipway.llb.FileAction.Mkfile;
import dev.slipway.llb.FileAction.Owner;
import dev.slipway.llb.FileAction.Place;
import dev.slipway.llb.FileAction.Rm;
import dev.slipway.llb.FileAction.Symlink;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;

/// Decodes a file op: every action may use the vertex' inputs and what the actions before it made.
final class FileOpDecoder {
  private final dev.slipway.api.ops.FileOp file;
  private final int inputCount;
  private final InvalidOp invalid;

  FileOpDecoder(dev.slipway.api.ops.FileOp file, int inputCount, InvalidOp invalid) {
    this.file = file;
    this.inputCount = inputCount;
    this.invalid = invalid;
  }

  FileOp decode() {
    if (file.getActionsCount() == 0) {
      throw invalid.because("invalid file op with no actions");
    }
    List<FileAction> actions = new ArrayList<>();
    Set<Integer> outputs = new HashSet<>();
    for (dev.slipway.api.ops.FileAction action : file.getActionsList()) {
      Place at = place(action, actions.size());
      at.output()
          .ifPresent(
              output -> {
                if (!outputs.add(output)) {
                  throw invalid.because("duplicate output " + output);
                }
              });
      actions.add(action(action, at));
    }
    if (outputs.isEmpty()) {
      throw invalid.because("no outputs specified");
    }
    return new FileOp(actions);
  }

  private Place place(dev.slipway.api.ops.FileAction action, int number) {
    int bound = inputCount + number;
    long output = action.getOutput();
    if (output < -1 || output >= file.getActionsCount()) {
      throw invalid.because("invalid output index " + output);
    }
    return new Place(
        OpDecoder.index(action.getInput(), bound, invalid),
        OpDecoder.index(action.getSecondaryInput(), bound, invalid),
        output == -1 ? OptionalInt.empty() : OptionalInt.of((int) output));
  }

  private FileAction action(dev.slipway.api.ops.FileAction action, Place at) {
    return switch (action.getActionCase()) {
      case COPY -> copy(action.getCopy(), at);
      case MKFILE -> {
        var mkfile = action.getMkfile();
        yield new Mkfile(
            at,
            mkfile.getPath(),
            mkfile.getMode(),
            mkfile.getData(),
            mkfile.hasOwner() ? Optional.of(chown(mkfile.getOwner())) : Optional.empty(),
            timestamp(mkfile.getTimestamp()));
      }
      case MKDIR -> {
        var mkdir = action.getMkdir();
        yield new Mkdir(
            at,
            mkdir.getPath(),
            mkdir.getMode(),
            mkdir.getMakeParents(),
            mkdir.hasOwner() ? Optional.of(chown(mkdir.getOwner())) : Optional.empty(),
            timestamp(mkdir.getTimestamp()));
      }
      case RM -> {
        var rm = action.getRm();
        yield new Rm(at, rm.getPath(), rm.getAllowNotFound(), rm.getAllowWildcard());
      }
      case SYMLINK -> {
        var symlink = action.getSymlink();
        yield new Symlink(
            at,
            symlink.getOldpath(),
            symlink.getNewpath(),
            symlink.hasOwner() ? Optional.of(chown(symlink.getOwner())) : Optional.empty(),
            timestamp(symlink.getTimestamp()));
      }
      case ACTION_NOT_SET -> throw invalid.because("unknown file action, or none at all");
    };
  }

  private Copy copy(dev.slipway.api.ops.FileActionCopy copy, Place at) {
    return new Copy(
        at,
        copy.getSrc(),
        copy.getDest(),
        copy.hasOwner() ? Optional.of(chown(copy.getOwner())) : Optional.empty(),
        copy.getMode() == -1 ? OptionalInt.empty() : OptionalInt.of(copy.getMode()),
        copy.getModeStr(),
        new CopyOptions(
            copy.getFollowSymlink(),
            copy.getDirCopyContents(),
            copy.getAttemptUnpackDockerCompatibility(),
            copy.getCreateDestPath(),
            copy.getAllowWildcard(),
            copy.getAllowEmptyWildcard(),
            copy.getAlwaysReplaceExistingDestPaths()),
        timestamp(copy.getTimestamp()),
        copy.getIncludePatternsList(),
        copy.getExcludePatternsList(),
        copy.getRequiredPathsList());
  }

  private static OptionalLong timestamp(long nanos) {
    return nanos == -1 ? OptionalLong.empty() : OptionalLong.of(nanos);
  }

  private Chown chown(ChownOpt chown) {
    return new Chown(
        chown.hasUser() ? owner(chown.getUser()) : Optional.empty(),
        chown.hasGroup() ? owner(chown.getGroup()) : Optional.empty());
  }

  private Optional<Owner> owner(UserOpt user) {
    return switch (user.getUserCase()) {
      case BYNAME ->
          Optional.of(
              new Owner.ByName(
                  user.getByName().getName(),
                  OpDecoder.index(user.getByName().getInput(), inputCount, invalid)));
      case BYID -> Optional.of(new Owner.ById(Integer.toUnsignedLong(user.getByID())));
      case USER_NOT_SET -> Optional.empty();
    };
  }
}
