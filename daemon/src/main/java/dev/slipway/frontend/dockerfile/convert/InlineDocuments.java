package dev.slipway.frontend.dockerfile.convert;

import com.google.protobuf.ByteString;
import dev.slipway.frontend.dockerfile.graph.FileNode;
import dev.slipway.frontend.dockerfile.graph.NodeNotes;
import java.util.List;
import java.util.Optional;

/// Files whose content stands in the Dockerfile.
final class InlineDocuments {
  private InlineDocuments() {}

  /// A tree with that one file.
  static FileNode file(String path, int mode, String text) {
    FileNode.Action action = new FileNode.MakeFile(path, mode, ByteString.copyFromUtf8(text));
    return new FileNode(
        Optional.empty(), List.of(action), NodeNotes.named("[internal] preparing inline document"));
  }
}
