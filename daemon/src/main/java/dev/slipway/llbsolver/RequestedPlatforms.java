package dev.slipway.llbsolver;

import dev.slipway.failure.InvalidRequest;
import dev.slipway.frontend.FrontendResult;
import dev.slipway.image.ResultPlatform;
import dev.slipway.oci.Platform;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// Compares the platforms that a request names with those that its result is for. A frontend is
/// free to make something else; whoever asked is told. The words are BuildKit's (v0.32.2,
/// `exporter/verifier`).
final class RequestedPlatforms {
  private static final String PLATFORMS = "refs.platforms";

  private RequestedPlatforms() {}

  /// @param options of the frontend, `platform` among them
  /// @return what to warn of; nothing when the result is as asked for
  /// @throws InvalidRequest the result's metadata make no sense
  static List<String> warnings(Map<String, String> options, FrontendResult result) {
    boolean several = !result.refs().isEmpty();
    if (!result.metadata().containsKey(PLATFORMS)) {
      if (several) {
        throw new InvalidRequest("build result contains multiple refs without platforms mapping");
      }
      if (result.single().isEmpty()) {
        return List.of();
      }
    }
    List<String> texts =
        options.containsKey("platform")
            ? List.of(options.get("platform").split(",", -1))
            : List.of(Platform.local().format());
    Set<Platform> requested = new LinkedHashSet<>();
    for (String text : texts) {
      try {
        if (!requested.add(Platform.parse(text))) {
          return List.of("Duplicate platform result requested \"" + text + "\"");
        }
      } catch (InvalidRequest bad) {
        return List.of("Invalid platform result requested \"" + text + "\": " + bad.text());
      }
    }
    List<Platform> made =
        ResultPlatform.of(result.metadata()).stream().map(ResultPlatform::platform).toList();
    return difference(texts, requested, made, several).stream().toList();
  }

  private static Optional<String> difference(
      List<String> texts, Set<Platform> requested, List<Platform> made, boolean several) {
    if (requested.size() == 1 && made.size() == 1) {
      Platform asked = requested.iterator().next();
      return fits(asked, made.getFirst())
          ? Optional.empty()
          : Optional.of(
              "Requested platform \""
                  + texts.getFirst()
                  + "\" does not match result platform \""
                  + made.getFirst().formatAll()
                  + "\"");
    }
    if (!several && requested.size() > 1) {
      return Optional.of("Multiple platforms requested but result is not multi-platform");
    }
    if (names(requested).equals(names(Set.copyOf(made))) && requested.size() == made.size()) {
      return Optional.empty();
    }
    return Optional.of(
        "Requested platforms "
            + String.join(",", names(requested))
            + " do not match result platforms "
            + String.join(",", names(Set.copyOf(made))));
  }

  /// A request seldom says which version of the operating system.
  private static boolean fits(Platform asked, Platform made) {
    return asked.formatAll().equals(made.formatAll())
        || (asked.osVersion().isEmpty() && asked.format().equals(made.format()));
  }

  private static List<String> names(Set<Platform> platforms) {
    return platforms.stream().map(Platform::formatAll).sorted().collect(Collectors.toList());
  }
}
