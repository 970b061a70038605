package dev.slipway.source.local;

import dev.slipway.failure.Exhausted;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.failure.NotFound;
import dev.slipway.fsutil.ReceiveTarget;
import dev.slipway.kernel.Kernel;
import dev.slipway.llb.SourceOp;
import dev.slipway.oci.Digest;
import dev.slipway.oci.Platform;
import dev.slipway.progress.VertexProgress;
import dev.slipway.ref.FetchContext;
import dev.slipway.ref.ImmutableRef;
import dev.slipway.ref.MutableRef;
import dev.slipway.ref.RefDescription;
import dev.slipway.ref.RefStore;
import dev.slipway.session.FileSyncClient;
import dev.slipway.session.Session;
import dev.slipway.session.Sessions;
import dev.slipway.snapshot.Mounter.MountedTree;
import dev.slipway.source.Source;
import dev.slipway.source.local.LocalIdentifier.Content;
import dev.slipway.task.Clock;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// `local://`: a directory of the client, such as the build context. The tree is kept by the
/// session's shared key, and the next build with that key transfers only what differs. Thread-safe.
public final class LocalSource implements Source {
  private static final long MAX_REMEMBERED_ENTRIES = 1_000_000;

  private final RefStore refs;
  private final Sessions sessions;
  private final EntryAttributes attributes;
  private final ReceivedDigests digests;
  private final Clock clock;
  private final SyncedTrees remembered = new SyncedTrees(MAX_REMEMBERED_ENTRIES);

  private LocalSource(
      RefStore refs,
      Sessions sessions,
      EntryAttributes attributes,
      ReceivedDigests digests,
      Clock clock) {
    this.refs = refs;
    this.sessions = sessions;
    this.attributes = attributes;
    this.digests = digests;
    this.clock = clock;
  }

  /// @param digests takes over what is hashed on the way
  public static LocalSource open(
      RefStore refs, Sessions sessions, Kernel kernel, ReceivedDigests digests, Clock clock) {
    return new LocalSource(refs, sessions, EntryAttributes.ofThisProcess(kernel), digests, clock);
  }

  @Override
  public Set<String> schemes() {
    return Set.of("local");
  }

  @Override
  public Resolution resolve(SourceOp op, Platform platform) {
    return new LocalResolution(LocalIdentifier.of(op));
  }

  private final class LocalResolution implements Resolution {
    private final LocalIdentifier identifier;

    LocalResolution(LocalIdentifier identifier) {
      this.identifier = identifier;
    }

    @Override
    public Key key(int number, FetchContext context) {
      String session = identifier.session().orElseGet(() -> anySession(context));
      Digest digest = Digest.ofText(identifier.keyJson(session));
      return new Key("session:" + identifier.name() + ":" + digest, Optional.empty(), true);
    }

    private String anySession(FetchContext context) {
      List<String> ids = context.sessions().ids();
      if (ids.isEmpty()) {
        throw new InvalidRequest("could not access local files without session");
      }
      return ids.getFirst();
    }

    @Override
    public Optional<ImmutableRef> open(FetchContext context) {
      Optional<Session> named = identifier.session().flatMap(this::connected);
      return Optional.of(
          named.isPresent()
              ? sync(identifier, named.get(), context)
              : context.sessions().any(session -> sync(identifier, session, context)));
    }

    /// The session the build names, unless it is gone while another of the same work may still be
    /// there.
    private Optional<Session> connected(String id) {
      try {
        return Optional.of(sessions.require(id));
      } catch (NotFound gone) {
        return Optional.empty();
      }
    }
  }

  /// Caller closes.
  private ImmutableRef sync(LocalIdentifier identifier, Session session, FetchContext context) {
    RefDescription description =
        new RefDescription(
            "local source for " + identifier.name(), RefDescription.RecordType.SOURCE_LOCAL);
    String tag = identifier.tag(session.sharedKey());
    try {
      return sync(identifier, session, tag, description, context);
    } catch (Exhausted full) {
      // Half a tree helps the next transfer, but not as much as the room it takes.
      refs.dropTagged(tag);
      throw full;
    }
  }

  private ImmutableRef sync(
      LocalIdentifier identifier,
      Session session,
      String tag,
      RefDescription description,
      FetchContext context) {
    try (MutableRef ref = refs.openTagged(tag, Optional.empty(), description, context)) {
      String key = ref.contentKey();
      SyncedTree tree;
      try (MountedTree mounted = ref.openTree()) {
        SyncedTree before =
            remembered
                .take(key)
                .orElseGet(() -> DiskTree.read(mounted.root(), attributes.kernel()));
        tree =
            transfer(
                new Transfer(identifier, session, mounted.root(), before),
                digests.begin(ref),
                context.progress());
      }
      ImmutableRef committed = ref.commit();
      remembered.put(key, tree);
      return committed;
    }
  }

  private record Transfer(
      LocalIdentifier identifier, Session session, Path root, SyncedTree before) {
    FileSyncClient.Request request() {
      return new FileSyncClient.Request(
          identifier.name(),
          identifier.include().orElse(List.of()),
          identifier.exclude().orElse(List.of()),
          identifier.follow().orElse(List.of()));
    }
  }

  /// @return what the tree holds now
  private SyncedTree transfer(
      Transfer transfer, ReceivedDigests.Receiving receiving, VertexProgress progress) {
    try (VertexProgress.Item item =
            progress.start("transferring " + transfer.identifier().name() + ":", "transferring");
        FileWriters writers = FileWriters.open(attributes, receiving)) {
      TransferProgress counted = new TransferProgress(item, clock);
      TreeReceiver.Tools tools = new TreeReceiver.Tools(attributes, writers, receiving);
      TreeReceiver receiver =
          new TreeReceiver(
              transfer.root(), transfer.before(), transfer.identifier().compare(), tools);
      ReceiveTarget target =
          switch (transfer.identifier().content()) {
            case Content.Whole() -> receiver;
            case Content.MetadataOnly(Optional<List<String>> exceptions) ->
                new MetadataReceiver(receiver, exceptions.orElse(List.of()), clock);
          };
      FileSyncClient.receive(transfer.session(), transfer.request(), target, counted::received);
      counted.finish();
      return receiver.tree();
    }
  }

  /// Shows the bytes that have come, ten times a second at most. Confined to the transfer's thread.
  private static final class TransferProgress {
    private static final Duration PAUSE = Duration.ofMillis(100);

    private final VertexProgress.Item item;
    private final Clock clock;
    private Instant shown = Instant.MIN;
    private long bytes;

    TransferProgress(VertexProgress.Item item, Clock clock) {
      this.item = item;
      this.clock = clock;
    }

    void received(long total) {
      bytes = total;
      Instant now = clock.now();
      if (shown.equals(Instant.MIN) || now.isAfter(shown.plus(PAUSE))) {
        shown = now;
        item.update(bytes, 0);
      }
    }

    void finish() {
      item.update(bytes, 0);
    }
  }
}
