package dev.slipway.source.ocilayout;

import dev.slipway.content.BlobInfo;
import dev.slipway.content.BlobReader;
import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.CorruptData;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.failure.NotFound;
import dev.slipway.failure.Unavailable;
import dev.slipway.image.Documents;
import dev.slipway.image.ImageOrigin;
import dev.slipway.oci.Descriptor;
import dev.slipway.oci.Digest;
import dev.slipway.oci.MediaType;
import dev.slipway.oci.json.OciJson;
import dev.slipway.ref.LayerOrigin;
import dev.slipway.session.Session;
import dev.slipway.session.SessionGroup;
import dev.slipway.session.Sessions;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.security.MessageDigest;
import java.util.Map;
import java.util.function.Function;

/// An image in a client's OCI layout.
///
/// @param session id of the client; empty text: any of the group that can answer
record LayoutOrigin(Access access, String session, String store, Digest digest)
    implements ImageOrigin {
  static final String KIND = "oci-layout";

  /// What reaches the clients.
  ///
  /// @param prefix the kind in the client's names of stores: `oci:`
  record Access(Sessions sessions, ClientLayouts layouts, SessionGroup group, String prefix) {
    Access(Sessions sessions, ClientLayouts layouts, SessionGroup group) {
      this(sessions, layouts, group, "oci:");
    }

    <T> T with(String session, String store, Function<BlobReader, T> question) {
      Function<Session, T> asked = each -> question.apply(layouts.open(each, prefix + store));
      return session.isEmpty() ? group.any(asked) : asked.apply(sessions.require(session));
    }
  }

  @Override
  public Descriptor resolve() {
    return access.with(session, store, this::resolveIn);
  }

  @Override
  public byte[] fetch(Descriptor descriptor) {
    return access.with(session, store, blobs -> read(blobs, descriptor));
  }

  @Override
  public Map<String, String> labels() {
    return Map.of();
  }

  @Override
  public LayerOrigin layers() {
    return new LayerOrigin(KIND, session + "/" + store);
  }

  private Descriptor resolveIn(BlobReader blobs) {
    BlobInfo info;
    try {
      info =
          blobs.find(digest).orElseThrow(() -> new NotFound("content " + digest + ": not found"));
    } catch (BuildFailure failure) {
      throw failure.in("unable to get info about digest");
    }
    Descriptor untyped = new Descriptor(new MediaType(""), digest, info.bytes());
    return OciJson.mediaTypeOf(read(blobs, untyped))
        .map(untyped::withMediaType)
        .orElseThrow(
            () ->
                new InvalidRequest(
                    "reference " + digest + " contains neither an index nor a manifest"));
  }

  private static byte[] read(BlobReader blobs, Descriptor descriptor) {
    try (InputStream in = Channels.newInputStream(blobs.open(descriptor.digest()))) {
      byte[] bytes = in.readNBytes(Documents.MAX_BYTES + 1);
      if (bytes.length > Documents.MAX_BYTES) {
        throw new InvalidRequest(
            "document "
                + descriptor.digest()
                + " is larger than "
                + Documents.MAX_BYTES
                + " bytes");
      }
      MessageDigest hash = descriptor.digest().newVerifier();
      hash.update(bytes);
      if (!descriptor.digest().matches(hash)) {
        throw new CorruptData("client sent other bytes than " + descriptor.digest());
      }
      return bytes;
    } catch (IOException failed) {
      throw new Unavailable(
          "reading " + descriptor.digest() + " from the client: " + failed.getMessage(), failed);
    }
  }
}
