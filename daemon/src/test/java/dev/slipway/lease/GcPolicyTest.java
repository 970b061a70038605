package dev.slipway.lease;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.lease.GcPolicy.Limits;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

final class GcPolicyTest {
  private static final long GIB = 1L << 30;
  private static final long GB = 1_000_000_000L;

  @Test
  void smallDiskIsSharedByPercentage() {
    Limits limits = Limits.ofDisk(50 * GIB);

    assertThat(limits).isEqualTo(new Limits(6 * GB, 41 * GB, 11 * GB));
  }

  @Test
  void largeDiskIsNotTakenWhole() {
    Limits limits = Limits.ofDisk(2000 * GIB);

    assertThat(limits).isEqualTo(new Limits(10 * GB, 100 * GB, 401 * GB));
  }

  @Test
  void unknownDiskIsTakenForSmall() {
    assertThat(GcPolicy.percent(0, 10)).isEqualTo(2 * GB);
  }

  @Test
  void defaultsGoFromGentleToLastResort() {
    List<GcPolicy> policies = GcPolicy.defaults(new Limits(1, 2, 3));

    assertThat(policies)
        .containsExactly(
            new GcPolicy(
                false,
                List.of("type==source.local", "type==exec.cachemount", "type==source.git.checkout"),
                Duration.ofDays(2),
                0,
                512_000_000,
                0),
            new GcPolicy(false, List.of(), Duration.ofDays(60), 1, 2, 3),
            new GcPolicy(false, List.of(), Duration.ZERO, 1, 2, 3),
            new GcPolicy(true, List.of(), Duration.ZERO, 1, 2, 3));
  }
}
