package dev.slipway.frontend.dockerfile;

import dev.slipway.frontend.dockerfile.convert.BuildConfig;
import dev.slipway.frontend.dockerfile.lint.LintOptions;
import dev.slipway.frontend.sbom.SbomRequest;
import dev.slipway.oci.Platform;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A client's options, checked.
///
/// @param targets platforms to build for, in order; empty when the client left it open
/// @param filename path of the Dockerfile in its directory
/// @param contextName the client's name of the main context's directory
/// @param dockerfileName the client's name of the Dockerfile's directory
/// @param ownDockerfileDirectory whether the client insists on that directory even for a remote
///   context
/// @param context address of a remote context, empty for the client's directory
/// @param contextDirectory directory of a remote context that counts
/// @param keepGitDir whether `.git` of a remote context stays, if said
/// @param lint what the client says about rules, which then counts instead of the file's own
///   directive
/// @param request subrequest that is asked instead of a build
/// @param sbom bills of materials, if wanted
/// @param given all options, for those that are named after something
record FrontendOptions(
    BuildConfig config,
    List<Platform> targets,
    String filename,
    String contextName,
    String dockerfileName,
    boolean ownDockerfileDirectory,
    String context,
    Optional<String> contextDirectory,
    boolean keepGitDir,
    Optional<LintOptions> lint,
    Optional<String> request,
    Optional<SbomRequest> sbom,
    Map<String, String> given) {

  FrontendOptions {
    targets = List.copyOf(targets);
    given = Map.copyOf(given);
  }

  Optional<String> find(String key) {
    return Optional.ofNullable(given.get(key));
  }
}
