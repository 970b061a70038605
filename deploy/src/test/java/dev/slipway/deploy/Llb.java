package dev.slipway.deploy;

import com.google.protobuf.ByteString;
import dev.slipway.api.ops.Definition;
import dev.slipway.api.ops.ExecOp;
import dev.slipway.api.ops.Input;
import dev.slipway.api.ops.Meta;
import dev.slipway.api.ops.Mount;
import dev.slipway.api.ops.Op;
import dev.slipway.api.ops.Platform;
import dev.slipway.api.ops.SourceOp;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/// Definitions written by hand, as small as they can be.
final class Llb {
  private static final Platform HERE =
      Platform.newBuilder().setOS("linux").setArchitecture("amd64").build();

  private Llb() {}

  /// One shell command on an image.
  static Definition run(String image, String script) {
    Op source =
        Op.newBuilder()
            .setPlatform(HERE)
            .setSource(SourceOp.newBuilder().setIdentifier("docker-image://" + image))
            .build();
    Op exec =
        Op.newBuilder()
            .setPlatform(HERE)
            .addInputs(Input.newBuilder().setDigest(digest(source.toByteString())))
            .setExec(
                ExecOp.newBuilder()
                    .setMeta(
                        Meta.newBuilder()
                            .addAllArgs(List.of("/bin/sh", "-c", script))
                            .addEnv("PATH=/bin:/usr/bin")
                            .setCwd("/"))
                    .addMounts(Mount.newBuilder().setInput(0).setDest("/").setOutput(0)))
            .build();
    return of(source.toByteString(), exec.toByteString());
  }

  /// These operations, the last of them being the result.
  static Definition of(ByteString... ops) {
    Definition.Builder definition = Definition.newBuilder();
    for (ByteString op : ops) {
      definition.addDef(op);
    }
    Op head =
        Op.newBuilder()
            .addInputs(Input.newBuilder().setDigest(digest(ops[ops.length - 1])))
            .build();
    return definition.addDef(head.toByteString()).build();
  }

  /// `sha256:<64 hex>`
  static String digest(ByteString bytes) {
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(bytes.toByteArray());
      return "sha256:" + HexFormat.of().formatHex(hash);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
