package dev.slipway.control;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.slipway.api.control.BuildHistoryEvent;
import dev.slipway.api.control.BuildHistoryRequest;
import dev.slipway.api.control.ControlGrpc;
import dev.slipway.api.control.DiskUsageRequest;
import dev.slipway.api.control.DiskUsageResponse;
import dev.slipway.api.control.InfoRequest;
import dev.slipway.api.control.InfoResponse;
import dev.slipway.api.control.ListWorkersRequest;
import dev.slipway.api.control.ListWorkersResponse;
import dev.slipway.api.control.PruneRequest;
import dev.slipway.api.control.SolveRequest;
import dev.slipway.api.control.SolveResponse;
import dev.slipway.api.control.StatusRequest;
import dev.slipway.api.control.StatusResponse;
import dev.slipway.api.control.UpdateBuildHistoryRequest;
import dev.slipway.api.control.UpdateBuildHistoryResponse;
import dev.slipway.api.control.UsageRecord;
import dev.slipway.api.worker.BuildkitVersion;
import dev.slipway.api.worker.CDIDevice;
import dev.slipway.api.worker.WorkerRecord;
import dev.slipway.device.DeviceRegistry;
import dev.slipway.device.KnownDevice;
import dev.slipway.failure.CorruptData;
import dev.slipway.frontend.FrontendBridge.WorkerInfo;
import dev.slipway.frontend.gateway.WorkerMessages;
import dev.slipway.history.BuildHistory;
import dev.slipway.history.HistoryEvent;
import dev.slipway.history.HistoryListener;
import dev.slipway.history.StatusLog;
import dev.slipway.llbsolver.LlbSolver;
import dev.slipway.progress.ProgressEvent;
import dev.slipway.progress.ProgressReader;
import dev.slipway.ref.RefInfo;
import dev.slipway.ref.RefStore;
import dev.slipway.ref.RefStore.PrunePolicy;
import dev.slipway.worker.Worker;
import dev.slipway.worker.Workers;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/// The Control service but for its Session method, which the `session` room serves on raw bytes.
/// Handlers block on virtual threads. Thread-safe.
public final class ControlService extends ControlGrpc.ControlImplBase {
  private final LlbSolver solver;
  private final BuildHistory history;
  private final RefStore refs;
  private final Workers workers;
  private final DeviceRegistry devices;
  private final Identity identity;
  private final Supplier<List<PrunePolicy>> gcPolicies;

  /// What this daemon calls itself.
  ///
  /// @param version of Slipway, such as `v0.1.0`
  /// @param revision git commit, empty when unknown
  /// @param dockerfileVersion release of the Dockerfile frontend that the built-in one equals
  public record Identity(
      String packageName, String version, String revision, String dockerfileVersion) {}

  public ControlService(
      LlbSolver solver,
      BuildHistory history,
      RefStore refs,
      Workers workers,
      DeviceRegistry devices,
      Identity identity,
      Supplier<List<PrunePolicy>> gcPolicies) {
    this.solver = solver;
    this.history = history;
    this.refs = refs;
    this.workers = workers;
    this.devices = devices;
    this.identity = identity;
    this.gcPolicies = gcPolicies;
  }

  @Override
  public void solve(SolveRequest request, StreamObserver<SolveResponse> answers) {
    var response = solver.solve(SolveMessages.decode(request));
    answers.onNext(SolveResponse.newBuilder().putAllExporterResponse(response).build());
    answers.onCompleted();
  }

  @Override
  public void status(StatusRequest request, StreamObserver<StatusResponse> answers) {
    PacedStream<StatusResponse> stream = PacedStream.over(answers);
    Optional<ProgressReader> live = solver.events(request.getRef());
    Optional<StatusLog> kept = live.isPresent() ? Optional.empty() : history.log(request.getRef());
    if (kept.isPresent()) {
      replay(kept.get(), stream);
    } else {
      follow(live.orElseGet(() -> solver.awaitEvents(request.getRef())), stream);
    }
    stream.end();
  }

  private static void follow(ProgressReader events, PacedStream<StatusResponse> stream) {
    try (ProgressReader reader = events) {
      for (Optional<List<ProgressEvent>> batch = reader.next();
          batch.isPresent();
          batch = reader.next()) {
        StatusEncoder.encode(batch.get()).forEach(stream::send);
      }
    }
  }

  private static void replay(StatusLog kept, PacedStream<StatusResponse> stream) {
    try (StatusLog log = kept) {
      for (Optional<byte[]> message = log.next(); message.isPresent(); message = log.next()) {
        stream.send(StatusResponse.parseFrom(message.get()));
      }
    } catch (InvalidProtocolBufferException damaged) {
      throw new CorruptData("a kept log holds an unreadable message", damaged);
    }
  }

