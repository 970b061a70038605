package dev.slipway.llb;

import dev.slipway.api.sourcepolicy.AttrConstraint;
import dev.slipway.api.sourcepolicy.Policy;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.llb.SourcePolicy.Action;
import dev.slipway.llb.SourcePolicy.Condition;
import dev.slipway.llb.SourcePolicy.Constraint;
import dev.slipway.llb.SourcePolicy.Match;
import dev.slipway.llb.SourcePolicy.Rule;
import dev.slipway.llb.SourcePolicy.Selector;
import dev.slipway.llb.SourcePolicy.Update;
import java.util.List;
import java.util.Optional;

/// Reads source policies from the wire. Kinds that are not known stay in, as unknown: they matter
/// only where their rule matches.
public final class SourcePolicyDecoder {
  private SourcePolicyDecoder() {}

  /// @throws InvalidRequest a rule without selector
  public static SourcePolicy decode(Policy policy) {
    return new SourcePolicy(policy.getRulesList().stream().map(SourcePolicyDecoder::rule).toList());
  }

  public static List<SourcePolicy> decode(List<Policy> policies) {
    return policies.stream().map(SourcePolicyDecoder::decode).toList();
  }

  private static Rule rule(dev.slipway.api.sourcepolicy.Rule rule) {
    if (!rule.hasSelector()) {
      throw new InvalidRequest("invalid nil selector in policy");
    }
    Action action =
        switch (rule.getAction()) {
          case ALLOW -> Action.ALLOW;
          case DENY -> Action.DENY;
          case CONVERT -> Action.CONVERT;
          case UNRECOGNIZED -> Action.UNKNOWN;
        };
    Optional<Update> update =
        rule.hasUpdates()
            ? Optional.of(
                new Update(rule.getUpdates().getIdentifier(), rule.getUpdates().getAttrsMap()))
            : Optional.empty();
    return new Rule(action, selector(rule.getSelector()), update);
  }

  private static Selector selector(dev.slipway.api.sourcepolicy.Selector selector) {
    Match match =
        switch (selector.getMatchType()) {
          case WILDCARD -> Match.WILDCARD;
          case EXACT -> Match.EXACT;
          case REGEX -> Match.REGEX;
          case UNRECOGNIZED -> Match.UNKNOWN;
        };
    return new Selector(
        selector.getIdentifier(),
        match,
        selector.getConstraintsList().stream().map(SourcePolicyDecoder::constraint).toList());
  }

  private static Constraint constraint(AttrConstraint constraint) {
    Condition condition =
        switch (constraint.getCondition()) {
          case EQUAL -> Condition.EQUAL;
          case NOTEQUAL -> Condition.NOT_EQUAL;
          case MATCHES -> Condition.MATCHES;
          case UNRECOGNIZED -> Condition.UNKNOWN;
        };
    return new Constraint(constraint.getKey(), constraint.getValue(), condition);
  }
}
