package dev.slipway.frontend.gateway;

import com.google.protobuf.ByteString;
import dev.slipway.api.gateway.Attestation;
import dev.slipway.api.gateway.AttestationKind;
import dev.slipway.api.gateway.Attestations;
import dev.slipway.api.gateway.InTotoSubject;
import dev.slipway.api.gateway.InTotoSubjectKind;
import dev.slipway.api.gateway.Ref;
import dev.slipway.api.gateway.RefMap;
import dev.slipway.api.gateway.RefMapDeprecated;
import dev.slipway.api.gateway.Result;
import dev.slipway.api.gateway.SolveRequest;
import dev.slipway.failure.NotFound;
import dev.slipway.frontend.FrontendRef;
import dev.slipway.frontend.FrontendResult;
import dev.slipway.frontend.FrontendResult.AttestationResult;
import dev.slipway.frontend.FrontendResult.Subject;
import dev.slipway.llb.LlbEncoder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.Function;

/// Opens and writes the gateway's letters: results between their wire form and ours. Pure but for
/// looking refs up by id.
final class GatewayMessages {
  private GatewayMessages() {}

  /// The answer's result. The caller said which forms it understands.
  static Result encode(FrontendResult result, SolveRequest request) {
    Result.Builder message = Result.newBuilder();
    result.metadata().forEach((key, value) -> message.putMetadata(key, ByteString.copyFrom(value)));
    result
        .attestations()
        .forEach((platform, list) -> message.putAttestations(platform, attestations(list)));
    if (!result.multiple()) {
      Ref ref = ref(result.single());
      return request.getAllowResultArrayRef()
          ? message.setRef(ref).build()
          : message.setRefDeprecated(ref.getId()).build();
    }
    if (request.getAllowResultArrayRef()) {
      RefMap.Builder refs = RefMap.newBuilder();
      result.refs().forEach((platform, found) -> refs.putRefs(platform, ref(found)));
      return message.setRefs(refs).build();
    }
    RefMapDeprecated.Builder refs = RefMapDeprecated.newBuilder();
    result.refs().forEach((platform, found) -> refs.putRefs(platform, ref(found).getId()));
    return message.setRefsDeprecated(refs).build();
  }

  /// The result that a frontend gives back.
  ///
  /// @param known results of this build by id
  /// @throws NotFound an id that this build never handed out
  static FrontendResult decode(Result message, Function<String, Optional<FrontendRef>> known) {
    SequencedMap<String, byte[]> metadata = bytes(message.getMetadataMap());
    SequencedMap<String, List<AttestationResult>> attestations = new LinkedHashMap<>();
    message
        .getAttestationsMap()
        .forEach(
            (platform, list) ->
                attestations.put(
                    platform,
                    list.getAttestationList().stream()
                        .map(one -> attestation(one, known))
                        .toList()));
    return switch (message.getResultCase()) {
      case REFDEPRECATED -> single(find(message.getRefDeprecated(), known), metadata, attestations);
      case REF -> single(find(message.getRef().getId(), known), metadata, attestations);
      case REFSDEPRECATED ->
          several(message.getRefsDeprecated().getRefsMap(), known, metadata, attestations);
      case REFS -> {
        Map<String, String> ids = new LinkedHashMap<>();
        message.getRefs().getRefsMap().forEach((platform, ref) -> ids.put(platform, ref.getId()));
        yield several(ids, known, metadata, attestations);
      }
      case RESULT_NOT_SET -> single(Optional.empty(), metadata, attestations);
    };
  }

  private static FrontendResult single(
      Optional<FrontendRef> ref,
      SequencedMap<String, byte[]> metadata,
      SequencedMap<String, List<AttestationResult>> attestations) {
    return new FrontendResult(ref, new LinkedHashMap<>(), false, metadata, attestations);
  }

  private static FrontendResult several(
      Map<String, String> ids,
      Function<String, Optional<FrontendRef>> known,
      SequencedMap<String, byte[]> metadata,
      SequencedMap<String, List<AttestationResult>> attestations) {
    SequencedMap<String, Optional<FrontendRef>> refs = new LinkedHashMap<>();
    ids.keySet().stream()
        .sorted()
        .forEach(platform -> refs.put(platform, find(ids.getOrDefault(platform, ""), known)));
    return new FrontendResult(Optional.empty(), refs, true, metadata, attestations);
  }

  /// An empty id is the empty tree.
  static Optional<FrontendRef> find(String id, Function<String, Optional<FrontendRef>> known) {
    if (id.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        known.apply(id).orElseThrow(() -> new NotFound("return reference not found: " + id)));
  }

  private static Ref ref(Optional<FrontendRef> found) {
    return found
        .map(
            ref ->
                Ref.newBuilder()
                    .setId(ref.id())
                    .setDef(LlbEncoder.encode(ref.definition()))
                    .build())
        .orElseGet(Ref::getDefaultInstance);
  }

  private static Attestations attestations(List<AttestationResult> list) {
    Attestations.Builder message = Attestations.newBuilder();
    for (AttestationResult one : list) {
      Attestation.Builder attestation =
          Attestation.newBuilder()
              .setKindValue(one.kind())
              .setRef(ref(one.ref()))
              .setPath(one.path())
              .setInTotoPredicateType(one.predicateType());
      one.metadata()
          .forEach((key, value) -> attestation.putMetadata(key, ByteString.copyFrom(value)));
      for (Subject subject : one.subjects()) {
        attestation.addInTotoSubjects(
            InTotoSubject.newBuilder()
                .setKindValue(subject.kind())
                .addAllDigest(subject.digests())
                .setName(subject.name()));
      }
      message.addAttestation(attestation);
    }
    return message.build();
  }

  private static AttestationResult attestation(
      Attestation message, Function<String, Optional<FrontendRef>> known) {
    List<Subject> subjects = new ArrayList<>();
    for (InTotoSubject subject : message.getInTotoSubjectsList()) {
      subjects.add(
          new Subject(
              known(subject.getKind()), List.copyOf(subject.getDigestList()), subject.getName()));
    }
    return new AttestationResult(
        known(message.getKind()),
        bytes(message.getMetadataMap()),
        find(message.getRef().getId(), known),
        message.getPath(),
        message.getInTotoPredicateType(),
        List.copyOf(subjects));
  }

  private static int known(AttestationKind kind) {
    if (kind == AttestationKind.UNRECOGNIZED) {
      throw new dev.slipway.failure.InvalidRequest("unknown kind of attestation");
    }
    return kind.getNumber();
  }

  private static int known(InTotoSubjectKind kind) {
    if (kind == InTotoSubjectKind.UNRECOGNIZED) {
      throw new dev.slipway.failure.InvalidRequest("unknown kind of attestation subject");
    }
    return kind.getNumber();
  }

  private static SequencedMap<String, byte[]> bytes(Map<String, ByteString> map) {
    SequencedMap<String, byte[]> copy = new LinkedHashMap<>();
    map.keySet().stream()
        .sorted()
        .forEach(key -> copy.put(key, map.getOrDefault(key, ByteString.EMPTY).toByteArray()));
    return copy;
  }
}
