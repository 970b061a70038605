package dev.slipway.history;

import com.google.rpc.Status;
import dev.slipway.content.Ingest;
import dev.slipway.failure.BuildFailure;
import dev.slipway.history.BuildRecord.Failure;
import dev.slipway.history.BuildRecord.Outcome;
import dev.slipway.oci.Descriptor;
import dev.slipway.oci.Digest;
import dev.slipway.oci.MediaType;
import dev.slipway.progress.ProgressEvent;
import dev.slipway.progress.ProgressReader;
import dev.slipway.task.Clock;
import dev.slipway.wire.FailureCodec;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/// Writes the blobs of a record, and so makes its end. Thread-safe.
final class RecordWriter {
  private static final MediaType LOG = new MediaType("application/vnd.buildkit.status.v0");

  /// The misspelling is the protocol's.
  private static final MediaType ERROR =
      new MediaType("application/vnd.googeapis.google.rpc.status+proto");

  private final KeptBlobs blobs;
  private final Function<List<ProgressEvent>, List<byte[]>> messages;
  private final Clock clock;

  RecordWriter(KeptBlobs blobs, Function<List<ProgressEvent>, List<byte[]>> messages, Clock clock) {
    this.blobs = blobs;
    this.messages = messages;
    this.clock = clock;
  }

  /// A record with what it keeps. Owner closes the hold.
  record Written(BuildRecord record, KeptBlobs.Hold hold) {}

  /// Writes what was gathered.
  ///
  /// @return the record as it ended
  Written write(BuildRecord record, ProgressReader said, BuildRecording.Gathered gathered) {
    KeptBlobs.Hold hold = blobs.open();
    try {
      StepCount steps = new StepCount();
      StepTrace trace = new StepTrace(record.ref());
      Consumer<ProgressEvent> notes =
          event -> {
            steps.add(event);
            trace.add(event);
          };
      Descriptor log = hold.write(LOG, ingest -> copy(said, ingest, notes));
      Optional<Failure> failure = gathered.failure().map(failed -> write(failed, hold));
      Map<String, List<Descriptor>> attestations = new LinkedHashMap<>();
      gathered
          .attestations()
          .forEach(
              (platform, all) ->
                  attestations.put(platform, all.stream().map(each -> write(each, hold)).toList()));
      gathered.exported().values().forEach(root -> hold.add(blobs.documentsOf(root)));
      Instant end = clock.now();
      Descriptor spans =
          hold.write(
              StepTrace.TYPE,
              ingest ->
                  trace.writeTo(ingest, record.createdAt(), end, failure.map(Failure::message)));
      Outcome outcome =
          new Outcome(
              end,
              failure,
              log,
              steps.steps(),
              gathered.metadata(),
              attestations,
              gathered.exported());
      return new Written(record.ended(outcome, spans), hold);
    } catch (RuntimeException failed) {
      hold.close();
      throw failed;
    }
  }

  private void copy(ProgressReader said, Ingest ingest, Consumer<ProgressEvent> notes) {
    for (Optional<List<ProgressEvent>> batch = said.next();
        batch.isPresent();
        batch = said.next()) {
      batch.get().forEach(notes);
      messages.apply(batch.get()).forEach(message -> StatusLog.append(ingest, message));
    }
  }

  private static Failure write(BuildFailure failure, KeptBlobs.Hold hold) {
    Status status =
        FailureCodec.encode(failure).toBuilder().addDetails(StackDetail.of(failure)).build();
    return new Failure(
        status.getCode(), status.getMessage(), hold.write(ERROR, status.toByteArray()));
  }

  private static Descriptor write(BuildRecording.Attestation attestation, KeptBlobs.Hold hold) {
    return hold.write(MediaType.IN_TOTO, attestation.predicate())
        .withAnnotations(Map.of("in-toto.io/predicate-type", attestation.type()));
  }

  /// Holds again what a record keeps; empty when some of its own blobs are gone. Caller closes.
  Optional<KeptBlobs.Hold> reopen(BuildRecord record) {
    List<Digest> own = record.ownBlobs().stream().map(Descriptor::digest).toList();
    if (!blobs.complete(own)) {
      return Optional.empty();
    }
    KeptBlobs.Hold hold = blobs.open();
    hold.add(own);
    record
        .outcome()
        .ifPresent(
            ended -> ended.exported().values().forEach(root -> hold.add(blobs.documentsOf(root))));
    return Optional.of(hold);
  }
}
