package dev.slipway.llbsolver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.failure.Denied;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.llb.SourceOp;
import dev.slipway.llb.SourcePolicy;
import dev.slipway.llb.SourcePolicy.Action;
import dev.slipway.llb.SourcePolicy.Condition;
import dev.slipway.llb.SourcePolicy.Constraint;
import dev.slipway.llb.SourcePolicy.Match;
import dev.slipway.llb.SourcePolicy.Rule;
import dev.slipway.llb.SourcePolicy.Selector;
import dev.slipway.llb.SourcePolicy.Update;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PolicyRulesTest {
  private static final String BUSYBOX = "docker-image://docker.io/library/busybox:latest";
  private static final String ALPINE = "docker-image://docker.io/library/alpine:latest";

  @Test
  void ofAllowingAndDenyingRulesTheLastCounts() {
    assertThat(applied(BUSYBOX, deny(BUSYBOX), allow("docker-image://*"))).isEqualTo(BUSYBOX);
    assertThatThrownBy(() -> applied(BUSYBOX, allow(BUSYBOX), deny("*")))
        .isInstanceOf(Denied.class)
        .hasMessage("source \"" + BUSYBOX + "\" denied by policy: source denied by policy");
  }

  @Test
  void whatNoRuleIsAboutIsAllowed() {
    assertThat(applied(ALPINE, deny(BUSYBOX))).isEqualTo(ALPINE);
  }

  @Test
  void aLaterPolicyMayDenyWhatAnEarlierAllows() {
    PolicyRules rules =
        new PolicyRules(
            List.of(
                new SourcePolicy(List.of(allow(BUSYBOX))),
                new SourcePolicy(List.of(deny(BUSYBOX)))));

    assertThatThrownBy(() -> rules.apply(new SourceOp(BUSYBOX, Map.of())))
        .isInstanceOf(Denied.class);
  }

  @Test
  void conversionsAreLookedAtAgainFromTheFirstRule() {
    assertThatThrownBy(
            () ->
                applied(
                    BUSYBOX,
                    deny("docker-image://docker.io/library/alpine:*"),
                    convert(BUSYBOX, Match.WILDCARD, ALPINE)))
        .isInstanceOf(Denied.class)
        .hasMessageContaining(ALPINE);
  }

  @Test
  void wildcardsAndGroupsFillTheNewName() {
    String golang = "docker-image://docker.io/library/golang:1.19";

    assertThat(
            applied(
                golang,
                convert(
                    "docker-image://docker.io/library/*:*",
                    Match.WILDCARD,
                    "docker-image://mirror/${1}-$2")))
        .isEqualTo("docker-image://mirror/golang-1.19");
    assertThat(
            applied(
                golang,
                convert(
                    "^docker-image://docker\\.io/library/(?<name>\\w+):(.*)$",
                    Match.REGEX,
                    "docker-image://mirror/${name}:$2")))
        .isEqualTo("docker-image://mirror/golang:1.19");
    assertThat(
            applied(
                golang,
                convert("docker-image://docker.io/*", Match.WILDCARD, "docker-image://x/$9$$$1y")))
        .isEqualTo("docker-image://x/$");
  }

  @Test
  void anExactSelectorMeansItsTextOnly() {
    assertThat(applied(ALPINE, convert("docker-image://*", Match.EXACT, BUSYBOX)))
        .isEqualTo(ALPINE);
    assertThat(applied(ALPINE, convert(ALPINE, Match.EXACT, "docker-image://a*$1")))
        .isEqualTo("docker-image://a*$1");
  }

  @Test
  void conversionsMayAddAttributesOnly() {
    Rule pin =
        new Rule(
            Action.CONVERT,
            selector("https://example.com/foo", Match.WILDCARD),
            Optional.of(new Update("", Map.of("http.checksum", "sha256:1234"))));

    SourceOp converted =
        rules(pin).apply(new SourceOp("https://example.com/foo", Map.of("http.filename", "bar")));

    assertThat(converted)
        .isEqualTo(
            new SourceOp(
                "https://example.com/foo",
                Map.of("http.checksum", "sha256:1234", "http.filename", "bar")));
  }

  @Test
  void constraintsLookAtAttributes() {
    SourceOp pinned = new SourceOp("https://x/y", Map.of("http.checksum", "sha256:12"));
    SourceOp loose = new SourceOp("https://x/y", Map.of());

    assertThatThrownBy(() -> constrained(Condition.EQUAL, "").apply(loose))
        .isInstanceOf(Denied.class);
    assertThat(constrained(Condition.EQUAL, "").apply(pinned)).isEqualTo(pinned);
    assertThat(constrained(Condition.NOT_EQUAL, "").apply(loose)).isEqualTo(loose);
    assertThatThrownBy(() -> constrained(Condition.MATCHES, "^sha256:").apply(pinned))
        .isInstanceOf(Denied.class);
    assertThat(constrained(Condition.MATCHES, "^sha512:").apply(pinned)).isEqualTo(pinned);
  }

  @Test
  void circlesEnd() {
    assertThatThrownBy(
            () ->
                applied(
                    BUSYBOX,
                    convert(BUSYBOX, Match.WILDCARD, ALPINE),
                    convert(ALPINE, Match.WILDCARD, BUSYBOX)))
        .isInstanceOf(InvalidRequest.class)
        .hasMessage("too many mutations on a single source: too many operations");
  }

  @Test
  void rulesThatMakeNoSenseFailWhereTheyMatch() {
    Rule nowhere = new Rule(Action.CONVERT, selector(ALPINE, Match.EXACT), Optional.empty());
    Rule strange = new Rule(Action.UNKNOWN, selector(ALPINE, Match.EXACT), Optional.empty());

    assertThat(applied(BUSYBOX, nowhere, strange)).isEqualTo(BUSYBOX);
    assertThatThrownBy(() -> applied(ALPINE, nowhere))
        .hasMessageContaining("missing destination for convert rule");
    assertThatThrownBy(() -> applied(ALPINE, strange)).hasMessageContaining("unknown type");
    assertThatThrownBy(() -> applied(ALPINE, deny("docker-image://**")))
        .hasMessageContaining("invalid wildcard");
    assertThatThrownBy(() -> applied(ALPINE, convert("(", Match.REGEX, "x")))
        .isInstanceOf(InvalidRequest.class);
  }

  @Test
  void anExpressionThatNeverEndsIsGivenUp() {
    String name = "docker-image://" + "a".repeat(300);
    String expression = "(.*)(.*)(.*)(.*)(.*)(.*)x$";

    assertThatThrownBy(() -> applied(name, convert(expression, Match.REGEX, "x")))
        .isInstanceOf(InvalidRequest.class)
        .hasMessageContaining("takes too long");
  }

  private static PolicyRules constrained(Condition condition, String value) {
    return rules(
        new Rule(
            Action.DENY,
            new Selector(
                "https://*",
                Match.WILDCARD,
                List.of(new Constraint("http.checksum", value, condition))),
            Optional.empty()));
  }

  private static String applied(String identifier, Rule... rules) {
    return rules(rules).apply(new SourceOp(identifier, Map.of())).identifier();
  }

  private static PolicyRules rules(Rule... rules) {
    return new PolicyRules(List.of(new SourcePolicy(List.of(rules))));
  }

  private static Rule allow(String identifier) {
    return new Rule(Action.ALLOW, selector(identifier, Match.WILDCARD), Optional.empty());
  }

  private static Rule deny(String identifier) {
    return new Rule(Action.DENY, selector(identifier, Match.WILDCARD), Optional.empty());
  }

  private static Rule convert(String identifier, Match match, String to) {
    return new Rule(
        Action.CONVERT, selector(identifier, match), Optional.of(new Update(to, Map.of())));
  }

  private static Selector selector(String identifier, Match match) {
    return new Selector(identifier, match, List.of());
  }
}
