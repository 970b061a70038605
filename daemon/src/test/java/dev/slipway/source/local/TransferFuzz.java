package dev.slipway.source.local;

import dev.slipway.api.fsutil.Packet;
import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.Unavailable;
import dev.slipway.fsutil.FsReceiver;
import dev.slipway.fsutil.PacketTransport;
import dev.slipway.fsutil.ReceiveLimits;
import dev.slipway.fsutil.Stat;
import dev.slipway.hostile.Fence;
import dev.slipway.layer.testing.UnprivilegedKernel;
import dev.slipway.oci.Digest;
import dev.slipway.source.local.LocalIdentifier.Compare;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.Optional;

/// Packets as a client may send them, each with its length before it: one transfer, and a second
/// one onto what the first left.
public final class TransferFuzz {
  private static final Fence FENCE = Fence.put("transfer");

  private TransferFuzz() {}

  public static void fuzzerTestOneInput(byte[] input) {
    Packets packets = new Packets(new ByteArrayInputStream(input));
    EntryAttributes attributes = EntryAttributes.ofThisProcess(new UnprivilegedKernel());
    try {
      SyncedTree first =
          receive(packets, SyncedTree.empty(SyncedTree.Origin.SYNCHRONISED), attributes);
      packets.beginAgain();
      receive(packets, first, attributes);
      packets.beginAgain();
      receive(packets, DiskTree.read(FENCE.inside(), attributes.kernel()), attributes);
    } catch (BuildFailure refused) {
      // The answer to most of them.
    } finally {
      FENCE.check();
    }
  }

  private static SyncedTree receive(
      Packets packets, SyncedTree before, EntryAttributes attributes) {
    ReceivedDigests.Receiving digests = new ForgottenDigests();
    try (FileWriters writers = FileWriters.open(attributes, digests)) {
      TreeReceiver receiver =
          new TreeReceiver(
              FENCE.inside(),
              before,
              Compare.METADATA,
              new TreeReceiver.Tools(attributes, writers, digests));
      new FsReceiver(packets, receiver, new ReceiveLimits(1000, 4096, 4096, 1 << 22, 16)).receive();
      return receiver.tree();
    }
  }

  /// Confined to the receiving thread, but for what is sent, which nobody reads.
  private static final class Packets implements PacketTransport {
    private final InputStream bytes;
    private boolean ended;

    Packets(InputStream bytes) {
      this.bytes = bytes;
    }

    void beginAgain() {
      ended = false;
    }

    @Override
    public void send(Packet packet) {
      // A peer that does what it likes has no use for what it is asked.
    }

    /// A transfer ends after its FIN.
    @Override
    public Optional<Packet> receive() {
      if (ended) {
        return Optional.empty();
      }
      try {
        Packet packet = Packet.parseDelimitedFrom(bytes);
        ended = packet == null || packet.getType() == Packet.PacketType.PACKET_FIN;
        return Optional.ofNullable(packet);
      } catch (IOException malformed) {
        throw new Unavailable("malformed packet", malformed);
      }
    }
  }

  /// Hashes, and remembers nothing.
  private static final class ForgottenDigests implements ReceivedDigests.Receiving {
    @Override
    public MessageDigest start(Stat entry) {
      return Digest.newSha256();
    }

    @Override
    public Optional<Digest> known(String path) {
      return Optional.empty();
    }

    @Override
    public void changing(String path) {
      // Nothing was remembered.
    }

    @Override
    public void entry(Stat entry, Digest digest) {
      // Nothing is remembered.
    }

    @Override
    public void finish() {
      // Nothing is remembered.
    }
  }
}
