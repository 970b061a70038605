package dev.slipway.llb;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.slipway.api.ops.BuildInput;
import dev.slipway.api.ops.CDIDevice;
import dev.slipway.api.ops.ChownOpt;
import dev.slipway.api.ops.FileActionCopy;
import dev.slipway.api.ops.FileActionMkDir;
import dev.slipway.api.ops.FileActionMkFile;
import dev.slipway.api.ops.FileActionRm;
import dev.slipway.api.ops.FileActionSymlink;
import dev.slipway.api.ops.HostIP;
import dev.slipway.api.ops.LowerDiffInput;
import dev.slipway.api.ops.MergeInput;
import dev.slipway.api.ops.Meta;
import dev.slipway.api.ops.NamedUserOpt;
import dev.slipway.api.ops.NetMode;
import dev.slipway.api.ops.SecurityMode;
import dev.slipway.api.ops.UpperDiffInput;
import dev.slipway.api.ops.UserOpt;
import java.util.OptionalInt;
import java.util.OptionalLong;

/// Encodes ops; the inverse of [OpDecoder]. An empty index is -1 on the wire.
final class OpEncoder {
  private OpEncoder() {}

  static dev.slipway.api.ops.Op.Builder encode(Op op) {
    var message = dev.slipway.api.ops.Op.newBuilder();
    return switch (op) {
      case ExecOp exec -> message.setExec(exec(exec));
      case SourceOp source -> message.setSource(source(source));
      case FileOp file -> message.setFile(file(file));
      case BuildOp build -> message.setBuild(build(build));
      case MergeOp merge -> message.setMerge(merge(merge));
      case DiffOp diff ->
          message.setDiff(
              dev.slipway.api.ops.DiffOp.newBuilder()
                  .setLower(LowerDiffInput.newBuilder().setInput(index(diff.lower())))
                  .setUpper(UpperDiffInput.newBuilder().setInput(index(diff.upper()))));
      case PassthroughOp(String id, var outputs) -> {
        var passthrough = dev.slipway.api.ops.PassthroughOp.newBuilder().setId(id);
        outputs.forEach(passthrough::addOutputs);
        yield message.setPassthrough(passthrough);
      }
    };
  }

  /// An op that was encoded here or checked before.
  static dev.slipway.api.ops.Op parse(ByteString encoded) {
    try {
      return dev.slipway.api.ops.Op.parseFrom(encoded);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("an op that was decoded before cannot be", e);
    }
  }

  static dev.slipway.api.ops.SourceOp source(SourceOp source) {
    return dev.slipway.api.ops.SourceOp.newBuilder()
        .setIdentifier(source.identifier())
        .putAllAttrs(source.attributes())
        .build();
  }

  private static dev.slipway.api.ops.ExecOp exec(ExecOp exec) {
    var message =
        dev.slipway.api.ops.ExecOp.newBuilder()
            .setMeta(meta(exec.meta()))
            .setNetwork(
                switch (exec.network()) {
                  case SANDBOX -> NetMode.UNSET;
                  case HOST -> NetMode.HOST;
                  case NONE -> NetMode.NONE;
                })
            .setSecurity(
                switch (exec.security()) {
                  case SANDBOX -> SecurityMode.SANDBOX;
                  case INSECURE -> SecurityMode.INSECURE;
                });
    exec.mounts().forEach(mount -> message.addMounts(MountEncoder.encode(mount)));
    exec.secretEnv()
        .forEach(
            env ->
                message
                    .addSecretenvBuilder()
                    .setID(env.id())
                    .setName(env.name())
                    .setOptional(env.optional()));
    exec.cdiDevices()
        .forEach(
            device ->
                message.addCdiDevices(
                    CDIDevice.newBuilder().setName(device.name()).setOptional(device.optional())));
    return message.build();
  }

  private static Meta meta(ExecMeta meta) {
    var message =
        Meta.newBuilder()
            .addAllArgs(meta.args())
            .addAllEnv(meta.env())
            .setCwd(meta.cwd())
            .setUser(meta.user())
            .setHostname(meta.hostname())
            .setCgroupParent(meta.cgroupParent())
            .setRemoveMountStubsRecursive(meta.removeMountStubsRecursive())
            .addAllValidExitCodes(meta.validExitCodes());
    meta.proxyEnv()
        .ifPresent(
            proxy ->
                message
                    .getProxyEnvBuilder()
                    .setHttpProxy(proxy.httpProxy())
                    .setHttpsProxy(proxy.httpsProxy())
                    .setFtpProxy(proxy.ftpProxy())
                    .setNoProxy(proxy.noProxy())
                    .setAllProxy(proxy.allProxy()));
    meta.extraHosts()
        .forEach(
            host ->
                message.addExtraHosts(HostIP.newBuilder().setHost(host.host()).setIP(host.ip())));
    meta.ulimits()
        .forEach(
            limit ->
                message
                    .addUlimitBuilder()
                    .setName(limit.name())
                    .setSoft(limit.soft())
                    .setHard(limit.hard()));
    return message.build();
  }

