package dev.slipway.llbsolver;

import dev.slipway.attestation.Attestation;
import dev.slipway.attestation.Subject;
import dev.slipway.failure.CorruptData;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.frontend.FrontendRef;
import dev.slipway.frontend.FrontendResult;
import dev.slipway.frontend.FrontendResult.AttestationResult;
import dev.slipway.frontend.sbom.SbomScanner;
import dev.slipway.fsutil.Stat;
import dev.slipway.oci.Digest;
import dev.slipway.oci.json.OciJson;
import dev.slipway.oci.json.ReadAndWritten;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import tools.jackson.databind.JsonNode;

/// What a frontend states about its results, taken apart into single attestations, those about the
/// core of an image first (BuildKit `exporter/attestation/unbundle.go`, v0.32.2).
final class FrontendAttestations {
  private static final int IN_TOTO = 0;
  private static final int BUNDLE = 1;
  private static final int SELF = 0;
  private static final long MAX_BYTES = 40L << 20;
  private static final long MAX_BUNDLE_BYTES = 4 * MAX_BYTES;
  private static final int PIECE = 8 << 20;
  private static final String PROVENANCE = "https://slsa.dev/provenance/";

  private FrontendAttestations() {}

  /// @throws InvalidRequest a statement that makes no sense, or that only a daemon may make
  static SequencedMap<String, List<Attestation>> of(FrontendResult result) {
    SequencedMap<String, List<Attestation>> all = new LinkedHashMap<>();
    result
        .attestations()
        .forEach(
            (platform, stated) -> {
              List<Attestation> core = new ArrayList<>();
              List<Attestation> others = new ArrayList<>();
              for (AttestationResult one : stated) {
                for (Attestation attestation : single(one)) {
                  (isCore(one, attestation) ? core : others).add(marked(one, attestation));
                }
              }
              core.addAll(others);
              all.put(platform, core);
            });
    return all;
  }

  /// As the reference has it, by the whole path.
  private static boolean isCore(AttestationResult one, Attestation attestation) {
    return isNamedAfterCore(one, attestation.path());
  }

  /// A bill of materials of the result itself, be it in a directory.
  private static Attestation marked(AttestationResult one, Attestation attestation) {
    return attestation.predicateType().equals(SbomScanner.PREDICATE_TYPE)
            && isNamedAfterCore(one, attestation.fileName())
        ? attestation.asCoreBill()
        : attestation;
  }

  private static boolean isNamedAfterCore(AttestationResult one, String path) {
    return text(one, "sbom-core").filter(name -> path.split("\\.", 2)[0].equals(name)).isPresent();
  }

  private static Optional<String> text(AttestationResult one, String key) {
    return Optional.ofNullable(one.metadata().get(key))
        .map(value -> new String(value, StandardCharsets.UTF_8));
  }

  private static List<Attestation> single(AttestationResult one) {
    boolean inlineOnly = text(one, "inline-only").filter("true"::equals).isPresent();
    FrontendRef ref =
        one.ref()
            .orElseThrow(
                () ->
                    new InvalidRequest(
                        one.kind() == BUNDLE
                            ? "no ref provided for attestation bundle"
                            : "attestation does not have available content"));
    return switch (one.kind()) {
      case IN_TOTO -> {
        if (one.path().isEmpty()) {
          throw new InvalidRequest("attestation does not have set path");
        }
        if (one.predicateType().startsWith(PROVENANCE)) {
          throw new InvalidRequest("frontend may not set provenance attestations");
        }
        yield List.of(
            new Attestation(
                one.path(),
                one.predicateType(),
                inlineOnly,
                () -> read(ref, one.path()),
                one.subjects().stream().map(FrontendAttestations::subject).toList()));
      }
      case BUNDLE -> bundled(one, ref, inlineOnly);
      default -> throw new InvalidRequest("unknown attestation kind " + one.kind());
    };
  }

  private static List<Attestation> bundled(
      AttestationResult bundle, FrontendRef ref, boolean inlineOnly) {
    List<Attestation> all = new ArrayList<>();
    long bytes = 0;
    for (Stat entry : ref.readDirectory("/" + bundle.path(), Optional.empty())) {
      String name = entry.path().substring(entry.path().lastIndexOf('/') + 1);
      String path = bundle.path().isEmpty() ? name : bundle.path() + "/" + name;
      byte[] content = read(ref, "/" + path);
      bytes += content.length;
      if (bytes > MAX_BUNDLE_BYTES) {
        throw new InvalidRequest(
            "attestation bundle exceeds " + MAX_BUNDLE_BYTES + " bytes at " + path);
      }
      JsonNode statement = statement(content, path);
      String type = statement.path("predicateType").asString("");
      if (type.startsWith(PROVENANCE)) {
        throw new InvalidRequest("frontend may not bundle provenance attestations");
      }
      if (!bundle.predicateType().isEmpty() && !bundle.predicateType().equals(type)) {
        throw new InvalidRequest(
            "bundle entry "
                + type
                + " does not match required predicate type "
                + bundle.predicateType());
      }
      byte[] predicate = ReadAndWritten.by(statement.path("predicate"));
      all.add(new Attestation(path, type, inlineOnly, () -> predicate, subjects(statement)));
    }
    return all;
  }

  private static JsonNode statement(byte[] content, String path) {
    try {
      return OciJson.object(content, "in-toto statement " + path);
    } catch (CorruptData malformed) {
      throw new InvalidRequest(
          "cannot decode in-toto statement " + path + ": " + malformed.text(), malformed);
    }
  }

  private static List<Subject> subjects(JsonNode statement) {
    List<Subject> subjects = new ArrayList<>();
    for (JsonNode each : statement.path("subject")) {
      List<Digest> digests = new ArrayList<>();
      each.path("digest")
          .properties()
          .forEach(
              member ->
                  digests.add(
                      Digest.parse(member.getKey() + ":" + member.getValue().asString(""))));
      subjects.add(new Subject.Raw(each.path("name").asString(""), digests));
    }
    return subjects;
  }

  /// In pieces, as one answer of a ref holds less than a large bill of materials.
  private static byte[] read(FrontendRef ref, String path) {
    Stat stat = ref.stat(path);
    if (!stat.isRegular()) {
      throw new InvalidRequest(path + " is not a regular file");
    }
    if (stat.size() > MAX_BYTES) {
      throw new InvalidRequest(path + " exceeds " + MAX_BYTES + " bytes");
    }
    ByteArrayOutputStream content = new ByteArrayOutputStream((int) stat.size());
    while (content.size() < stat.size()) {
      byte[] piece =
          ref.readFile(path, Optional.of(new FrontendRef.ByteRange(content.size(), PIECE)));
      if (piece.length == 0) {
        throw new InvalidRequest(path + " is shorter than its size");
      }
      content.writeBytes(piece);
    }
    return content.toByteArray();
  }

  private static Subject subject(FrontendResult.Subject subject) {
    return subject.kind() == SELF
        ? new Subject.Self(subject.name())
        : new Subject.Raw(subject.name(), subject.digests().stream().map(Digest::parse).toList());
  }

  /// The same with one more for each platform.
  static Map<String, List<Attestation>> with(
      SequencedMap<String, List<Attestation>> stated, SequencedMap<String, Attestation> more) {
    Map<String, List<Attestation>> all = new LinkedHashMap<>(stated);
    more.forEach(
        (platform, attestation) -> {
          List<Attestation> list = new ArrayList<>(all.getOrDefault(platform, List.of()));
          list.add(attestation);
          all.put(platform, list);
        });
    return all;
  }
}
