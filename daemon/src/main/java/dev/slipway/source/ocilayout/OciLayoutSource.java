package dev.slipway.source.ocilayout;

import dev.slipway.content.ContentStore;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.image.ImageAttributes;
import dev.slipway.image.ImageReader;
import dev.slipway.image.ResolvedImage;
import dev.slipway.llb.SourceOp;
import dev.slipway.oci.Digest;
import dev.slipway.oci.Platform;
import dev.slipway.ref.FetchContext;
import dev.slipway.ref.RefDescription.RecordType;
import dev.slipway.ref.RefStore;
import dev.slipway.session.Sessions;
import dev.slipway.source.ImageResolution;
import dev.slipway.source.Source;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Images from a client's OCI layout, named by digest. Thread-safe.
public final class OciLayoutSource implements Source {
  private final ContentStore store;
  private final RefStore refs;
  private final Sessions sessions;
  private final ClientLayouts layouts;

  public OciLayoutSource(
      ContentStore store, RefStore refs, Sessions sessions, ClientLayouts layouts) {
    this.store = store;
    this.refs = refs;
    this.sessions = sessions;
    this.layouts = layouts;
  }

  @Override
  public Set<String> schemes() {
    return Set.of("oci-layout");
  }

  @Override
  public Resolution resolve(SourceOp op, Platform platform) {
    Map<String, String> attributes = op.attributes();
    Digest digest = digestOf(op.rest());
    ImageResolution.Wanted wanted =
        new ImageResolution.Wanted(
            op.rest(),
            platform,
            ImageAttributes.layerLimit(Optional.ofNullable(attributes.get("oci.layerlimit"))),
            Optional.empty(),
            RecordType.REGULAR);
    String session = attributes.getOrDefault("oci.session", "");
    String name = attributes.getOrDefault("oci.store", "");
    return new ImageResolution(
        new ImageReader(store), refs, wanted, context -> origin(context, session, name, digest));
  }

  /// Tells frontends what an image in a client's layout is.
  ///
  /// @param session id of the client; empty text: any of the group
  /// @param name name of the store at the client
  /// @return root digest and the config's exact bytes
  public ResolvedImage metadata(
      String reference, String session, String name, Platform platform, FetchContext context) {
    LayoutOrigin origin = origin(context, session, name, digestOf(reference));
    return new ImageReader(store).read(origin, origin.resolve(), platform);
  }

  private LayoutOrigin origin(FetchContext context, String session, String name, Digest digest) {
    return new LayoutOrigin(
        new LayoutOrigin.Access(sessions, layouts, context.sessions()), session, name, digest);
  }

  private static Digest digestOf(String reference) {
    int at = reference.lastIndexOf('@');
    if (at < 0) {
      throw new InvalidRequest("reference \"" + reference + "\" must have digest");
    }
    return Digest.parse(reference.substring(at + 1));
  }
}
