package dev.slipway.usage;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Samples of something that goes on for nobody knows how long: whenever there are too many, every
/// second one is given up, and from then on they are taken half as often. Confined to its owner.
///
/// @param <S> what was seen at one moment
final class SampleSeries<S> {
  private final int most;
  private final List<S> samples = new ArrayList<>();
  private Duration interval;

  /// @param interval at first
  /// @param most samples to keep, at least two
  SampleSeries(Duration interval, int most) {
    this.interval = interval;
    this.most = most;
  }

  /// How long to wait for the next sample.
  Duration interval() {
    return interval;
  }

  void add(S sample) {
    samples.add(sample);
    if (samples.size() >= most) {
      thin();
    }
  }

  /// Keeps the later of every two, so that the next is as far from the last as they are from each
  /// other.
  private void thin() {
    List<S> kept = new ArrayList<>();
    for (int i = 1; i < samples.size(); i += 2) {
      kept.add(samples.get(i));
    }
    samples.clear();
    samples.addAll(kept);
    interval = interval.multipliedBy(2);
  }

  List<S> samples() {
    return List.copyOf(samples);
  }
}
