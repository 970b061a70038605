package dev.slipway.frontend.dockerfile.convert;

import dev.slipway.failure.InvalidRequest;
import dev.slipway.frontend.dockerfile.source.DockerfileError;
import dev.slipway.oci.Digest;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// An image's name as Dockerfiles use it, in full form: `docker.io/library/alpine:3`.
///
/// @param domain registry, with its port if any
/// @param path repository
/// @param tag empty when there is none
/// @param digest empty when there is none
public record ImageName(String domain, String path, String tag, Optional<Digest> digest) {
  private static final String HUB = "docker.io";
  private static final String LIBRARY = "library/";
  private static final String LABEL = "(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])";
  private static final String HOST =
      "(?:" + LABEL + "(?:\\." + LABEL + ")*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?";
  private static final String ELEMENT = "[a-z0-9]++(?:(?:[._]|__|-+)[a-z0-9]++)*";
  private static final Pattern FORM =
      Pattern.compile(
          "(?:("
              + HOST
              + ")/)?("
              + ELEMENT
              + "(?:/"
              + ELEMENT
              + ")*)(?::(\\w[\\w.-]{0,127}))?(?:@([A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}))?");
  private static final Pattern HEX_ID = Pattern.compile("[a-f0-9]{64}");
  private static final int LONGEST_PATH = 255;
  private static final int LONGEST_TEXT = 4096;

  /// Parses a short or full name. A short one is of Docker Hub.
  public static ImageName parse(String text) {
    if (HEX_ID.matcher(text).matches()) {
      throw new DockerfileError(
          "invalid repository name (" + text + "), cannot specify 64-byte hexadecimal strings");
    }
    String full = fullName(text);
    String remote = full.substring(full.indexOf('/') + 1);
    int colon = remote.indexOf(':');
    String repository = colon < 0 ? remote : remote.substring(0, colon);
    if (!repository.equals(repository.toLowerCase(Locale.ROOT))) {
      throw new DockerfileError(
          "invalid reference format: repository name (" + repository + ") must be lowercase");
    }
    return parseFull(full);
  }

  /// Parses a name that is taken as it is, with a registry only where it shows one.
  public static ImageName parseFull(String text) {
    Matcher matcher = FORM.matcher(text);
    if (text.length() > LONGEST_TEXT || !matcher.matches()) {
      throw new DockerfileError("invalid reference format");
    }
    if (matcher.group(2).length() > LONGEST_PATH) {
      throw new DockerfileError(
          "repository name must not be more than " + LONGEST_PATH + " characters");
    }
    Optional<String> digest = Optional.ofNullable(matcher.group(4));
    try {
      return new ImageName(
          Optional.ofNullable(matcher.group(1)).orElse(""),
          matcher.group(2),
          Optional.ofNullable(matcher.group(3)).orElse(""),
          digest.map(Digest::parse));
    } catch (InvalidRequest e) {
      throw DockerfileError.because(e.text(), e);
    }
  }

  private static String fullName(String text) {
    int slash = text.indexOf('/');
    String first = slash < 0 ? "" : text.substring(0, slash);
    boolean isDomain =
        first.equals("localhost")
            || first.contains(".")
            || first.contains(":")
            || !first.equals(first.toLowerCase(Locale.ROOT));
    String domain = isDomain && !first.equals("index.docker.io") ? first : HUB;
    String rest = isDomain ? text.substring(slash + 1) : text;
    return domain + "/" + (domain.equals(HUB) && rest.indexOf('/') < 0 ? LIBRARY + rest : rest);
  }

  /// With tag `latest` if it has neither tag nor digest.
  public ImageName withDefaultTag() {
    return tag.isEmpty() && digest.isEmpty() ? new ImageName(domain, path, "latest", digest) : this;
  }

  public ImageName withDigest(Digest exact) {
    return new ImageName(domain, path, tag, Optional.of(exact));
  }

  /// Registry and repository.
  public String name() {
    return domain.isEmpty() ? path : domain + "/" + path;
  }

  /// The short form: without Docker Hub and its official repositories' prefix.
  public String familiar() {
    String shortPath =
        path.startsWith(LIBRARY) && path.indexOf('/', LIBRARY.length()) < 0
            ? path.substring(LIBRARY.length())
            : path;
    return (domain.equals(HUB) ? shortPath : name()) + suffix();
  }

  private String suffix() {
    return (tag.isEmpty() ? "" : ":" + tag) + digest.map(exact -> "@" + exact).orElse("");
  }

  @Override
  public String toString() {
    return name() + suffix();
  }
}
