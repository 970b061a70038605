package dev.slipway.attestation;

import dev.slipway.failure.InvalidRequest;
import dev.slipway.oci.Digest;
import dev.slipway.oci.json.GoJson;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/// An in-toto statement, version 1: subjects, and a predicate about them.
///
/// @param predicate its JSON
public record Statement(String predicateType, List<Subject.Raw> subjects, byte[] predicate) {
  public static final String TYPE = "https://in-toto.io/Statement/v1";
  private static final String UNNAMED = "_";

  public Statement {
    subjects = List.copyOf(subjects);
  }

  /// @param self names and digests of the result itself
  /// @throws InvalidRequest the predicate is no JSON
  public static Statement of(Attestation attestation, List<Subject.Raw> self) {
    byte[] predicate = checked(attestation);
    List<Subject> wanted =
        attestation.subjects().isEmpty() ? List.of(new Subject.Self("")) : attestation.subjects();
    List<Subject.Raw> subjects = new ArrayList<>();
    for (Subject subject : wanted) {
      switch (subject) {
        case Subject.Self(String name) ->
            self.forEach(
                each -> {
                  subjects.add(each);
                  if (!name.isEmpty() && !name.equals(UNNAMED)) {
                    subjects.add(new Subject.Raw(name, each.digests()));
                  }
                });
        case Subject.Raw raw ->
            subjects.add(raw.name().isEmpty() ? new Subject.Raw(UNNAMED, raw.digests()) : raw);
      }
    }
    return new Statement(attestation.predicateType(), subjects, predicate);
  }

  /// An empty predicate is none.
  private static byte[] checked(Attestation attestation) {
    byte[] predicate = attestation.predicate().get();
    if (predicate.length == 0) {
      return "null".getBytes(StandardCharsets.UTF_8);
    }
    try {
      JsonMapper.shared().readTree(predicate);
      return predicate;
    } catch (JacksonException malformed) {
      throw new InvalidRequest(
          "attestation "
              + attestation.path()
              + " is not valid JSON: "
              + malformed.getOriginalMessage(),
          malformed);
    }
  }

  /// As it is stored in an image.
  public byte[] compact() {
    return GoJson.compact(tree());
  }

  /// As it is written into a file.
  public byte[] indented() {
    return GoJson.indented(tree());
  }

  private Map<String, Object> tree() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("_type", TYPE);
    json.put("predicateType", predicateType);
    json.put("subject", subjects.stream().map(Statement::tree).toList());
    json.put(
        "predicate",
        new GoJson.Raw(GoJson.compacted(new String(predicate, StandardCharsets.UTF_8))));
    return json;
  }

  private static Map<String, Object> tree(Subject.Raw subject) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("name", subject.name());
    Map<String, String> digests = new TreeMap<>();
    for (Digest digest : subject.digests()) {
      digests.put(digest.algorithm(), digest.hex());
    }
    json.put("digest", digests);
    return json;
  }
}
