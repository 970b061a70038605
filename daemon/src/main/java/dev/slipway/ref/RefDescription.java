package dev.slipway.ref;

/// What a ref is for.
///
/// @param text shown in `du`
public record RefDescription(String text, RecordType type) {
  public static RefDescription regular(String text) {
    return new RefDescription(text, RecordType.REGULAR);
  }

  /// BuildKit's record types.
  public enum RecordType {
    INTERNAL("internal"),
    FRONTEND("frontend"),
    SOURCE_LOCAL("source.local"),
    SOURCE_GIT_CHECKOUT("source.git.checkout"),
    EXEC_CACHE_MOUNT("exec.cachemount"),
    REGULAR("regular");

    private final String text;

    RecordType(String text) {
      this.text = text;
    }

    public String text() {
      return text;
    }
  }
}
