package dev.slipway.frontend.dockerfile;

import com.google.protobuf.ByteString;
import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.Fact;
import dev.slipway.failure.Fact.AtSource;
import dev.slipway.failure.Fact.SourceRange;
import dev.slipway.failure.FailureKind;
import dev.slipway.frontend.dockerfile.graph.DefinitionWriter.SourceFile;
import dev.slipway.frontend.dockerfile.source.DockerfileError;
import dev.slipway.frontend.dockerfile.source.LineSpan;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/// Turns problems with a Dockerfile into build failures that carry the file and its lines.
final class FailureTranslator {
  private FailureTranslator() {}

  /// A problem with nothing to show, such as one with an option.
  static BuildFailure translate(DockerfileError error) {
    return translate(error, Optional.empty());
  }

  /// @param file what the error's places are lines of
  static BuildFailure translate(DockerfileError error, Optional<SourceFile> file) {
    Optional<BuildFailure> cause = cause(error);
    List<Fact> facts = new ArrayList<>(cause.map(BuildFailure::facts).orElse(List.of()));
    file.ifPresent(source -> error.places().forEach(place -> facts.add(at(source, place))));
    FailureKind kind = cause.map(BuildFailure::kind).orElse(FailureKind.INVALID_REQUEST);
    return BuildFailure.of(kind, error.message(), Optional.of(error), facts);
  }

  /// The failure of something the Dockerfile asked for, if that is what is behind the error.
  private static Optional<BuildFailure> cause(Throwable error) {
    Throwable cause = error.getCause();
    while (cause instanceof DockerfileError) {
      cause = cause.getCause();
    }
    return cause instanceof BuildFailure failure ? Optional.of(failure) : Optional.empty();
  }

  static AtSource at(SourceFile file, LineSpan place) {
    byte[] definition = file.definition().map(ByteString::toByteArray).orElse(new byte[0]);
    return new AtSource(
        file.name(), file.language(), file.data().toByteArray(), definition, ranges(place));
  }

  /// One range a line, as the reference reports them.
  static List<SourceRange> ranges(LineSpan place) {
    return IntStream.rangeClosed(place.first(), place.last())
        .mapToObj(line -> new SourceRange(line, 0, line, 0))
        .toList();
  }
}
