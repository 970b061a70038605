package dev.slipway.fsutil;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.util.HashMap;
import java.util.Map;

/// Attributes of the `user` namespace. Whoever may not read a file does not see its attributes.
final class UserAttributes implements ExtendedAttributes {
  private static final String NAMESPACE = "user.";

  @Override
  public Map<String, ByteString> read(Path file) {
    if (!mayHaveAny(file)) {
      return Map.of();
    }
    UserDefinedFileAttributeView view =
        Files.getFileAttributeView(
            file, UserDefinedFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
    if (view == null) {
      return Map.of();
    }
    try {
      Map<String, ByteString> attributes = Map.of();
      for (String name : view.list()) {
        attributes = attributes.isEmpty() ? new HashMap<>() : attributes;
        ByteBuffer value = ByteBuffer.allocate(view.size(name));
        view.read(name, value);
        attributes.put(NAMESPACE + name, ByteString.copyFrom(value.flip()));
      }
      return attributes;
    } catch (IOException _) {
      return Map.of();
    }
  }

  /// Only regular files and directories have such attributes. The JDK opens what it asks, which for
  /// a pipe lasts until someone writes to it, and may set a device to work.
  private static boolean mayHaveAny(Path file) {
    try {
      BasicFileAttributes kind =
          Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      return kind.isRegularFile() || kind.isDirectory();
    } catch (IOException _) {
      return false;
    }
  }
}