  private static dev.slipway.api.ops.FileOp file(FileOp file) {
    var message = dev.slipway.api.ops.FileOp.newBuilder();
    for (FileAction action : file.actions()) {
      var encoded =
          dev.slipway.api.ops.FileAction.newBuilder()
              .setInput(index(action.at().input()))
              .setSecondaryInput(index(action.at().secondaryInput()))
              .setOutput(index(action.at().output()));
      message.addActions(
          switch (action) {
            case FileAction.Copy copy -> encoded.setCopy(copy(copy));
            case FileAction.Mkfile mkfile -> encoded.setMkfile(mkfile(mkfile));
            case FileAction.Mkdir mkdir -> encoded.setMkdir(mkdir(mkdir));
            case FileAction.Rm rm ->
                encoded.setRm(
                    FileActionRm.newBuilder()
                        .setPath(rm.path())
                        .setAllowNotFound(rm.allowNotFound())
                        .setAllowWildcard(rm.allowWildcard()));
            case FileAction.Symlink symlink -> encoded.setSymlink(symlink(symlink));
          });
    }
    return message.build();
  }

  private static FileActionCopy copy(FileAction.Copy copy) {
    var message =
        FileActionCopy.newBuilder()
            .setSrc(copy.source())
            .setDest(copy.destination())
            .setMode(copy.mode().orElse(-1))
            .setModeStr(copy.modeText())
            .setFollowSymlink(copy.options().followSymlink())
            .setDirCopyContents(copy.options().dirCopyContents())
            .setAttemptUnpackDockerCompatibility(copy.options().attemptUnpack())
            .setCreateDestPath(copy.options().createDestPath())
            .setAllowWildcard(copy.options().allowWildcard())
            .setAllowEmptyWildcard(copy.options().allowEmptyWildcard())
            .setAlwaysReplaceExistingDestPaths(copy.options().alwaysReplaceExistingDestPaths())
            .setTimestamp(timestamp(copy.timestamp()))
            .addAllIncludePatterns(copy.includePatterns())
            .addAllExcludePatterns(copy.excludePatterns())
            .addAllRequiredPaths(copy.requiredPaths());
    copy.owner().ifPresent(owner -> message.setOwner(chown(owner)));
    return message.build();
  }

  private static FileActionMkFile mkfile(FileAction.Mkfile mkfile) {
    var message =
        FileActionMkFile.newBuilder()
            .setPath(mkfile.path())
            .setMode(mkfile.mode())
            .setData(mkfile.data())
            .setTimestamp(timestamp(mkfile.timestamp()));
    mkfile.owner().ifPresent(owner -> message.setOwner(chown(owner)));
    return message.build();
  }

  private static FileActionMkDir mkdir(FileAction.Mkdir mkdir) {
    var message =
        FileActionMkDir.newBuilder()
            .setPath(mkdir.path())
            .setMode(mkdir.mode())
            .setMakeParents(mkdir.makeParents())
            .setTimestamp(timestamp(mkdir.timestamp()));
    mkdir.owner().ifPresent(owner -> message.setOwner(chown(owner)));
    return message.build();
  }

  private static FileActionSymlink symlink(FileAction.Symlink symlink) {
    var message =
        FileActionSymlink.newBuilder()
            .setOldpath(symlink.target())
            .setNewpath(symlink.path())
            .setTimestamp(timestamp(symlink.timestamp()));
    symlink.owner().ifPresent(owner -> message.setOwner(chown(owner)));
    return message.build();
  }

  private static ChownOpt chown(FileAction.Chown chown) {
    var message = ChownOpt.newBuilder();
    chown.user().ifPresent(user -> message.setUser(owner(user)));
    chown.group().ifPresent(group -> message.setGroup(owner(group)));
    return message.build();
  }

  private static UserOpt owner(FileAction.Owner owner) {
    return switch (owner) {
      case FileAction.Owner.ByName(String name, OptionalInt input) ->
          UserOpt.newBuilder()
              .setByName(NamedUserOpt.newBuilder().setName(name).setInput(index(input)))
              .build();
      case FileAction.Owner.ById(long id) -> UserOpt.newBuilder().setByID((int) id).build();
    };
  }

  private static dev.slipway.api.ops.BuildOp build(BuildOp build) {
    var message =
        dev.slipway.api.ops.BuildOp.newBuilder()
            .setBuilder(index(build.builder()))
            .putAllAttrs(build.attributes());
    build
        .inputs()
        .forEach(
            (name, input) ->
                message.putInputs(name, BuildInput.newBuilder().setInput(index(input)).build()));
    build
        .definition()
        .ifPresent(definition -> message.setDef(LlbDecoder.parseDefinition(definition)));
    return message.build();
  }

  private static dev.slipway.api.ops.MergeOp merge(MergeOp merge) {
    var message = dev.slipway.api.ops.MergeOp.newBuilder();
    merge
        .inputs()
        .forEach(input -> message.addInputs(MergeInput.newBuilder().setInput(index(input))));
    return message.build();
  }

  static long index(OptionalInt index) {
    return index.orElse(-1);
  }

  private static long timestamp(OptionalLong nanos) {
    return nanos.orElse(-1);
  }
}
