package dev.slipway.worker;

import dev.slipway.executor.Executor;
import dev.slipway.kernel.Kernel;
import dev.slipway.oci.Platform;
import dev.slipway.snapshot.Mounter;
import dev.slipway.snapshot.Snapshotter;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A place ops run.
public interface Worker extends AutoCloseable {
  /// Stable across restarts.
  String id();

  /// BuildKit's labels (surface reference 9.5) and ours.
  Map<String, String> labels();

  /// What it can run, best first. May change while the daemon runs (an emulator appears), so ask
  /// each time.
  List<Platform> platforms();

  /// True when programs of this platform run under emulation here.
  boolean emulates(Platform platform);

  Executor executor();

  /// Where its steps' file trees are. Workers of one machine share one storage (the same instance).
  Storage storage();

  /// Why the platform cannot run here and what would mend it (an emulator package to install), when
  /// that is known.
  Optional<String> explainMissing(Platform platform);

  /// What emulation has cost here so far, by platform; nothing for workers that emulate nothing.
  default List<EmulatedTime> emulatedTime() {
    return List.of();
  }

  @Override
  void close();

  /// @param steps how many ran
  /// @param wall their time from start to end, summed
  record EmulatedTime(Platform platform, long steps, Duration wall) {}

  record Storage(Snapshotter snapshotter, Mounter mounter, Kernel kernel) {}
}
