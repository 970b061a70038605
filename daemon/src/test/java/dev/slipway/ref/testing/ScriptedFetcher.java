package dev.slipway.ref.testing;

import dev.slipway.content.ContentStore;
import dev.slipway.content.Ingest;
import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.NotFound;
import dev.slipway.oci.Descriptor;
import dev.slipway.oci.Digest;
import dev.slipway.ref.FetchContext;
import dev.slipway.ref.LayerFetcher;
import dev.slipway.ref.LayerOrigin;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/// An origin that serves what a test put into it, and does what the test says before it answers.
/// Thread-safe.
public final class ScriptedFetcher implements LayerFetcher {
  public final AtomicInteger fetches = new AtomicInteger();

  private final ContentStore store;
  private final Map<Digest, byte[]> blobs = new ConcurrentHashMap<>();
  private volatile Consumer<Digest> before = _ -> {};
  private volatile Optional<BuildFailure> failure = Optional.empty();

  public ScriptedFetcher(ContentStore store) {
    this.store = store;
  }

  public void serve(byte[] blob) {
    blobs.put(Digest.ofBytes(blob), blob);
  }

  public void beforeAnswering(Consumer<Digest> action) {
    before = action;
  }

  public void failWith(Optional<BuildFailure> thrown) {
    failure = thrown;
  }

  @Override
  public void fetch(Descriptor blob, LayerOrigin origin, FetchContext context) {
    if (store.find(blob.digest()).isPresent()) {
      return;
    }
    fetches.incrementAndGet();
    before.accept(blob.digest());
    if (failure.isPresent()) {
      throw failure.get();
    }
    byte[] bytes =
        Optional.ofNullable(blobs.get(blob.digest()))
            .orElseThrow(() -> new NotFound("origin has no " + blob.digest()));
    try (Ingest ingest = store.ingest(blob.digest() + " by " + Thread.currentThread().threadId())) {
      ingest.write(ByteBuffer.wrap(bytes));
      ingest.commit(Optional.of(blob.digest()), OptionalLong.of(blob.bytes()), Map.of());
    }
  }
}
