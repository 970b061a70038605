package dev.slipway.control;

import com.google.rpc.Status;
import dev.slipway.api.control.BuildHistoryEvent;
import dev.slipway.api.control.BuildHistoryEventType;
import dev.slipway.api.control.BuildHistoryRecord;
import dev.slipway.api.control.BuildHistoryRequest;
import dev.slipway.api.control.BuildResultInfo;
import dev.slipway.api.control.Exporter;
import dev.slipway.history.BuildRecord;
import dev.slipway.history.BuildRecord.Outcome;
import dev.slipway.history.HistoryEvent;
import dev.slipway.history.HistoryEvent.Completed;
import dev.slipway.history.HistoryEvent.Deleted;
import dev.slipway.history.HistoryEvent.Started;
import dev.slipway.history.HistoryQuery;
import dev.slipway.oci.Descriptor;
import java.util.Optional;

/// Opens requests for the build history and writes its events (surface reference 1.10). Pure.
final class HistoryMessages {
  private HistoryMessages() {}

  static HistoryQuery decode(BuildHistoryRequest request) {
    return new HistoryQuery(
        Optional.of(request.getRef()).filter(ref -> !ref.isEmpty()),
        request.getActiveOnly(),
        request.getEarlyExit(),
        request.getFilterList(),
        request.getLimit());
  }

  static BuildHistoryEvent encode(HistoryEvent event) {
    return switch (event) {
      case Started started -> event(BuildHistoryEventType.STARTED, record(started.record()));
      case Completed completed -> event(BuildHistoryEventType.COMPLETE, record(completed.record()));
      case Deleted deleted ->
          event(
              BuildHistoryEventType.DELETED,
              BuildHistoryRecord.newBuilder().setRef(deleted.ref()).build());
    };
  }

  private static BuildHistoryEvent event(BuildHistoryEventType type, BuildHistoryRecord record) {
    return BuildHistoryEvent.newBuilder().setType(type).setRecord(record).build();
  }

  private static BuildHistoryRecord record(BuildRecord record) {
    BuildHistoryRecord.Builder message =
        BuildHistoryRecord.newBuilder()
            .setRef(record.ref())
            .setFrontend(record.asked().frontend())
            .putAllFrontendAttrs(record.asked().options())
            .setCreatedAt(StatusEncoder.timestamp(record.createdAt()))
            .setGeneration(record.generation())
            .setPinned(record.pinned());
    for (BuildRecord.Export export : record.asked().exports()) {
      message.addExporters(
          Exporter.newBuilder().setType(export.type()).putAllAttrs(export.attributes()));
    }
    record.outcome().ifPresent(outcome -> addOutcome(message, outcome));
    record.trace().map(HistoryMessages::descriptor).ifPresent(message::setTrace);
    return message.build();
  }

  private static void addOutcome(BuildHistoryRecord.Builder message, Outcome outcome) {
    message
        .setCompletedAt(StatusEncoder.timestamp(outcome.completedAt()))
        .setLogs(descriptor(outcome.log()))
        .putAllExporterResponse(outcome.metadata())
        .setNumTotalSteps(outcome.steps().total())
        .setNumCompletedSteps(outcome.steps().completed())
        .setNumCachedSteps(outcome.steps().cached())
        .setNumWarnings(outcome.steps().warnings());
    outcome
        .failure()
        .ifPresent(
            failure ->
                message
                    .setError(
                        Status.newBuilder().setCode(failure.code()).setMessage(failure.message()))
                    .setExternalError(descriptor(failure.status())));
    outcome
        .attestations()
        .forEach(
            (platform, blobs) -> {
              if (!platform.isEmpty()) {
                BuildResultInfo.Builder info = BuildResultInfo.newBuilder();
                blobs.forEach(blob -> info.addAttestations(descriptor(blob)));
                message.putResults(platform, info.build());
              }
            });
    single(outcome).ifPresent(message::setResult);
  }

  /// What exporters made stands here, and what attests the result that has no platform.
  private static Optional<BuildResultInfo> single(Outcome outcome) {
    BuildResultInfo.Builder info = BuildResultInfo.newBuilder();
    Optional.ofNullable(outcome.attestations().get(""))
        .ifPresent(blobs -> blobs.forEach(blob -> info.addAttestations(descriptor(blob))));
    if (!outcome.exported().isEmpty()) {
      // For clients that know of one exporter only.
      info.setResultDeprecated(descriptor(outcome.exported().firstEntry().getValue()));
      outcome.exported().forEach((index, root) -> info.putResults(index, descriptor(root)));
    }
    return info.getAttestationsCount() == 0 && info.getResultsCount() == 0
        ? Optional.empty()
        : Optional.of(info.build());
  }

  private static dev.slipway.api.control.Descriptor descriptor(Descriptor blob) {
    return dev.slipway.api.control.Descriptor.newBuilder()
        .setMediaType(blob.mediaType().value())
        .setDigest(blob.digest().toString())
        .setSize(blob.bytes())
        .putAllAnnotations(blob.annotations())
        .build();
  }
}
