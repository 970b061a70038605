package dev.slipway.image;

import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.Cancelled;
import dev.slipway.oci.Digest;
import dev.slipway.task.Interruption;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;

/// Joins equal transfers: the first caller does the work, the others wait for it. When the first is
/// cancelled, one of the others takes over. Thread-safe.
public final class BlobFlights {
  private final Map<Digest, Flight> flights = new ConcurrentHashMap<>();

  /// Returns when the work for that digest has been done once, by this thread or another.
  ///
  /// @throws BuildFailure as the work failed, also for those who waited
  public void join(Digest digest, Runnable work) {
    while (true) {
      Flight mine = new Flight();
      Flight other = flights.putIfAbsent(digest, mine);
      if (other == null) {
        lead(digest, mine, work);
        return;
      }
      other.await();
      if (!other.abandoned) {
        other.failure.ifPresent(
            failure -> {
              throw failure;
            });
        return;
      }
    }
  }

  private void lead(Digest digest, Flight flight, Runnable work) {
    flight.abandoned = true;
    try {
      work.run();
      flight.abandoned = false;
    } catch (Cancelled cancelled) {
      throw cancelled;
    } catch (BuildFailure failure) {
      flight.failure = Optional.of(failure);
      flight.abandoned = false;
      throw failure;
    } finally {
      flights.remove(digest, flight);
      flight.done.countDown();
    }
  }

  private static final class Flight {
    private final CountDownLatch done = new CountDownLatch(1);
    private volatile Optional<BuildFailure> failure = Optional.empty();
    private volatile boolean abandoned;

    private void await() {
      try {
        done.await();
      } catch (InterruptedException interrupted) {
        throw Interruption.cancelled(interrupted);
      }
    }
  }
}
