package dev.slipway.llbsolver;

import dev.slipway.failure.InvalidRequest;
import dev.slipway.llb.SourceOp;
import dev.slipway.llb.SourcePolicy.Constraint;
import dev.slipway.llb.SourcePolicy.Match;
import dev.slipway.llb.SourcePolicy.Selector;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/// A policy's selector made ready to match. Immutable; pure.
///
/// @param pattern absent for selectors that mean one identifier only
record SelectorMatch(Selector selector, Optional<Pattern> pattern) {
  /// `$name`, `${name}`, `$$`, as Go's templates have them.
  private static final Pattern PLACE = Pattern.compile("\\$(?:\\$|\\{(\\w+)}|(\\w+))");

  static SelectorMatch of(Selector selector) {
    return new SelectorMatch(
        selector,
        switch (selector.match()) {
          case EXACT, UNKNOWN -> Optional.empty();
          case WILDCARD -> Optional.of(wildcard(selector.identifier()));
          case REGEX -> Optional.of(regex(selector.identifier()));
        });
  }

  private static Pattern wildcard(String text) {
    if (text.contains("**")) {
      throw new InvalidRequest(
          "failed to translate wildcard \"" + text + "\" to regexp: invalid wildcard: \"**\"");
    }
    StringBuilder regex = new StringBuilder("^");
    int from = 0;
    for (int star = text.indexOf('*'); star >= 0; star = text.indexOf('*', from)) {
      regex.append(Pattern.quote(text.substring(from, star))).append("(.*)");
      from = star + 1;
    }
    return Pattern.compile(
        regex.append(Pattern.quote(text.substring(from))).append("$").toString());
  }

  private static Pattern regex(String text) {
    try {
      return Pattern.compile(text);
    } catch (PatternSyntaxException malformed) {
      throw new InvalidRequest(
          "invalid regex \"" + text + "\" in source policy: " + malformed.getDescription(),
          malformed);
    }
  }

  boolean matches(SourceOp source) {
    return selector.constraints().stream().allMatch(each -> holds(each, source))
        && (selector.identifier().equals(source.identifier())
            || matchesIdentifier(source.identifier()));
  }

  private boolean matchesIdentifier(String identifier) {
    if (selector.match() == Match.UNKNOWN) {
      throw new InvalidRequest(
          "error matching source policy: unknown match type of " + selector.identifier());
    }
    return pattern.isPresent() && found(pattern.get(), identifier);
  }

  private static boolean holds(Constraint constraint, SourceOp source) {
    String value = source.attributes().getOrDefault(constraint.key(), "");
    return switch (constraint.condition()) {
      case EQUAL -> value.equals(constraint.value());
      case NOT_EQUAL -> !value.equals(constraint.value());
      case MATCHES -> found(regex(constraint.value()), value);
      case UNKNOWN ->
          throw new InvalidRequest(
              "error matching source policy: unknown attr condition on " + constraint.key());
    };
  }

  private static boolean found(Pattern pattern, String text) {
    return pattern.matcher(new PatientText(text)).find();
  }

  /// The template with what the selector matched of the identifier filled in.
  String expand(String identifier, String template) {
    return switch (selector.match()) {
      case EXACT, UNKNOWN -> template;
      case WILDCARD -> {
        Matcher matcher = pattern.orElseThrow().matcher(new PatientText(identifier));
        yield matcher.find() ? filled(matcher, template) : identifier;
      }
      case REGEX -> {
        Matcher matcher = pattern.orElseThrow().matcher(new PatientText(identifier));
        yield matcher.replaceAll(match -> Matcher.quoteReplacement(filled(match, template)));
      }
    };
  }

  private static String filled(MatchResult found, String template) {
    return PLACE
        .matcher(template)
        .replaceAll(
            place -> {
              if (place.group().equals("$$")) {
                return Matcher.quoteReplacement("$");
              }
              String name = place.group().replaceAll("[${}]", "");
              return Matcher.quoteReplacement(group(found, name));
            });
  }

  /// Nothing for a group that does not exist or took no part.
  private static String group(MatchResult match, String name) {
    try {
      String found =
          name.matches("\\d{1,4}")
              ? match.group(Integer.parseInt(name))
              : match.namedGroups().containsKey(name) ? match.group(name) : "";
      return found == null ? "" : found;
    } catch (IndexOutOfBoundsException noSuchGroup) {
      return "";
    }
  }

  /// Text that loses patience with an expression that tries too many ways through it: expressions
  /// come from clients.
  private record PatientText(String text, int[] left) implements CharSequence {
    private static final int READS = 10_000_000;

    PatientText(String text) {
      this(text, new int[] {READS});
    }

    @Override
    public char charAt(int index) {
      if (left[0]-- <= 0) {
        throw new InvalidRequest("an expression of the source policy takes too long on " + text);
      }
      return text.charAt(index);
    }

    @Override
    public int length() {
      return text.length();
    }

    @Override
    public CharSequence subSequence(int start, int end) {
      return text.substring(start, end);
    }

    @Override
    public String toString() {
      return text;
    }
  }
}
