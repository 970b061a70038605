package dev.slipway.frontend.gateway;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import dev.slipway.api.gateway.AttestationChain;
import dev.slipway.api.gateway.Blob;
import dev.slipway.api.gateway.ChecksumRequest;
import dev.slipway.api.gateway.ChecksumResponse;
import dev.slipway.api.gateway.ResolveSourceGitResponse;
import dev.slipway.api.gateway.ResolveSourceHTTPResponse;
import dev.slipway.api.gateway.ResolveSourceImageResponse;
import dev.slipway.api.gateway.ResolveSourceMetaRequest;
import dev.slipway.api.gateway.ResolveSourceMetaResponse;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.frontend.FrontendBridge.ImageQuery;
import dev.slipway.frontend.ResolvedSource;
import dev.slipway.frontend.SourceQuery;
import dev.slipway.frontend.SourceQuery.Attestations;
import dev.slipway.frontend.SourceQuery.ChecksumAlgorithm;
import dev.slipway.frontend.SourceQuery.ChecksumQuery;
import dev.slipway.frontend.SourceQuery.GitObjects;
import dev.slipway.llb.LlbDecoder;
import dev.slipway.llb.LlbEncoder;
import dev.slipway.llb.SourceOp;
import dev.slipway.llb.SourcePolicyDecoder;
import dev.slipway.oci.Descriptor;
import dev.slipway.oci.Digest;
import dev.slipway.oci.Platform;
import java.time.Instant;
import java.util.Optional;

/// Questions about sources and their answers, opened and sealed. Pure.
final class SourceMessages {
  private static final int MAX_SUFFIX = 4 * 1024;

  private SourceMessages() {}

  /// @throws InvalidRequest no source is named, or a kind of checksum is unknown
  static SourceOp source(ResolveSourceMetaRequest request) {
    if (!request.hasSource()) {
      throw new InvalidRequest("source is required");
    }
    return LlbDecoder.source(request.getSource());
  }

  static SourceQuery query(ResolveSourceMetaRequest request) {
    ImageQuery image =
        new ImageQuery(
            request.hasPlatform() ? LlbDecoder.platform(request.getPlatform()) : Platform.local(),
            request.getLogName(),
            request.getResolveMode(),
            Optional.empty(),
            request.getImage().getNoConfig());
    return new SourceQuery(
        image,
        new Attestations(
            request.getImage().getAttestationChain(),
            request.getImage().getResolveAttestationsList()),
        request.getGit().getReturnObject() ? GitObjects.WANTED : GitObjects.LEFT_OUT,
        request.getHTTP().hasChecksumRequest()
            ? Optional.of(checksum(request.getHTTP().getChecksumRequest()))
            : Optional.empty(),
        SourcePolicyDecoder.decode(request.getSourcePoliciesList()));
  }

  private static ChecksumQuery checksum(ChecksumRequest request) {
    if (request.getSuffix().size() > MAX_SUFFIX) {
      throw new InvalidRequest("http checksum request suffix exceeds max size " + MAX_SUFFIX);
    }
    ChecksumAlgorithm algorithm =
        switch (request.getAlgo()) {
          case CHECKSUM_ALGO_SHA256 -> ChecksumAlgorithm.SHA256;
          case CHECKSUM_ALGO_SHA384 -> ChecksumAlgorithm.SHA384;
          case CHECKSUM_ALGO_SHA512 -> ChecksumAlgorithm.SHA512;
          case UNRECOGNIZED ->
              throw new InvalidRequest("unsupported checksum algorithm " + request.getAlgoValue());
        };
    return new ChecksumQuery(algorithm, request.getSuffix().toByteArray());
  }

  static ResolveSourceMetaResponse encode(ResolvedSource resolved) {
    ResolveSourceMetaResponse.Builder response =
        ResolveSourceMetaResponse.newBuilder().setSource(LlbEncoder.source(resolved.source()));
    resolved
        .image()
        .ifPresent(
            image -> {
              ResolveSourceImageResponse.Builder answer =
                  response
                      .getImageBuilder()
                      .setDigest(image.digest().toString())
                      .setConfig(ByteString.copyFrom(image.config()));
              resolved
                  .attestations()
                  .map(SourceMessages::encode)
                  .ifPresent(answer::setAttestationChain);
            });
    resolved.git().map(SourceMessages::encode).ifPresent(response::setGit);
    resolved.http().map(SourceMessages::encode).ifPresent(response::setHTTP);
    return response.build();
  }

  private static AttestationChain encode(ResolvedSource.AttestationChain chain) {
    AttestationChain.Builder message =
        AttestationChain.newBuilder()
            .setRoot(chain.root().toString())
            .setImageManifest(text(chain.imageManifest()))
            .setAttestationManifest(text(chain.attestationManifest()))
            .addAllSignatureManifests(
                chain.signatureManifests().stream().map(Digest::toString).toList());
    chain.blobs().forEach((digest, blob) -> message.putBlobs(digest.toString(), encode(blob)));
    return message.build();
  }

  private static String text(Optional<Digest> digest) {
    return digest.map(Digest::toString).orElse("");
  }

  private static Blob encode(ResolvedSource.Blob blob) {
    Descriptor descriptor = blob.descriptor();
    return Blob.newBuilder()
        .setDescriptor(
            dev.slipway.api.gateway.Descriptor.newBuilder()
                .setMediaType(descriptor.mediaType().value())
                .setDigest(descriptor.digest().toString())
                .setSize(descriptor.bytes())
                .putAllAnnotations(descriptor.annotations()))
        .setData(ByteString.copyFrom(blob.data()))
        .build();
  }

  private static ResolveSourceGitResponse encode(ResolvedSource.Git git) {
    return ResolveSourceGitResponse.newBuilder()
        .setRef(git.ref())
        .setChecksum(git.checksum())
        .setCommitChecksum(git.commitChecksum().orElse(""))
        .setCommitObject(bytes(git.commitObject()))
        .setTagObject(bytes(git.tagObject()))
        .build();
  }

  private static ByteString bytes(Optional<byte[]> bytes) {
    return bytes.map(ByteString::copyFrom).orElse(ByteString.EMPTY);
  }

  private static ResolveSourceHTTPResponse encode(ResolvedSource.Http http) {
    ResolveSourceHTTPResponse.Builder response =
        ResolveSourceHTTPResponse.newBuilder()
            .setChecksum(http.checksum().toString())
            .setFilename(http.filename());
    http.lastModified().map(SourceMessages::timestamp).ifPresent(response::setLastModified);
    http.asked()
        .ifPresent(
            asked ->
                response.setChecksumResponse(
                    ChecksumResponse.newBuilder()
                        .setDigest(asked.digest())
                        .setSuffix(ByteString.copyFrom(asked.suffix()))));
    return response.build();
  }

  private static Timestamp timestamp(Instant time) {
    return Timestamp.newBuilder()
        .setSeconds(time.getEpochSecond())
        .setNanos(time.getNano())
        .build();
  }
}