  @Override
  public void listWorkers(ListWorkersRequest request, StreamObserver<ListWorkersResponse> answers) {
    ListWorkersResponse.Builder response = ListWorkersResponse.newBuilder();
    for (Worker worker : workers.all()) {
      response.addRecord(record(worker));
    }
    answers.onNext(response.build());
    answers.onCompleted();
  }

  @Override
  public void info(InfoRequest request, StreamObserver<InfoResponse> answers) {
    answers.onNext(InfoResponse.newBuilder().setBuildkitVersion(version()).build());
    answers.onCompleted();
  }

  @Override
  public void diskUsage(DiskUsageRequest request, StreamObserver<DiskUsageResponse> answers) {
    DiskUsageResponse.Builder response = DiskUsageResponse.newBuilder();
    Optional<Instant> limit =
        request.getAgeLimit() > 0
            ? Optional.of(Instant.now().minusNanos(request.getAgeLimit()))
            : Optional.empty();
    for (RefInfo info : refs.usage()) {
      if (limit.isEmpty()
          || info.lastUsedAt().isEmpty()
          || !info.lastUsedAt().get().isAfter(limit.get())) {
        response.addRecord(record(info));
      }
    }
    answers.onNext(response.build());
    answers.onCompleted();
  }

  @Override
  public void prune(PruneRequest request, StreamObserver<UsageRecord> answers) {
    PacedStream<UsageRecord> stream = PacedStream.over(answers);
    PrunePolicy policy =
        new PrunePolicy(
            request.getAll(),
            request.getFilterList(),
            Duration.ofNanos(request.getKeepDuration()),
            request.getReservedSpace(),
            request.getMaxUsedSpace(),
            request.getMinFreeSpace());
    refs.prune(policy, info -> stream.send(record(info)));
    stream.end();
  }

  @Override
  public void listenBuildHistory(
      BuildHistoryRequest request, StreamObserver<BuildHistoryEvent> answers) {
    PacedStream<BuildHistoryEvent> stream = PacedStream.over(answers);
    try (HistoryListener listener = history.listen(HistoryMessages.decode(request))) {
      for (Optional<HistoryEvent> event = listener.next();
          event.isPresent();
          event = listener.next()) {
        stream.send(HistoryMessages.encode(event.get()));
      }
    }
    stream.end();
  }

  /// A record is whole as soon as it can be seen, so that there is nothing to finalize.
  @Override
  public void updateBuildHistory(
      UpdateBuildHistoryRequest request, StreamObserver<UpdateBuildHistoryResponse> answers) {
    if (request.getDelete()) {
      history.delete(request.getRef());
    } else if (!request.getFinalize()) {
      history.pin(request.getRef(), request.getPinned());
    }
    answers.onNext(UpdateBuildHistoryResponse.getDefaultInstance());
    answers.onCompleted();
  }

  private WorkerRecord record(Worker worker) {
    WorkerRecord.Builder record =
        WorkerMessages.encode(new WorkerInfo(worker.id(), worker.labels(), worker.platforms()))
            .toBuilder();
    for (PrunePolicy policy : gcPolicies.get()) {
      record.addGCPolicy(
          dev.slipway.api.worker.GCPolicy.newBuilder()
              .setAll(policy.all())
              .setKeepDuration(policy.keepDuration().toNanos())
              .addAllFilters(policy.filters())
              .setReservedSpace(policy.reservedBytes())
              .setMaxUsedSpace(policy.maxUsedBytes())
              .setMinFreeSpace(policy.minFreeBytes()));
    }
    for (KnownDevice device : devices.all()) {
      record.addCDIDevices(
          CDIDevice.newBuilder()
              .setName(device.name())
              .setAutoAllow(device.autoAllowed())
              .putAllAnnotations(device.annotations()));
    }
    return record.setBuildkitVersion(version()).build();
  }

  private BuildkitVersion version() {
    return BuildkitVersion.newBuilder()
        .setPackage(identity.packageName())
        .setVersion(identity.version())
        .setRevision(identity.revision())
        .setDockerfileVersion(identity.dockerfileVersion())
        .build();
  }

  private static UsageRecord record(RefInfo info) {
    UsageRecord.Builder record =
        UsageRecord.newBuilder()
            .setID(info.id().value())
            .setMutable(info.mutable())
            .setInUse(info.inUse())
            .setSize(info.bytes())
            .setCreatedAt(StatusEncoder.timestamp(info.createdAt()))
            .setUsageCount(info.usageCount())
            .setDescription(info.description().text())
            .setRecordType(info.description().type().text())
            .setShared(info.shared());
    info.lastUsedAt().map(StatusEncoder::timestamp).ifPresent(record::setLastUsedAt);
    info.parents().forEach(parent -> record.addParents(parent.value()));
    return record.build();
  }
}
