package dev.slipway.frontend;

import dev.slipway.frontend.FrontendBridge.ResolvedImage;
import dev.slipway.llb.SourceOp;
import dev.slipway.oci.Descriptor;
import dev.slipway.oci.Digest;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What a source turned out to be. A local directory is only itself.
///
/// @param source may differ from the one asked for, after source policies
/// @param image present for images
/// @param attestations present for images when asked for and there
/// @param git present for git repositories
/// @param http present for downloads
public record ResolvedSource(
    SourceOp source,
    Optional<ResolvedImage> image,
    Optional<AttestationChain> attestations,
    Optional<Git> git,
    Optional<Http> http) {
  private static final Pattern COMMITTED =
      Pattern.compile("^committer .* (\\d{1,12}) [+-]\\d{4}$", Pattern.MULTILINE);

  public static ResolvedSource only(SourceOp source) {
    return new ResolvedSource(
        source, Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
  }

  public static ResolvedSource of(SourceOp source, ResolvedImage image) {
    return new ResolvedSource(
        source, Optional.of(image), Optional.empty(), Optional.empty(), Optional.empty());
  }

  public static ResolvedSource of(SourceOp source, Git git) {
    return new ResolvedSource(
        source, Optional.empty(), Optional.empty(), Optional.of(git), Optional.empty());
  }

  public static ResolvedSource of(SourceOp source, Http http) {
    return new ResolvedSource(
        source, Optional.empty(), Optional.empty(), Optional.empty(), Optional.of(http));
  }

  public ResolvedSource with(AttestationChain chain) {
    return new ResolvedSource(source, image, Optional.of(chain), git, http);
  }

  /// When the source was changed last, as far as it says so: a commit (whose object was asked for),
  /// a download.
  public Optional<Instant> modified() {
    return git.flatMap(Git::commitObject)
        .flatMap(ResolvedSource::committed)
        .or(() -> http.flatMap(Http::lastModified));
  }

  private static Optional<Instant> committed(byte[] commit) {
    String text = new String(commit, StandardCharsets.UTF_8);
    int end = text.indexOf("\n\n");
    Matcher matcher = COMMITTED.matcher(end < 0 ? text : text.substring(0, end));
    return matcher.find()
        ? Optional.of(Instant.ofEpochSecond(Long.parseLong(matcher.group(1))))
        : Optional.empty();
  }

  /// @param ref full name; the commit itself where the source names a commit
  /// @param checksum commit, or tag object of an annotated tag
  /// @param commitChecksum commit that an annotated tag points at
  /// @param commitObject the commit as git stores it
  /// @param tagObject the annotated tag as git stores it
  public record Git(
      String ref,
      String checksum,
      Optional<String> commitChecksum,
      Optional<byte[]> commitObject,
      Optional<byte[]> tagObject) {}

  /// @param checksum of the content
  /// @param asked the checksum that was asked for in particular
  public record Http(
      Digest checksum, String filename, Optional<Instant> lastModified, Optional<Checksum> asked) {}

  /// @param digest `algorithm:hex`
  /// @param suffix hashed after the content
  public record Checksum(String digest, byte[] suffix) {
    public Checksum {
      suffix = suffix.clone();
    }
  }

  /// Who vouches for an image, and the documents that show it.
  ///
  /// @param root index
  /// @param imageManifest for the platform asked for
  /// @param attestationManifest of that manifest
  /// @param signatureManifests of the attestation manifest
  /// @param blobs by digest, in the order they were found; the image's own manifest is not among
  ///   them
  public record AttestationChain(
      Digest root,
      Optional<Digest> imageManifest,
      Optional<Digest> attestationManifest,
      List<Digest> signatureManifests,
      SequencedMap<Digest, Blob> blobs) {
    public AttestationChain {
      signatureManifests = List.copyOf(signatureManifests);
      blobs = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(blobs));
    }

    /// The same with more blobs.
    public AttestationChain with(Map<Digest, Blob> more) {
      SequencedMap<Digest, Blob> all = new LinkedHashMap<>(blobs);
      more.forEach(all::putIfAbsent);
      return new AttestationChain(
          root, imageManifest, attestationManifest, signatureManifests, all);
    }
  }

  public record Blob(Descriptor descriptor, byte[] data) {}
}
