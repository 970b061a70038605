package dev.slipway.llbsolver;

import dev.slipway.attestation.Attestation;
import dev.slipway.failure.WrongState;
import dev.slipway.frontend.FrontendRef;
import dev.slipway.frontend.FrontendResult;
import dev.slipway.image.ResultPlatform;
import dev.slipway.oci.Digest;
import dev.slipway.oci.Platform;
import dev.slipway.oci.json.GoJson;
import dev.slipway.provenance.BuildSteps;
import dev.slipway.provenance.Capture;
import dev.slipway.provenance.Material.Image;
import dev.slipway.provenance.Predicate;
import dev.slipway.provenance.ProvenanceOptions;
import dev.slipway.provenance.ProvenanceOptions.Mode;
import dev.slipway.task.Clock;
import dev.slipway.usage.MachineSample;
import dev.slipway.usage.StepUsage;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Tells what went into each of a build's results. Confined to the build's thread.
final class ResultProvenance {
  private final RequestTrace trace;
  private final DefinitionCapture definitions;
  private final Facts facts;
  private final FrontendResult result;
  private final List<ResultPlatform> platforms;

  /// What is the same for all results.
  ///
  /// @param environment the operator's own facts
  /// @param compressors what layers are compressed by
  /// @param machine what the machine did since the build's start
  record Facts(
      String invocation,
      Instant started,
      String dockerfileVersion,
      Map<String, GoJson.Raw> environment,
      Map<String, String> compressors,
      long compatibility,
      Supplier<List<MachineSample>> machine,
      Clock clock) {}

  ResultProvenance(
      RequestTrace trace, DefinitionCapture definitions, Facts facts, FrontendResult result) {
    this.trace = trace;
    this.definitions = definitions;
    this.facts = facts;
    this.result = result;
    this.platforms = ResultPlatform.of(result.metadata());
  }

  /// The results that have files, by the id of their platform; a single one is known by the
  /// platform that it is for.
  private SequencedMap<String, BridgeRef> refs() {
    SequencedMap<String, BridgeRef> refs = new LinkedHashMap<>();
    if (result.multiple()) {
      result.refs().forEach((id, ref) -> ref.ifPresent(found -> refs.put(id, own(found))));
    } else {
      result
          .single()
          .ifPresent(ref -> platforms.forEach(platform -> refs.put(platform.id(), own(ref))));
    }
    return refs;
  }

  private static BridgeRef own(FrontendRef ref) {
    if (ref instanceof BridgeRef own) {
      return own;
    }
    throw new WrongState("result " + ref.id() + " is not of this build");
  }

  /// Provenance as a build asked for it.
  ///
  /// @throws dev.slipway.failure.WrongState it is to be complete and cannot be
  SequencedMap<String, Attestation> attestations(ProvenanceOptions options) {
    if (options.completeMaterials()) {
      refs().forEach((id, ref) -> predicate(id, ref, options).requireComplete());
    }
    return each(
        (id, ref) ->
            new Attestation(
                options.file(),
                options.version().predicateType(),
                options.inlineOnly(),
                () -> predicate(id, ref, options).write(),
                List.of()));
  }

  /// Provenance as the history keeps it, by platform; empty text for a result without.
  Map<String, byte[]> ofHistory(String builderId) {
    ProvenanceOptions options = ProvenanceOptions.ofHistory(builderId);
    Map<String, byte[]> all = new LinkedHashMap<>();
    each((id, ref) -> predicate(id, ref, options).write())
        .forEach((id, predicate) -> all.put(result.multiple() ? id : "", predicate));
    return all;
  }

  private <T> SequencedMap<String, T> each(BiFunction<String, BridgeRef, T> maker) {
    SequencedMap<String, T> all = new LinkedHashMap<>();
    refs().forEach((id, ref) -> all.put(id, maker.apply(id, ref)));
    return all;
  }

  private Predicate predicate(String id, BridgeRef ref, ProvenanceOptions options) {
    return new Predicate(
        capture(id, ref),
        options,
        new Predicate.Circumstances(
            facts.invocation(),
            facts.started(),
            facts.clock().now(),
            Optional.of(options.mode() == Mode.MAX)
                .filter(told -> told)
                .map(_ -> new BuildSteps(ref.definition(), ref.layers(), usage(options))),
            facts.dockerfileVersion(),
            facts.environment(),
            facts.compressors(),
            facts.compatibility(),
            options.captureUsage() ? facts.machine().get() : List.of()));
  }

  private Function<Digest, Optional<StepUsage>> usage(ProvenanceOptions options) {
    return options.captureUsage()
        ? step -> definitions.usage(step, facts.started())
        : _ -> Optional.empty();
  }

  private Capture capture(String id, BridgeRef ref) {
    RequestTrace request = trace.of(ref).orElse(trace);
    Capture capture = definitions.of(ref.vertex());
    request.call().ifPresent(capture::calledBy);
    request.root().ifPresent(capture::askedFor);
    Set<String> results =
        Stream.concat(refs().values().stream(), result.attestationRefs().stream())
            .map(FrontendRef::id)
            .collect(Collectors.toSet());
    for (BridgeRef other : request.refs()) {
      if (!results.contains(other.id()) && other.isSolved()) {
        capture.merge(definitions.of(other.vertex()));
      }
    }
    imagesOf(id, request.images()).forEach(capture::material);
    return capture;
  }

  /// Leaves out images for other platforms, where there is one of the same name for each.
  private List<Image> imagesOf(String id, List<Image> images) {
    Optional<Platform> own =
        platforms.stream()
            .filter(platform -> platform.id().equals(id))
            .map(ResultPlatform::platform)
            .findFirst();
    if (platforms.isEmpty() || own.isEmpty()) {
      return images;
    }
    List<Image> kept = new ArrayList<>();
    for (Image image : images) {
      boolean isOthers =
          image.platform().isPresent()
              && !isLike(image.platform().get(), own.get())
              && platforms.stream().allMatch(platform -> isThere(image, platform, images));
      if (!isOthers) {
        kept.add(image);
      }
    }
    return kept;
  }

  private static boolean isThere(Image image, ResultPlatform platform, List<Image> images) {
    return images.stream()
        .anyMatch(
            other ->
                other.reference().equals(image.reference())
                    && other.platform().filter(p -> isLike(p, platform.platform())).isPresent());
  }

  private static boolean isLike(Platform one, Platform other) {
    return one.os().equals(other.os()) && one.architecture().equals(other.architecture());
  }
}
