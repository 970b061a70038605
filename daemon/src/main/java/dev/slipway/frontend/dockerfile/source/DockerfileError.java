package dev.slipway.frontend.dockerfile.source;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A Dockerfile that cannot be built, with the places to show to its author.
///
/// Confined to the Dockerfile frontend: at its door this becomes a build failure that carries the
/// file as well. It exists apart from that failure because the rooms below the door know lines, but
/// neither the file's name nor where it came from.
public final class DockerfileError extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient List<LineSpan> places;

  private DockerfileError(String message, @Nullable Throwable cause, List<LineSpan> places) {
    super(message, cause);
    this.places = List.copyOf(places);
  }

  public DockerfileError(String message) {
    this(message, null, List.of());
  }

  public DockerfileError(String message, LineSpan place) {
    this(message, null, List.of(place));
  }

  /// A failure of something the Dockerfile asked for; `cause` keeps its kind.
  public static DockerfileError because(String message, Throwable cause) {
    return new DockerfileError(
        message, cause, cause instanceof DockerfileError error ? error.places : List.of());
  }

  /// The message, never null.
  public String message() {
    return String.valueOf(getMessage());
  }

  /// Places in the order they are to be shown; one problem may have several (a cycle of stages has
  /// all its lines).
  public List<LineSpan> places() {
    return places;
  }

  /// The same problem with one more place.
  public DockerfileError at(LineSpan place) {
    List<LineSpan> more = new ArrayList<>(places);
    more.add(place);
    return new DockerfileError(message(), this, more);
  }

  /// The same problem at that place only.
  public DockerfileError onlyAt(LineSpan place) {
    return new DockerfileError(message(), this, List.of(place));
  }

  /// The same problem with words before its message.
  public DockerfileError withPrefix(String prefix) {
    return new DockerfileError(prefix + message(), this, places);
  }

  /// The same problem with words after its message.
  public DockerfileError withSuffix(String suffix) {
    return new DockerfileError(message() + suffix, this, places);
  }
}
