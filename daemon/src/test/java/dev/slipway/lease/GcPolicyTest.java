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
  void aLimitPressesBeforeItIsReachedAndIsDrawnInByTwiceAsMuch() {
    GcPolicy rule = new GcPolicy(true, List.of(), Duration.ZERO, 1_000, 16_000, 1_600);

    assertThat(rule.isPressing(15_000, 1_700)).isFalse();
    assertThat(rule.isPressing(15_001, 1_700)).isTrue();
    assertThat(rule.isPressing(15_000, 1_699)).isTrue();
    assertThat(rule.isPressing(1_000, 0)).as("reserved").isFalse();
    assertThat(rule.tightened())
        .isEqualTo(new GcPolicy(true, List.of(), Duration.ZERO, 1_000, 14_000, 1_800));
  }

  @Test
  void whatHasNoLimitOrConcernsSomeRecordsOnlyNeverPresses() {
    GcPolicy unlimited = new GcPolicy(true, List.of(), Duration.ofDays(1), 5, 0, 0);
    GcPolicy some = new GcPolicy(true, List.of("mutable"), Duration.ZERO, 0, 10, 10);

    assertThat(unlimited.isPressing(Long.MAX_VALUE, 0)).isFalse();
    assertThat(unlimited.tightened()).isEqualTo(unlimited);
    assertThat(some.isPressing(Long.MAX_VALUE, 0)).isFalse();
  }

  @Test
  void largeLimitsAreDrawnInByABoundedAmount() {
    GcPolicy rule = new GcPolicy(true, List.of(), Duration.ZERO, 0, 100 * GB, 0);

    assertThat(rule.tightened().maxUsedBytes()).isEqualTo(100 * GB - 1_024_000_000);
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
