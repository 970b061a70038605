package dev.slipway.oci;

import dev.slipway.failure.InvalidRequest;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// What an image runs on: `linux/amd64`, `linux/arm/v7`, `windows(10.0.17763)/amd64`, always in
/// normal form.
///
/// Normal form is containerd's (`platforms.Normalize`): names in lower case, `x86_64` is `amd64`,
/// `aarch64` is `arm64`, `arm64/v8` has no variant, plain `arm` is `arm/v7`.
///
/// @param variant CPU variant such as `v7`; empty means none
/// @param osVersion empty means none
/// @param osFeatures sorted
public record Platform(
    String os, String architecture, String variant, String osVersion, List<String> osFeatures) {
  public static final Platform LINUX_AMD64 = of("linux", "amd64");
  public static final Platform LINUX_ARM64 = of("linux", "arm64");

  public Platform {
    Platform.Names names = Names.normalized(os, architecture, variant);
    os = names.os;
    architecture = names.architecture;
    variant = names.variant;
    osFeatures = osFeatures.stream().sorted().toList();
  }

  public static Platform of(String os, String architecture) {
    return of(os, architecture, "");
  }

  public static Platform of(String os, String architecture, String variant) {
    return new Platform(os, architecture, variant, "", List.of());
  }

  /// Parses `os/arch`, `os/arch/variant`, `os(version)/arch`, a bare operating system or a bare
  /// architecture (the missing part is taken from the machine this runs on).
  ///
  /// @throws InvalidRequest when the text has another form
  public static Platform parse(String text) {
    String[] parts = text.split("/", -1);
    for (String part : parts) {
      if (!part.matches("[A-Za-z0-9_.-]+(\\([A-Za-z0-9_.+-]*\\))?")) {
        throw new InvalidRequest(
            "\""
                + clip(text)
                + "\" is an invalid platform: component \""
                + clip(part)
                + "\" has characters that are not allowed");
      }
    }
    String osVersion = "";
    String os = parts[0];
    int open = os.indexOf('(');
    if (open >= 0) {
      osVersion = os.substring(open + 1, os.length() - 1);
      os = os.substring(0, open);
    }
    return switch (parts.length) {
      case 1 -> bare(text, os, osVersion);
      case 2 -> new Platform(os, parts[1], "", osVersion, List.of());
      case 3 -> new Platform(os, parts[1], parts[2], osVersion, List.of());
      default ->
          throw new InvalidRequest(
              "\"" + clip(text) + "\": cannot parse platform specifier: want os/arch[/variant]");
    };
  }

  /// The platform of the machine this runs on, without CPU variant of amd64.
  public static Platform local() {
    return of("linux", System.getProperty("os.arch", "amd64"));
  }

  /// `os/arch[/variant]` (containerd's `platforms.Format`).
  public String format() {
    return os + "/" + architecture + (variant.isEmpty() ? "" : "/" + variant);
  }

  /// As [#format()], with the operating system's version in parentheses (containerd's
  /// `platforms.FormatAll`).
  public String formatAll() {
    return os
        + (osVersion.isEmpty() ? "" : "(" + osVersion + ")")
        + "/"
        + architecture
        + (variant.isEmpty() ? "" : "/" + variant);
  }

  public Platform withoutVariant() {
    return new Platform(os, architecture, "", osVersion, osFeatures);
  }

  public Optional<String> variantIfAny() {
    return variant.isEmpty() ? Optional.empty() : Optional.of(variant);
  }

  @Override
  public String toString() {
    return formatAll();
  }

  private static Platform bare(String text, String word, String osVersion) {
    Names os = Names.normalized(word, "", "");
    if (Names.KNOWN_OS.contains(os.os)) {
      return new Platform(os.os, local().architecture(), "", osVersion, List.of());
    }
    Names arch = Names.normalized("linux", word, "");
    if (Names.KNOWN_ARCHITECTURES.contains(arch.architecture)) {
      return of("linux", word);
    }
    throw new InvalidRequest("\"" + clip(text) + "\": unknown operating system or architecture");
  }

  private static String clip(String text) {
    return text.length() > 100 ? text.substring(0, 100) + "…" : text;
  }

  private record Names(String os, String architecture, String variant) {
    static final List<String> KNOWN_OS =
        List.of(
            "aix",
            "android",
            "darwin",
            "dragonfly",
            "freebsd",
            "illumos",
            "ios",
            "js",
            "linux",
            "nacl",
            "netbsd",
            "openbsd",
            "plan9",
            "solaris",
            "windows",
            "zos");
    static final List<String> KNOWN_ARCHITECTURES =
        List.of(
            "386",
            "amd64",
            "arm",
            "arm64",
            "loong64",
            "mips",
            "mips64",
            "mips64le",
            "mipsle",
            "ppc64",
            "ppc64le",
            "riscv",
            "riscv64",
            "s390x",
            "sparc64",
            "wasm");

    static Names normalized(String givenOs, String givenArchitecture, String givenVariant) {
      String os = givenOs.toLowerCase(Locale.ROOT);
      if (os.equals("macos")) {
        os = "darwin";
      }
      String arch = givenArchitecture.toLowerCase(Locale.ROOT);
      String variant = givenVariant.toLowerCase(Locale.ROOT);
      return switch (arch) {
        case "i386" -> new Names(os, "386", "");
        case "386" -> new Names(os, "386", variant);
        case "x86_64", "x86-64", "amd64" ->
            new Names(os, "amd64", variant.equals("v1") ? "" : variant);
        case "aarch64", "arm64" ->
            new Names(os, "arm64", variant.equals("8") || variant.equals("v8") ? "" : variant);
        case "armhf" -> new Names(os, "arm", "v7");
        case "armel" -> new Names(os, "arm", "v6");
        case "arm" ->
            new Names(
                os, "arm", variant.isEmpty() || variant.equals("7") ? "v7" : digitVariant(variant));
        default -> new Names(os, arch, variant);
      };
    }

    private static String digitVariant(String variant) {
      return variant.length() == 1 && Character.isDigit(variant.charAt(0))
          ? "v" + variant
          : variant;
    }
  }
}
