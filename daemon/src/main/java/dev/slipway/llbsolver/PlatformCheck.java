package dev.slipway.llbsolver;

import dev.slipway.failure.InvalidRequest;
import dev.slipway.frontend.FrontendResult;
import dev.slipway.image.ResultPlatform;
import dev.slipway.oci.Platform;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Compares the platforms that a build asked its frontend for with those of the result (BuildKit
/// v0.32.2, `exporter/verifier`). Pure.
final class PlatformCheck {
  private PlatformCheck() {}

  /// @param asked the frontend's option `platform`: names with commas between; this machine's when
  ///   absent
  /// @return advice for the user; empty when all is as asked for
  /// @throws InvalidRequest the frontend made several results and does not say what for
  static List<String> warnings(Optional<String> asked, FrontendResult result) {
    if (!result.metadata().containsKey(ResultPlatform.PLATFORMS)) {
      if (!result.refs().isEmpty()) {
        throw new InvalidRequest("build result contains multiple refs without platforms mapping");
      }
      if (result.single().isEmpty()) {
        return List.of();
      }
    }
    List<String> names =
        asked
            .map(list -> List.of(list.split(",", -1)))
            .orElseGet(() -> List.of(Platform.local().formatAll()));
    List<Platform> wanted = new ArrayList<>();
    List<String> mistakes = new ArrayList<>();
    for (String name : names) {
      try {
        Platform platform = Platform.parse(name);
        if (wanted.contains(platform)) {
          mistakes.add("Duplicate platform result requested \"" + name + "\"");
        }
        wanted.add(platform);
      } catch (InvalidRequest malformed) {
        mistakes.add("Invalid platform result requested \"" + name + "\": " + malformed.text());
      }
    }
    return mistakes.isEmpty() ? compared(names, wanted, result) : mistakes;
  }

  private static List<String> compared(
      List<String> names, List<Platform> wanted, FrontendResult result) {
    List<Platform> made =
        ResultPlatform.of(result.metadata()).stream().map(ResultPlatform::platform).toList();
    boolean alike =
        made.size() == wanted.size()
            && made.stream().allMatch(each -> wanted.stream().anyMatch(meaning(each)));
    if (alike) {
      return List.of();
    }
    if (made.size() == 1 && wanted.size() == 1) {
      return List.of(
          "Requested platform \""
              + names.getFirst()
              + "\" does not match result platform \""
              + made.getFirst().formatAll()
              + "\"");
    }
    if (result.refs().isEmpty() && wanted.size() > 1) {
      return List.of("Multiple platforms requested but result is not multi-platform");
    }
    return List.of(
        "Requested platforms " + list(wanted) + " do not match result platforms " + list(made));
  }

  /// Who names no version of the system takes any.
  private static Predicate<Platform> meaning(Platform made) {
    Platform anyVersion =
        new Platform(made.os(), made.architecture(), made.variant(), "", made.osFeatures());
    return wanted ->
        Stream.of(made, anyVersion).map(Platform::formatAll).anyMatch(wanted.formatAll()::equals);
  }

  private static String list(List<Platform> platforms) {
    return platforms.stream()
        .map(Platform::formatAll)
        .collect(Collectors.toCollection(TreeSet::new))
        .stream()
        .collect(Collectors.joining(","));
  }
}
