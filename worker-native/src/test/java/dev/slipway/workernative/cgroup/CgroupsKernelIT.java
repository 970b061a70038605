package dev.slipway.workernative.cgroup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.slipway.task.Clock;
import dev.slipway.usage.ProcMachine;
import dev.slipway.usage.StepCounter;
import dev.slipway.usage.StepCounter.Group;
import dev.slipway.usage.StepSample;
import dev.slipway.usage.StepSample.Reading;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// On a real hierarchy, which machines with the old ones have beside them.
@Timeout(120)
final class CgroupsKernelIT {
  @Test
  void aCgroupKnowsWhatWasUsedInThoseThatAreGone() throws IOException, InterruptedException {
    Path mounted =
        List.of(Path.of("/sys/fs/cgroup"), Path.of("/sys/fs/cgroup/unified")).stream()
            .filter(place -> Files.exists(place.resolve("cgroup.subtree_control")))
            .findFirst()
            .orElse(Path.of("/"));
    assumeTrue(Files.isWritable(mounted.resolve("cgroup.procs")), "no cgroup v2 to write to");
    Cgroups cgroups =
        new Cgroups(mounted, Path.of("/sys/class/net"), ProcMachine.local(), Clock.system());
    String path = "/slipway-it-" + ProcessHandle.current().pid();
    Path outer = mounted.resolve(path.substring(1));

    try (StepCgroup cgroup = cgroups.forStep(path, Optional.empty())) {
      Path inner = Files.createDirectories(mounted.resolve(cgroup.path().substring(1)));
      cgroup.begin();
      Process busy =
          new ProcessBuilder(
                  "sh",
                  "-c",
                  "echo $$ > $0/cgroup.procs; i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done",
                  inner.toString())
              .inheritIO()
              .start();
      assertThat(busy.waitFor()).isZero();
      Files.delete(inner);

      StepSample last = cgroup.usage().orElseThrow().samples().getLast();
      Reading cpu = Optional.ofNullable(last.groups().get(Group.CPU)).orElseThrow();
      assertThat(cpu.counters().get(StepCounter.USAGE_NANOS)).isGreaterThan(10_000_000);
    }

    assertThat(outer).doesNotExist();
  }
}
