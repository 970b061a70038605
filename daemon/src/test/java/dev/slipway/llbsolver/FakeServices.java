package dev.slipway.llbsolver;

import dev.slipway.contenthash.ContentHasher;
import dev.slipway.device.DeviceRegistry;
import dev.slipway.executor.testing.ScriptedExecutor;
import dev.slipway.layer.testing.UnprivilegedKernel;
import dev.slipway.llb.Mount;
import dev.slipway.oci.Platform;
import dev.slipway.op.CacheMounts;
import dev.slipway.op.ClientMounts;
import dev.slipway.op.FailedStates;
import dev.slipway.op.JobSessions;
import dev.slipway.op.OpServices;
import dev.slipway.op.RefResult;
import dev.slipway.op.StepNetworks;
import dev.slipway.ref.testing.NoSessions;
import dev.slipway.ref.testing.RefStoreFixture;
import dev.slipway.session.SessionGroup;
import dev.slipway.worker.Worker;
import dev.slipway.worker.Workers;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What ops work with, on fakes: one worker, one secret, no sources, no networks.
final class FakeServices {
  private FakeServices() {}

  static OpServices of(RefStoreFixture refs, ScriptedExecutor executor, UnprivilegedKernel kernel) {
    return new OpServices(
        new Workers(List.of(new OneWorker(executor, refs, kernel))),
        refs.store,
        NO_HASHES,
        List.of(),
        new JobSessions(new NoSessions()),
        new CacheMounts(refs.store),
        new OneSecret(),
        new FailedStates(),
        (_, _) -> RefResult.SCRATCH,
        DeviceRegistry.EMPTY,
        NO_NETWORKS);
  }

  private static final ContentHasher NO_HASHES =
      (_, _, _) -> {
        throw new UnsupportedOperationException();
      };

  private static final StepNetworks NO_NETWORKS =
      _ -> {
        throw new UnsupportedOperationException();
      };

  private record OneWorker(
      ScriptedExecutor executor, RefStoreFixture refs, UnprivilegedKernel kernel)
      implements Worker {
    @Override
    public String id() {
      return "worker";
    }

    @Override
    public Map<String, String> labels() {
      return Map.of();
    }

    @Override
    public List<Platform> platforms() {
      return List.of(Platform.local());
    }

    @Override
    public boolean emulates(Platform platform) {
      return false;
    }

    @Override
    public Storage storage() {
      return new Storage(refs.snapshotter, refs.snapshotter, kernel);
    }

    @Override
    public Optional<String> explainMissing(Platform platform) {
      return Optional.empty();
    }

    @Override
    public void close() {}
  }

  private record OneSecret() implements ClientMounts {
    @Override
    public Optional<ClientMount> secret(Mount.FileOptions options, SessionGroup sessions) {
      return Optional.empty();
    }

    @Override
    public Optional<ClientMount> ssh(Mount.FileOptions options, SessionGroup sessions) {
      return Optional.empty();
    }

    @Override
    public Optional<byte[]> secretValue(String id, SessionGroup sessions) {
      return id.equals("password")
          ? Optional.of("open sesame".getBytes(StandardCharsets.UTF_8))
          : Optional.empty();
    }
  }
}
