package dev.slipway.frontend.gateway;

import dev.slipway.api.worker.WorkerRecord;
import dev.slipway.frontend.FrontendBridge.WorkerInfo;
import dev.slipway.llb.LlbEncoder;

/// Writes what clients are told of a worker.
public final class WorkerMessages {
  private WorkerMessages() {}

  public static WorkerRecord encode(WorkerInfo worker) {
    WorkerRecord.Builder record =
        WorkerRecord.newBuilder().setID(worker.id()).putAllLabels(worker.labels());
    worker.platforms().stream().map(LlbEncoder::platform).forEach(record::addPlatforms);
    return record.build();
  }
}
