package dev.slipway.attestation;

import java.util.List;
import java.util.function.Supplier;

/// A predicate about one result.
///
/// @param path file name where results are files, such as `provenance.json`
/// @param predicateType URL
/// @param inlineOnly meant for stored images only: no reason to make an index for an archive, and
///   no file beside files
/// @param predicate its JSON, computed when asked for; asked once an export
/// @param subjects what it is about; none means the result itself
/// @param coreBill whether it lists what the result itself holds, so that an image can add from
///   which of its layers a file is
public record Attestation(
    String path,
    String predicateType,
    boolean inlineOnly,
    Supplier<byte[]> predicate,
    List<Subject> subjects,
    boolean coreBill) {
  /// Type of a layer that holds a statement.
  public static final String STATEMENT = "application/vnd.in-toto+json";

  /// Annotation with the predicate's type.
  public static final String PREDICATE_TYPE = "in-toto.io/predicate-type";

  public Attestation {
    subjects = List.copyOf(subjects);
  }

  public Attestation(
      String path,
      String predicateType,
      boolean inlineOnly,
      Supplier<byte[]> predicate,
      List<Subject> subjects) {
    this(path, predicateType, inlineOnly, predicate, subjects, false);
  }

  public Attestation asCoreBill() {
    return new Attestation(path, predicateType, inlineOnly, predicate, subjects, true);
  }

  /// The same with another predicate.
  public Attestation with(byte[] other) {
    return new Attestation(path, predicateType, inlineOnly, () -> other, subjects, coreBill);
  }

  /// Name of the file, without directories.
  public String fileName() {
    return path.substring(path.lastIndexOf('/') + 1);
  }
}
