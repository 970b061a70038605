package dev.slipway.op;

import dev.slipway.device.DeviceRegistry;
import dev.slipway.llb.BuildOp;
import dev.slipway.llb.DiffOp;
import dev.slipway.llb.ExecOp;
import dev.slipway.llb.FileOp;
import dev.slipway.llb.MergeOp;
import dev.slipway.llb.OpVertex;
import dev.slipway.llb.PassthroughOp;
import dev.slipway.llb.SourceOp;
import dev.slipway.oci.Digest;
import dev.slipway.oci.ImageReference;
import dev.slipway.oci.Platform;
import dev.slipway.source.BlobLocator;
import dev.slipway.source.git.GitSource;

/// What is computed of an op before anything runs: keys, what counts of its inputs, which actions
/// are needed, and what a source's identifier names.
public final class OpFuzz {
  private OpFuzz() {}

  /// @throws dev.slipway.failure.BuildFailure the op is refused
  public static void prepare(OpVertex vertex) {
    Platform platform = vertex.platform().orElse(Platform.LINUX_AMD64);
    int inputs = vertex.inputs().size();
    switch (vertex.op()) {
      case ExecOp op -> {
        ExecOp granted = DeviceGrants.NONE.granted(op, DeviceRegistry.EMPTY);
        ExecCacheMap.inputs(granted, inputs);
        Digest.ofText(ExecCacheMap.json(granted, platform));
      }
      case FileOp op -> {
        FileCacheMap.inputs(op, inputs);
        Digest.ofText(FileCacheMap.json(op, inputs));
        FileOpEvaluator.Plan.of(op, inputs);
      }
      case MergeOp op -> Digest.ofText(MergeOpEvaluator.json(op));
      case DiffOp op -> Digest.ofText(DiffOpEvaluator.json(op));
      case BuildOp op -> Digest.ofText(BuildOpEvaluator.json(op));
      case PassthroughOp op -> Digest.ofText(PassthroughOpEvaluator.json(op));
      case SourceOp op -> source(op);
    }
  }

  private static void source(SourceOp op) {
    String rest = op.identifier().substring(op.scheme().isEmpty() ? 0 : op.scheme().length() + 3);
    switch (op.scheme()) {
      case "git" -> GitSource.canonical(op);
      case "docker-image", "oci-layout" -> ImageReference.parse(rest);
      case "docker-image+blob", "oci-layout+blob" -> BlobLocator.parse(op.identifier(), "", "");
      default -> op.attributes().forEach((_, _) -> {});
    }
  }
}
