package dev.slipway.exporter;

import dev.slipway.attestation.Attestation;
import dev.slipway.oci.Descriptor;
import dev.slipway.ref.FetchContext;
import dev.slipway.ref.ImmutableRef;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/// Sends results somewhere.
public interface Exporter {
  /// BuildKit's type names it answers to: `image`, `oci`, `docker`, `local`, `tar`.
  List<String> types();

  /// Takes up one export of a build; checks attributes, contacts nobody.
  ///
  /// @param index position among the build's exporters; tells the client which sink is meant
  /// @throws dev.slipway.failure.InvalidRequest an attribute's value is wrong
  Export prepare(String type, int index, Map<String, String> attributes);

  /// One export.
  interface Export {
    /// Shown as the vertex's name: `exporting to image`.
    String name();

    /// Does it, reporting on the context's vertex.
    ///
    /// @return response metadata (`containerimage.digest`, …), and work left for after every
    ///   exporter has succeeded (a push)
    Exported export(Input input, FetchContext context, ExportSession session);
  }

  /// @param image root of what was made, when that is an image in the content store
  /// @param afterwards run later, under the same vertex; empty when nothing is left
  record Exported(
      Map<String, String> response, Optional<Descriptor> image, Optional<Finish> afterwards) {
    /// Files: no image was made, and nothing is left to do.
    public static Exported files() {
      return new Exported(Map.of(), Optional.empty(), Optional.empty());
    }
  }

  @FunctionalInterface
  interface Finish {
    void run(FetchContext context);
  }

  /// What is exported.
  ///
  /// @param single result without platform; empty with empty `refs` means scratch
  /// @param refs results by platform id, in order; empty when `single` is meant
  /// @param metadata of the frontend's result: `containerimage.config`, `refs.platforms`, …
  /// @param attestations by platform id; a single result is known by the platform that it is for
  record Input(
      Optional<ImmutableRef> single,
      SequencedMap<String, Optional<ImmutableRef>> refs,
      Map<String, byte[]> metadata,
      Map<String, List<Attestation>> attestations) {
    public Input(
        Optional<ImmutableRef> single,
        SequencedMap<String, Optional<ImmutableRef>> refs,
        Map<String, byte[]> metadata) {
      this(single, refs, metadata, Map.of());
    }

    public Input with(Map<String, List<Attestation>> stated) {
      return new Input(single, refs, metadata, stated);
    }
  }

  /// Who asked.
  ///
  /// @param sessionId the client to send files to
  /// @param buildRef the build's id
  /// @param inlineCache makes the inline cache record of a platform's result when asked for
  /// @param compatibility whose defaults count
  record ExportSession(
      String sessionId,
      String buildRef,
      Optional<InlineCache> inlineCache,
      CompatibilityVersion compatibility) {
    /// With the current defaults.
    public ExportSession(String sessionId, String buildRef, Optional<InlineCache> inlineCache) {
      this(sessionId, buildRef, inlineCache, CompatibilityVersion.CURRENT);
    }
  }

  @FunctionalInterface
  interface InlineCache {
    /// @param platformId key in [Input#refs], or empty text for the single result
    /// @return JSON to embed under `moby.buildkit.cache.v0`, empty when there is nothing to say
    Optional<byte[]> recordsOf(String platformId, List<Descriptor> layers);
  }
}
