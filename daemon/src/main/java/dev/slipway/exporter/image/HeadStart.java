package dev.slipway.exporter.image;

import dev.slipway.content.BlobInfo;
import dev.slipway.content.BlobReader;
import dev.slipway.content.IngestReader;
import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.Cancelled;
import dev.slipway.oci.Descriptor;
import dev.slipway.oci.Digest;
import dev.slipway.oci.ImageReference;
import dev.slipway.oci.MediaType;
import dev.slipway.progress.VertexProgress;
import dev.slipway.ref.LayerOrigin;
import dev.slipway.ref.LayerWatch;
import dev.slipway.registry.CredentialSource;
import dev.slipway.registry.Pusher;
import dev.slipway.registry.Pusher.Outcome;
import dev.slipway.task.TaskScope;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Brings layers to where their image will be pushed while others are still being made, and large
/// ones while they are being written themselves. It is never needed: what it does not bring, for
/// whatever reason, the push brings, and says why it cannot. Where something went wrong nothing
/// more is tried. Thread-safe.
final class HeadStart implements LayerWatch, AutoCloseable {
  /// From how many bytes on a layer is sent while it is still being written.
  private static final long LARGE = 16 << 20;

  private static final Logger log = LoggerFactory.getLogger(HeadStart.class);

  private final List<Place> places;
  private final BlobReader blobs;
  private final VertexProgress progress;
  private final long large;
  private final List<IngestReader> followed = new CopyOnWriteArrayList<>();
  private final Set<Digest> brought = ConcurrentHashMap.newKeySet();
  private final TaskScope scope = TaskScope.open("head start");

  HeadStart(List<Place> places, BlobReader blobs, VertexProgress progress) {
    this(places, blobs, progress, LARGE);
  }

  HeadStart(List<Place> places, BlobReader blobs, VertexProgress progress, long large) {
    this.places = List.copyOf(places);
    this.blobs = blobs;
    this.progress = progress;
    this.large = large;
  }

  /// A repository.
  static final class Place {
    private final ImageReference name;
    private final Pusher pusher;
    private final CredentialSource credentials;
    private final AtomicBoolean lost = new AtomicBoolean();

    Place(ImageReference name, Pusher pusher, CredentialSource credentials) {
      this.name = name;
      this.pusher = pusher.once();
      this.credentials = credentials;
    }
  }

  @Override
  public void begun(Supplier<IngestReader> follow) {
    for (Place place : places) {
      IngestReader reader;
      try {
        reader = follow.get();
      } catch (BuildFailure failure) {
        log.debug("a layer is not followed: {}", failure.text());
        return;
      }
      followed.add(reader);
      fork(place, () -> bring(place, reader));
    }
  }

  @Override
  public void made(Descriptor blob, Optional<LayerOrigin> origin) {
    if (blob.isNonDistributable()
        || blobs.find(blob.digest()).isEmpty()
        || isFollowed(blob.digest())
        || !brought.add(blob.digest())) {
      return;
    }
    for (Place place : places) {
      Optional<ImageReference> from =
          origin.flatMap(where -> ImagePush.repositoryOf(where, place.name.host()));
      fork(place, () -> bring(place, blob, from));
    }
  }

  private boolean isFollowed(Digest blob) {
    return followed.stream()
        .anyMatch(reader -> reader.committed().map(BlobInfo::digest).equals(Optional.of(blob)));
  }

  private void fork(Place place, Runnable work) {
    scope.forkAction(
        () -> {
          try {
            if (!place.lost.get()) {
              work.run();
            }
          } catch (Cancelled ended) {
            // The export is over.
          } catch (BuildFailure failure) {
            place.lost.set(true);
            log.debug("no more head start at {}: {}", place.name, failure.text());
          }
        });
  }

  private void bring(Place place, IngestReader reader) {
    try (reader) {
      if (reader.awaitBytes(large) && !place.lost.get() && stream(place, reader)) {
        return;
      }
      Optional<BlobInfo> blob = reader.awaitEnd();
      if (blob.isPresent() && !place.lost.get()) {
        Descriptor layer =
            new Descriptor(MediaType.OCI_LAYER, blob.get().digest(), blob.get().bytes());
        bring(place, layer, Optional.empty());
      }
    }
  }

  private void bring(Place place, Descriptor blob, Optional<ImageReference> from) {
    try (SentItem item = new SentItem(progress, blob.digest(), blob.bytes())) {
      place.pusher.blob(
          place.name, blob, from, place.credentials, new Pusher.Content(blobs, item::sent));
    }
  }

  private boolean stream(Place place, IngestReader reader) {
    try (StreamedItem item = new StreamedItem(progress, reader)) {
      Optional<Outcome> outcome =
          place.pusher.stream(place.name, reader, place.credentials, item::sent);
      if (outcome.equals(Optional.of(Outcome.SENT))) {
        item.sentAll();
      }
      return outcome.isPresent();
    }
  }

  /// Waits for what is under way: what is nearly there need not be sent again.
  void join() {
    scope.join();
  }

  /// Ends what is under way.
  @Override
  public void close() {
    scope.close();
    followed.forEach(IngestReader::close);
  }
}
