package dev.slipway.frontend;

import dev.slipway.frontend.FrontendBridge.ImageQuery;
import dev.slipway.llb.SourcePolicy;
import java.util.List;
import java.util.Optional;

/// What to find out about a source before it is part of a build.
///
/// @param image what images are asked; its log name counts for all kinds
/// @param attestations which of an image's attestations to bring along
/// @param gitObjects the git objects themselves, beside their names
/// @param checksum of an http source's content, by another algorithm or with more bytes
/// @param policies that hold for this question, in addition to the build's
public record SourceQuery(
    ImageQuery image,
    Attestations attestations,
    GitObjects gitObjects,
    Optional<ChecksumQuery> checksum,
    List<SourcePolicy> policies) {
  public SourceQuery {
    policies = List.copyOf(policies);
  }

  /// Nothing beside the image's digest and config.
  public static SourceQuery of(ImageQuery image) {
    return new SourceQuery(
        image, Attestations.NONE, GitObjects.LEFT_OUT, Optional.empty(), List.of());
  }

  public SourceQuery with(GitObjects objects) {
    return new SourceQuery(image, attestations, objects, checksum, policies);
  }

  public SourceQuery withPolicies(List<SourcePolicy> added) {
    return new SourceQuery(image, attestations, gitObjects, checksum, added);
  }

  /// @param chain the documents that say who vouches for the image
  /// @param predicateTypes attestations wanted in full; any of them implies the chain
  public record Attestations(boolean chain, List<String> predicateTypes) {
    public static final Attestations NONE = new Attestations(false, List.of());

    public Attestations {
      predicateTypes = predicateTypes.stream().filter(type -> !type.isEmpty()).toList();
      chain = chain || !predicateTypes.isEmpty();
    }
  }

  public enum GitObjects {
    WANTED,
    LEFT_OUT
  }

  /// @param suffix hashed after the content
  public record ChecksumQuery(ChecksumAlgorithm algorithm, byte[] suffix) {
    public ChecksumQuery {
      suffix = suffix.clone();
    }
  }

  public enum ChecksumAlgorithm {
    SHA256,
    SHA384,
    SHA512
  }
}
