package dev.slipway.fsutil;

import com.google.protobuf.ByteString;
import java.nio.file.Path;
import java.util.Map;

/// Reads the extended attributes of files. The JDK only knows those of the `user` namespace; who
/// knows more plugs it in.
@FunctionalInterface
public interface ExtendedAttributes {
  /// By full name; empty where there are none or they cannot be read. Does not follow a link.
  Map<String, ByteString> read(Path file);

  /// No attributes at all.
  static ExtendedAttributes none() {
    return _ -> Map.of();
  }

  /// Those of the `user` namespace, as far as the JDK can read them.
  static ExtendedAttributes ofUser() {
    return new UserAttributes();
  }
}
