package dev.slipway.exporter.image;

import dev.slipway.content.BlobReader;
import dev.slipway.content.ContentStore;
import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.failure.NotFound;
import dev.slipway.image.CommittedImage;
import dev.slipway.image.Documents;
import dev.slipway.oci.Descriptor;
import dev.slipway.oci.Digest;
import dev.slipway.oci.ImageReference;
import dev.slipway.progress.VertexProgress;
import dev.slipway.ref.FetchContext;
import dev.slipway.ref.ImmutableRef;
import dev.slipway.ref.LayerOrigin;
import dev.slipway.ref.RefLayer;
import dev.slipway.ref.RefStore;
import dev.slipway.registry.CredentialSource;
import dev.slipway.registry.Pusher;
import dev.slipway.registry.RegistryClient;
import dev.slipway.session.SessionGroup;
import dev.slipway.task.TaskScope;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/// Pushes images that lie in the content store: blobs side by side, then manifests, the root last,
/// so that a name never points at something incomplete. Thread-safe.
final class ImagePush {
  private final RegistryClient client;
  private final RefStore refs;
  private final BlobReader blobs;
  private final Documents documents;
  private final Function<SessionGroup, CredentialSource> credentials;

  ImagePush(
      RegistryClient client,
      RefStore refs,
      ContentStore content,
      Function<SessionGroup, CredentialSource> credentials) {
    this.client = client;
    this.refs = refs;
    this.blobs = content;
    this.documents = new Documents(content);
    this.credentials = credentials;
  }

  /// @param name with its tag; without any when pushed by digest
  record Target(ImageReference name, String given, boolean insecure) {
    static Target of(String given, boolean byDigest, boolean insecure) {
      ImageReference name = ImageReference.parse(given);
      if (byDigest && (name.tag().isPresent() || name.digest().isPresent())) {
        throw new InvalidRequest("can't push tagged ref " + name + " by digest");
      }
      return new Target(byDigest ? name : name.withDefaultTag(), given, insecure);
    }

    String shown(Digest root) {
      return name.tag().isEmpty() ? name.name() : name.name() + ":" + name.tag().get() + "@" + root;
    }
  }

  /// Begins to bring layers there that are yet to be made: those that it is given to watch. Caller
  /// closes.
  HeadStart headStart(List<Target> targets, FetchContext context) {
    CredentialSource source = credentials.apply(context.sessions());
    Map<ImageReference, HeadStart.Place> places = new LinkedHashMap<>();
    for (Target target : targets) {
      places.computeIfAbsent(
          target.name.withoutTag(), name -> new HeadStart.Place(name, pusher(target), source));
    }
    return new HeadStart(List.copyOf(places.values()), blobs, context.progress());
  }

  void run(CommittedImage image, List<Target> targets, FetchContext context) {
    for (Target target : targets) {
      try {
        push(image, target, context);
      } catch (BuildFailure failure) {
        throw failure.in("failed to push " + target.given);
      }
    }
  }

  private void push(CommittedImage image, Target target, FetchContext context) {
    Pusher pusher = pusher(target);
    pusher.push(
        target.name,
        () -> {
          push(image, target, pusher, context);
          return target;
        });
  }

  private Pusher pusher(Target target) {
    return target.insecure ? client.insecurePusher() : client.pusher();
  }

  private void push(CommittedImage image, Target target, Pusher pusher, FetchContext context) {
    CredentialSource source = credentials.apply(context.sessions());
    try (VertexProgress.Item _ = context.progress().start("pushing layers");
        TaskScope scope = TaskScope.open("push blobs")) {
      Map<Digest, Optional<ImageReference>> origins = origins(image, target.name.host());
      for (Part part : partsOf(image)) {
        Optional<ImageReference> from = origins.getOrDefault(part.blob.digest(), Optional.empty());
        scope.forkAction(() -> pushBlob(pusher, target, part, from, source, context));
      }
      scope.join();
    }
    try (VertexProgress.Item _ =
        context.progress().start("pushing manifest for " + target.shown(image.root().digest()))) {
      for (CommittedImage.One one : image.images()) {
        if (!one.manifest().digest().equals(image.root().digest())) {
          pusher.manifest(
              target.name.withoutTag(), one.manifest(), document(one.manifest()), source);
        }
      }
      pusher.manifest(target.name, image.root(), document(image.root()), source);
    }
  }

  private void pushBlob(
      Pusher pusher,
      Target target,
      Part part,
      Optional<ImageReference> from,
      CredentialSource source,
      FetchContext context) {
    try (SentItem item = new SentItem(context.progress(), part.blob.digest(), part.blob.bytes())) {
      Pusher.Content content = new Pusher.Content(blobs, () -> bring(part, context), item::sent);
      pusher.blob(target.name, part.blob, from, source, content);
    }
  }

  /// Only what the registry has nowhere is fetched in order to be sent.
  private void bring(Part part, FetchContext context) {
    if (blobs.find(part.blob.digest()).isPresent()) {
      return;
    }
    ImmutableRef ref =
        part.ref.orElseThrow(
            () -> new NotFound("blob " + part.blob.digest() + " to push is not here"));
    refs.bringBlob(ref, part.blob, context);
  }

  private byte[] document(Descriptor descriptor) {
    return documents
        .find(descriptor.digest())
        .orElseThrow(
            () ->
                new NotFound(
                    "manifest " + descriptor.digest() + " to push is gone from the content store"));
  }

  /// A blob of an image.
  ///
  /// @param ref whose layer it is; empty when it is none
  private record Part(Descriptor blob, Optional<ImmutableRef> ref) {}

  /// Each blob once; those that may not be distributed are left out.
  private static Collection<Part> partsOf(CommittedImage image) {
    Map<Digest, Part> all = new LinkedHashMap<>();
    for (CommittedImage.One one : image.images()) {
      for (Descriptor layer : one.layers()) {
        if (!layer.isNonDistributable()) {
          all.put(layer.digest(), new Part(layer, one.image().ref()));
        }
      }
      all.put(one.config().digest(), new Part(one.config(), Optional.empty()));
    }
    return all.values();
  }

  /// Repositories of the same registry that layers came from.
  private static Map<Digest, Optional<ImageReference>> origins(CommittedImage image, String host) {
    Map<Digest, Optional<ImageReference>> all = new LinkedHashMap<>();
    for (CommittedImage.One one : image.images()) {
      List<RefLayer> layers = one.image().ref().map(ImmutableRef::layers).orElse(List.of());
      for (RefLayer layer : layers) {
        layer
            .blob()
            .ifPresent(
                blob ->
                    all.put(
                        blob.digest(),
                        layer.origin().flatMap(origin -> repositoryOf(origin, host))));
      }
    }
    return all;
  }

  /// The repository that something came from, if it is of that registry.
  static Optional<ImageReference> repositoryOf(LayerOrigin origin, String host) {
    return Optional.of(origin)
        .filter(from -> from.kind().equals("registry"))
        .map(from -> ImageReference.parse(from.reference()))
        .filter(name -> name.host().equals(host));
  }
}
