package dev.slipway.oci;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;

/// Chooses what runs on a platform: the platform itself first, then older variants and
/// sub-architectures, in containerd's order (`platforms.Only`).
public final class PlatformMatcher {
  private final Platform wanted;
  private final List<Platform> acceptable;

  public PlatformMatcher(Platform wanted) {
    this.wanted = wanted;
    this.acceptable = acceptable(wanted);
  }

  public boolean matches(Platform offered) {
    return rank(offered) < acceptable.size();
  }

  /// The best of those offered; the earlier of equally good ones.
  public <T> Optional<T> best(List<T> offered, java.util.function.Function<T, Platform> platform) {
    return offered.stream()
        .filter(each -> matches(platform.apply(each)))
        .min(Comparator.comparingInt(each -> rank(platform.apply(each))));
  }

  private int rank(Platform offered) {
    for (int i = 0; i < acceptable.size(); i++) {
      Platform each = acceptable.get(i);
      if (each.os().equals(offered.os())
          && each.architecture().equals(offered.architecture())
          && each.variant().equals(offered.variant())
          && new HashSet<>(wanted.osFeatures()).containsAll(offered.osFeatures())
          && versionMatches(offered)) {
        return i;
      }
    }
    return acceptable.size();
  }

  /// Only Windows ties images to a version of the system: build numbers (the first three parts)
  /// must agree.
  private boolean versionMatches(Platform offered) {
    if (!wanted.os().equals("windows")
        || wanted.osVersion().isEmpty()
        || offered.osVersion().isEmpty()) {
      return true;
    }
    return build(wanted.osVersion()).equals(build(offered.osVersion()));
  }

  private static List<String> build(String version) {
    return List.of(version.split("\\.")).stream().limit(3).toList();
  }

  private static List<Platform> acceptable(Platform platform) {
    List<Platform> all = new ArrayList<>();
    switch (platform.architecture()) {
      case "amd64" -> {
        all.add(platform);
        for (int level = number(platform.variant(), 1) - 1; level >= 1; level--) {
          all.add(Platform.of(platform.os(), "amd64", "v" + level));
        }
        all.add(Platform.of(platform.os(), "386"));
      }
      case "arm" -> {
        all.add(platform);
        addArm(all, platform.os(), number(platform.variant(), 7) - 1);
      }
      case "arm64" -> {
        addArm64(all, platform);
        addArm(all, platform.os(), 8);
      }
      default -> all.add(platform);
    }
    return List.copyOf(all);
  }

  private static void addArm(List<Platform> all, String os, int newest) {
    for (int version = newest; version >= 5; version--) {
      all.add(Platform.of(os, "arm", "v" + version));
    }
  }

  /// v9.N runs what is for v9.0-v9.N and v8.0-v8.(N+5).
  private static void addArm64(List<Platform> all, Platform platform) {
    String variant = platform.variant().isEmpty() ? "v8" : platform.variant();
    String[] parts = variant.substring(1).split("\\.", 2);
    int major = number("v" + parts[0], 8);
    int minor = parts.length > 1 ? number("v" + parts[1], 0) : 0;
    if (major == 9) {
      addMinors(all, platform.os(), 9, minor);
      addMinors(all, platform.os(), 8, Math.min(minor + 5, 9));
    } else {
      addMinors(all, platform.os(), 8, minor);
    }
  }

  private static void addMinors(List<Platform> all, String os, int major, int minor) {
    for (int each = minor; each >= 0; each--) {
      all.add(Platform.of(os, "arm64", "v" + major + (each == 0 ? "" : "." + each)));
    }
  }

  private static int number(String variant, int otherwise) {
    return variant.matches("v[0-9]{1,3}") ? Integer.parseInt(variant.substring(1)) : otherwise;
  }
}
