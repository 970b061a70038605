package dev.slipway.deploy;

import com.google.protobuf.ByteString;
import dev.slipway.api.ops.Definition;
import dev.slipway.api.ops.DiffOp;
import dev.slipway.api.ops.ExecOp;
import dev.slipway.api.ops.FileAction;
import dev.slipway.api.ops.FileOp;
import dev.slipway.api.ops.Input;
import dev.slipway.api.ops.LowerDiffInput;
import dev.slipway.api.ops.MergeInput;
import dev.slipway.api.ops.MergeOp;
import dev.slipway.api.ops.Meta;
import dev.slipway.api.ops.Mount;
import dev.slipway.api.ops.MountType;
import dev.slipway.api.ops.Op;
import dev.slipway.api.ops.OpMetadata;
import dev.slipway.api.ops.Platform;
import dev.slipway.api.ops.SourceOp;
import dev.slipway.api.ops.UpperDiffInput;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;

/// Operations written by hand and joined to a definition. Each method adds one and returns its
/// first output.
final class LlbGraph {
  /// An output of an operation.
  record Node(String digest, int output) {
    Node output(int number) {
      return new Node(digest, number);
    }

    Input asInput() {
      return Input.newBuilder().setDigest(digest).setIndex(output).build();
    }
  }

  private static final Platform HERE =
      Platform.newBuilder().setOS("linux").setArchitecture("amd64").build();

  private final Set<ByteString> ops = new LinkedHashSet<>();
  private final List<Map.Entry<String, OpMetadata>> metadata = new ArrayList<>();

  Node busybox() {
    return source("docker-image://docker.io/library/busybox:latest", Map.of());
  }

  Node source(String identifier, Map<String, String> attributes) {
    return add(
        Op.newBuilder()
            .setSource(SourceOp.newBuilder().setIdentifier(identifier).putAllAttrs(attributes)));
  }

  /// A shell script with `/` on the first input, and whatever `change` adds: mounts number the
  /// inputs.
  Node run(String script, List<Node> inputs, UnaryOperator<ExecOp.Builder> change) {
    ExecOp.Builder exec =
        ExecOp.newBuilder()
            .setMeta(
                Meta.newBuilder()
                    .addAllArgs(List.of("/bin/sh", "-c", script))
                    .addEnv("PATH=/bin:/usr/bin")
                    .setCwd("/"))
            .addMounts(Mount.newBuilder().setInput(0).setDest("/").setOutput(0));
    return add(withInputs(inputs).setExec(change.apply(exec)));
  }

  /// A script on the base image with a changed process.
  Node process(String script, UnaryOperator<Meta.Builder> change) {
    return run(
        script, List.of(busybox()), exec -> exec.setMeta(change.apply(exec.getMetaBuilder())));
  }

  /// A script on the base image with one more mount.
  Node mounted(String script, Mount.Builder mount) {
    return run(script, List.of(busybox()), exec -> exec.addMounts(mount));
  }

  static Mount.Builder mount(MountType type, String dest) {
    return Mount.newBuilder().setMountType(type).setInput(-1).setOutput(-1).setDest(dest);
  }

  static Mount.Builder bind(int input, String dest) {
    return mount(MountType.BIND, dest).setInput(input);
  }

  /// Actions one after the other: the first on the first input (an empty tree without inputs), each
  /// on the one before, and the last is the result.
  Node files(List<Node> inputs, FileAction.Builder... actions) {
    FileOp.Builder file = FileOp.newBuilder();
    for (int i = 0; i < actions.length; i++) {
      int before = i > 0 ? inputs.size() + i - 1 : inputs.isEmpty() ? -1 : 0;
      file.addActions(actions[i].setInput(before).setOutput(i == actions.length - 1 ? 0 : -1));
    }
    return add(withInputs(inputs).setFile(file));
  }

  Node merge(Node... inputs) {
    MergeOp.Builder merge = MergeOp.newBuilder();
    for (int i = 0; i < inputs.length; i++) {
      merge.addInputs(MergeInput.newBuilder().setInput(i));
    }
    return add(withInputs(List.of(inputs)).setMerge(merge));
  }

  Node diff(Node lower, Node upper) {
    return add(
        withInputs(List.of(lower, upper))
            .setDiff(
                DiffOp.newBuilder()
                    .setLower(LowerDiffInput.newBuilder().setInput(0))
                    .setUpper(UpperDiffInput.newBuilder().setInput(1))));
  }

  static Op.Builder withInputs(List<Node> inputs) {
    Op.Builder op = Op.newBuilder();
    inputs.forEach(input -> op.addInputs(input.asInput()));
    return op;
  }

  Node add(Op.Builder op) {
    ByteString bytes = op.setPlatform(HERE).build().toByteString();
    ops.add(bytes);
    return new Node(Llb.digest(bytes), 0);
  }

  /// What goes along with an operation without being part of it.
  LlbGraph with(Node node, OpMetadata.Builder about) {
    metadata.add(Map.entry(node.digest(), about.build()));
    return this;
  }

  Definition definition(Node result) {
    Definition.Builder definition = Definition.newBuilder().addAllDef(ops);
    metadata.forEach(about -> definition.putMetadata(about.getKey(), about.getValue()));
    return definition
        .addDef(Op.newBuilder().addInputs(result.asInput()).build().toByteString())
        .build();
  }
}
