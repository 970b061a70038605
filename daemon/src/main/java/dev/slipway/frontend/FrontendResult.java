package dev.slipway.frontend;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.stream.Stream;

/// What a frontend made.
///
/// @param single the one result; empty means scratch, or that `refs` counts
/// @param refs results by platform id, in order; an empty value is scratch
/// @param multiple true when `refs` counts even if it holds one entry
/// @param metadata `containerimage.config`, `refs.platforms`, …; values are JSON or text
public record FrontendResult(
    Optional<FrontendRef> single,
    SequencedMap<String, Optional<FrontendRef>> refs,
    boolean multiple,
    SequencedMap<String, byte[]> metadata,
    SequencedMap<String, List<AttestationResult>> attestations) {
  public FrontendResult {
    refs = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(refs));
    metadata = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(metadata));
    attestations = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(attestations));
  }

  public static FrontendResult of(
      Optional<FrontendRef> single, SequencedMap<String, byte[]> metadata) {
    return new FrontendResult(
        single, new LinkedHashMap<>(), false, metadata, new LinkedHashMap<>());
  }

  public static FrontendResult ofPlatforms(
      SequencedMap<String, Optional<FrontendRef>> refs, SequencedMap<String, byte[]> metadata) {
    return new FrontendResult(Optional.empty(), refs, true, metadata, new LinkedHashMap<>());
  }

  /// All results that there are, those included that hold what is stated.
  public List<FrontendRef> allRefs() {
    return Stream.of(
            single.stream(),
            refs.values().stream().flatMap(Optional::stream),
            attestationRefs().stream())
        .flatMap(found -> found)
        .toList();
  }

  /// The trees that hold what is stated.
  public List<FrontendRef> attestationRefs() {
    return attestations.values().stream()
        .flatMap(List::stream)
        .flatMap(stated -> stated.ref().stream())
        .toList();
  }

  /// The same result with these statements about it.
  public FrontendResult with(SequencedMap<String, List<AttestationResult>> stated) {
    return new FrontendResult(single, refs, multiple, metadata, stated);
  }

  /// A statement about a result, kept in the form it came in.
  ///
  /// @param ref tree that holds it at `path`; empty when the content is in `metadata`
  public record AttestationResult(
      int kind,
      SequencedMap<String, byte[]> metadata,
      Optional<FrontendRef> ref,
      String path,
      String predicateType,
      List<Subject> subjects) {}

  public record Subject(int kind, List<String> digests, String name) {}
}
