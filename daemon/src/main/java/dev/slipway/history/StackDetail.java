package dev.slipway.history;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import dev.slipway.oci.json.GoJson;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Where in the daemon a failure arose, as a detail that clients show on request.
final class StackDetail {
  private static final String TYPE = "github.com/moby/buildkit/stack.Stack+json";
  private static final int FRAMES = 64;

  private StackDetail() {}

  static Any of(Throwable failure) {
    List<Object> frames = new ArrayList<>();
    for (StackTraceElement element : origin(failure).getStackTrace()) {
      if (frames.size() == FRAMES) {
        break;
      }
      Map<String, Object> frame = new LinkedHashMap<>();
      frame.put("Name", element.getClassName() + "." + element.getMethodName());
      String file = element.getFileName();
      frame.put("File", file == null ? "" : file);
      frame.put("Line", Math.max(0, element.getLineNumber()));
      frames.add(frame);
    }
    return Any.newBuilder()
        .setTypeUrl(TYPE)
        .setValue(ByteString.copyFrom(GoJson.compact(Map.of("frames", frames))))
        .build();
  }

  /// The first of the failures that were made of each other.
  private static Throwable origin(Throwable failure) {
    Throwable origin = failure;
    for (int depth = 0; depth < FRAMES; depth++) {
      Throwable cause = origin.getCause();
      if (cause == null) {
        return origin;
      }
      origin = cause;
    }
    return origin;
  }
}
