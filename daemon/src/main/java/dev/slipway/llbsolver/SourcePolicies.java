package dev.slipway.llbsolver;

import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.Denied;
import dev.slipway.failure.Fact;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.frontend.ResolvedSource;
import dev.slipway.frontend.SourceQuery;
import dev.slipway.frontend.gateway.PolicyVerifier;
import dev.slipway.frontend.gateway.PolicyVerifier.Answer;
import dev.slipway.llb.Definition;
import dev.slipway.llb.LlbEncoder;
import dev.slipway.llb.OpVertex;
import dev.slipway.llb.SourceOp;
import dev.slipway.llb.SourcePolicy;
import dev.slipway.oci.Digest;
import dev.slipway.oci.Platform;
import dev.slipway.source.SourceMetadata;
import dev.slipway.task.TaskScope;
import dev.slipway.task.TaskScope.Forked;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Supplier;

/// What one build lets its sources be: rules that came with the request, and perhaps a client that
/// is asked about each source (BuildKit v0.32.2, `solver/llbsolver/policy.go`). Thread-safe.
final class SourcePolicies {
  /// How often a client may answer with a question or another source.
  private static final int MAX_ROUNDS = 10;

  private final List<SourcePolicy> rules;
  private final Optional<Supplier<PolicyVerifier>> verifier;
  private final SourceMetadata metadata;
  private final BiFunction<SourceOp, SourceQuery, ResolvedSource> resolver;

  /// @param rules of the request
  /// @param verifier the client to ask, if there is one
  /// @param resolver finds out about a source for the client, in view of the build's user
  SourcePolicies(
      List<SourcePolicy> rules,
      Optional<Supplier<PolicyVerifier>> verifier,
      SourceMetadata metadata,
      BiFunction<SourceOp, SourceQuery, ResolvedSource> resolver) {
    this.rules = List.copyOf(rules);
    this.verifier = verifier;
    this.metadata = metadata;
    this.resolver = resolver;
  }

  /// The definition with all its sources as the policies want them; asks about all at once.
  ///
  /// @param more policies that hold for this definition only
  /// @throws Denied a source is not allowed
  Definition apply(Definition definition, List<SourcePolicy> more) {
    PolicyRules all = with(more);
    if (all.isEmpty() && verifier.isEmpty()) {
      return definition;
    }
    Map<Digest, SourceOp> changed = new HashMap<>();
    try (TaskScope scope = TaskScope.open("source policies")) {
      Map<Digest, Forked<SourceOp>> asked = new HashMap<>();
      for (OpVertex vertex : definition.vertices().values()) {
        if (vertex.op() instanceof SourceOp source) {
          asked.put(vertex.digest(), scope.fork(() -> decide(source, vertex.platform(), all)));
        }
      }
      scope.join();
      asked.forEach((digest, decided) -> changed.put(digest, decided.result()));
    } catch (BuildFailure failure) {
      throw failure.in("error evaluating the source policy").in("failed to load LLB");
    }
    return LlbEncoder.withSources(
        definition,
        vertex ->
            Optional.ofNullable(changed.get(vertex.digest()))
                .filter(source -> !source.equals(vertex.op())));
  }

  /// One source that is asked about before it is part of a definition.
  SourceOp apply(SourceOp source, SourceQuery query) {
    PolicyRules all = with(query.policies());
    if (all.isEmpty() && verifier.isEmpty()) {
      return source;
    }
    try {
      return decide(source, Optional.of(query.image().platform()), all);
    } catch (BuildFailure failure) {
      throw failure.in("could not resolve image due to policy");
    }
  }

  /// What a step may fetch through the proxy: an http source in the policies' eyes. Credentials in
  /// the address are not shown to them.
  ///
  /// @return what to fetch instead, or the same
  /// @throws Denied it is not allowed
  URI check(String method, URI wanted) {
    PolicyRules all = with(List.of());
    if (all.isEmpty() && verifier.isEmpty()) {
      return wanted;
    }
    String shown = wanted.toString();
    String credentials = wanted.getRawUserInfo();
    if (credentials != null) {
      shown = shown.replaceFirst("//[^/@]*@", "//xxxxx:xxxxx@");
    }
    SourceOp asked = new SourceOp(shown, Map.of());
    SourceOp decided = decide(asked, Optional.empty(), all);
    if (decided.equals(asked)) {
      return wanted;
    }
    if (!method.equals("GET") || !decided.attributes().isEmpty()) {
      throw new InvalidRequest(
          "source policy converted proxy request \""
              + shown
              + "\", but proxy conversion only supports URL updates of GET");
    }
    if (!decided.identifier().matches("https?://.*")) {
      throw new InvalidRequest(
          "source policy converted proxy request to unsupported URL \""
              + decided.identifier()
              + "\"");
    }
    return URI.create(decided.identifier());
  }

  private PolicyRules with(List<SourcePolicy> more) {
    List<SourcePolicy> all = new ArrayList<>(rules);
    all.addAll(more);
    return new PolicyRules(all);
  }

  private SourceOp decide(SourceOp source, Optional<Platform> platform, PolicyRules all) {
    SourceOp now = all.apply(metadata.canonical(source));
    if (verifier.isEmpty()) {
      return now;
    }
    PolicyVerifier client = verifier.get().get();
    ResolvedSource known = ResolvedSource.only(now);
    for (int round = 0; round < MAX_ROUNDS; round++) {
      switch (client.check(platform, known)) {
        case Answer.Allow() -> {
          return now;
        }
        case Answer.Deny(String action, List<String> messages) ->
            throw denied(now, action, messages);
        case Answer.Convert(SourceOp instead) -> {
          now = all.apply(metadata.canonical(instead));
          known = ResolvedSource.only(now);
        }
        case Answer.Ask(SourceOp about, SourceQuery query) -> {
          requireSame(now, about);
          known = resolve(now, query, all);
        }
      }
    }
    throw new InvalidRequest("too many policy requests");
  }

  private ResolvedSource resolve(SourceOp source, SourceQuery query, PolicyRules all) {
    try {
      return resolver.apply(all.apply(source), query);
    } catch (BuildFailure failure) {
      throw failure.in("error resolving source metadata from policy request");
    }
  }

  private static void requireSame(SourceOp source, SourceOp about) {
    if (!about.identifier().equals(source.identifier())) {
      throw new InvalidRequest(
          "policy requested different source identifier: \""
              + about.identifier()
              + "\" != \""
              + source.identifier()
              + "\"");
    }
    if (!about.attributes().equals(source.attributes())) {
      throw new InvalidRequest(
          "policy requested different source attrs: "
              + about.attributes()
              + " != "
              + source.attributes());
    }
  }

  private static BuildFailure denied(SourceOp source, String action, List<String> messages) {
    Denied denied =
        new Denied(
            "source \"" + source.identifier() + "\" not allowed by policy: action " + action);
    return messages.isEmpty() ? denied : denied.with(new Fact.DeniedByPolicy(messages));
  }
}
