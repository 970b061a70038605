package dev.slipway.llbsolver;

import dev.slipway.failure.Denied;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.llb.SourceOp;
import dev.slipway.llb.SourcePolicy;
import dev.slipway.llb.SourcePolicy.Rule;
import dev.slipway.llb.SourcePolicy.Update;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// Applies source policies to sources (BuildKit v0.32.2, `sourcepolicy/engine.go`): after each
/// conversion all of them are looked at again, from the first. Immutable; pure.
record PolicyRules(List<SourcePolicy> policies) {
  /// Conversions of one source until they count as running in a circle.
  private static final int MAX_CONVERSIONS = 21;

  PolicyRules {
    policies = List.copyOf(policies);
  }

  boolean isEmpty() {
    return policies.stream().allMatch(policy -> policy.rules().isEmpty());
  }

  /// @return what to use instead, or the same
  /// @throws Denied a policy denies it
  /// @throws InvalidRequest a rule that matches makes no sense, or conversions do not end
  SourceOp apply(SourceOp source) {
    SourceOp now = source;
    for (int conversions = 0; conversions < MAX_CONVERSIONS; conversions++) {
      SourceOp looked = now;
      Optional<SourceOp> converted =
          policies.stream().flatMap(policy -> convert(policy, looked).stream()).findFirst();
      if (converted.isEmpty()) {
        return now;
      }
      now = converted.get();
    }
    throw new InvalidRequest("too many mutations on a single source: too many operations");
  }

  /// The first conversion that changes something; before one is reached, the last decision of the
  /// policy counts for nothing.
  private static Optional<SourceOp> convert(SourcePolicy policy, SourceOp source) {
    boolean denied = false;
    for (Rule rule : policy.rules()) {
      SelectorMatch match = SelectorMatch.of(rule.selector());
      if (match.matches(source)) {
        switch (rule.action()) {
          case ALLOW -> denied = false;
          case DENY -> denied = true;
          case CONVERT -> {
            SourceOp converted = converted(rule, match, source);
            if (!converted.equals(source)) {
              return Optional.of(converted);
            }
          }
          case UNKNOWN ->
              throw new InvalidRequest(
                  "source policy: rule for "
                      + rule.selector().identifier()
                      + ": unknown type \""
                      + source.identifier()
                      + "\"");
        }
      }
    }
    if (denied) {
      throw new Denied(
          "source \"" + source.identifier() + "\" denied by policy: source denied by policy");
    }
    return Optional.empty();
  }

  private static SourceOp converted(Rule rule, SelectorMatch match, SourceOp source) {
    Update update =
        rule.update()
            .orElseThrow(
                () ->
                    new InvalidRequest(
                        "error mutating source policy: missing destination for convert rule"));
    String template =
        update.identifier().isEmpty() ? rule.selector().identifier() : update.identifier();
    String identifier = match.expand(source.identifier(), template);
    Map<String, String> attributes = new TreeMap<>(source.attributes());
    attributes.putAll(update.attributes());
    return new SourceOp(identifier.isEmpty() ? source.identifier() : identifier, attributes);
  }
}
