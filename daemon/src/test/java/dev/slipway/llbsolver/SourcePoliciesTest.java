package dev.slipway.llbsolver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.api.gateway.ResolveSourceMetaRequest;
import dev.slipway.api.policysession.CheckPolicyRequest;
import dev.slipway.api.policysession.CheckPolicyResponse;
import dev.slipway.api.policysession.DecisionResponse;
import dev.slipway.api.policysession.DenyMessage;
import dev.slipway.api.policysession.PolicyVerifierGrpc;
import dev.slipway.api.sourcepolicy.PolicyAction;
import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.Denied;
import dev.slipway.failure.Fact;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.frontend.FrontendBridge.ImageQuery;
import dev.slipway.frontend.FrontendBridge.ResolvedImage;
import dev.slipway.frontend.ResolvedSource;
import dev.slipway.frontend.SourceQuery;
import dev.slipway.frontend.gateway.PolicyVerifier;
import dev.slipway.llb.Definition;
import dev.slipway.llb.Input;
import dev.slipway.llb.LlbEncoder;
import dev.slipway.llb.OpMetadata;
import dev.slipway.llb.OpVertex;
import dev.slipway.llb.SourceOp;
import dev.slipway.llb.SourcePolicy;
import dev.slipway.oci.Digest;
import dev.slipway.oci.Platform;
import dev.slipway.ref.FetchContext;
import dev.slipway.session.testing.SessionFixture;
import dev.slipway.source.SourceMetadata;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class SourcePoliciesTest {
  private static final String ALPINE = "docker-image://docker.io/library/alpine:latest";
  private static final String BUSYBOX = "docker-image://docker.io/library/busybox:latest";
  private static final Platform PLATFORM = Platform.parse("linux/arm64");

  @TempDir Path folder;
  private SessionFixture clients;
  private final List<CheckPolicyRequest> asked = Collections.synchronizedList(new ArrayList<>());
  private Function<CheckPolicyRequest, CheckPolicyResponse> client = _ -> allow();

  @BeforeEach
  void start() {
    clients = new SessionFixture(folder);
  }

  @AfterEach
  void stop() {
    clients.close();
  }

  @Test
  void theClientIsAskedAboutEachSourceWithItsPlatform() {
    Definition definition = definition(ALPINE);

    Definition allowed = policies().apply(definition, List.of());

    assertThat(allowed).isEqualTo(definition);
    assertThat(asked).hasSize(1);
    assertThat(asked.getFirst().getSource().getSource().getIdentifier()).isEqualTo(ALPINE);
    assertThat(asked.getFirst().getPlatform().getArchitecture()).isEqualTo("arm64");
  }

  @Test
  void aConvertedSourceIsAskedAboutAgainAndTakesItsPlace() {
    client =
        request ->
            request.getSource().getSource().getIdentifier().equals(ALPINE)
                ? decision(
                    DecisionResponse.newBuilder()
                        .setAction(PolicyAction.CONVERT)
                        .setUpdate(LlbEncoder.source(new SourceOp(BUSYBOX, Map.of("a", "b")))))
                : allow();

    Definition converted = policies().apply(definition(ALPINE), List.of());

    assertThat(asked).hasSize(2);
    assertThat(converted.vertices().values())
        .extracting(OpVertex::op)
        .containsExactly(new SourceOp(BUSYBOX, Map.of("a", "b")));
    assertThat(converted.head().orElseThrow().vertex())
        .isEqualTo(converted.vertices().firstEntry().getKey());
  }

  @Test
  void theClientMayAskWhatASourceIsFirst() {
    client =
        request ->
            request.getSource().hasImage()
                ? allow()
                : CheckPolicyResponse.newBuilder()
                    .setRequest(
                        ResolveSourceMetaRequest.newBuilder()
                            .setSource(request.getSource().getSource()))
                    .build();

    policies().apply(definition(ALPINE), List.of());

    assertThat(asked.getLast().getSource().getImage().getDigest())
        .isEqualTo(Digest.ofText("image").toString());
  }

  @Test
  void theClientDecidesWhatAStepMayFetchToo() {
    client =
        request ->
            switch (request.getSource().getSource().getIdentifier()) {
              case "http://xxxxx:xxxxx@host/secret" ->
                  decision(DecisionResponse.newBuilder().setAction(PolicyAction.DENY));
              case "http://host/old" ->
                  decision(
                      DecisionResponse.newBuilder()
                          .setAction(PolicyAction.CONVERT)
                          .setUpdate(LlbEncoder.source(new SourceOp("http://host/new", Map.of()))));
              default -> allow();
            };
    SourcePolicies policies = policies();

    assertThat(policies.check("GET", URI.create("http://host/a"))).hasPath("/a");
    assertThat(policies.check("GET", URI.create("http://host/old"))).hasPath("/new");
    assertThatThrownBy(() -> policies.check("POST", URI.create("http://host/old")))
        .isInstanceOf(InvalidRequest.class)
        .hasMessageContaining("only supports URL updates of GET");
    assertThatThrownBy(() -> policies.check("GET", URI.create("http://me:pw@host/secret")))
        .isInstanceOf(Denied.class);
  }

  @Test
  void askingAboutAnotherSourceIsRefused() {
    client =
        _ ->
            CheckPolicyResponse.newBuilder()
                .setRequest(
                    ResolveSourceMetaRequest.newBuilder()
                        .setSource(LlbEncoder.source(new SourceOp(BUSYBOX, Map.of()))))
                .build();

    assertThatThrownBy(() -> policies().apply(definition(ALPINE), List.of()))
        .isInstanceOf(InvalidRequest.class)
        .hasMessageContaining("policy requested different source identifier");
  }

  @Test
  void aDenialCarriesTheClientsWords() {
    client =
        _ ->
            decision(
                DecisionResponse.newBuilder()
                    .setAction(PolicyAction.DENY)
                    .addDenyMessages(DenyMessage.newBuilder().setMessage("not that one")));

    assertThatThrownBy(() -> policies().apply(definition(ALPINE), List.of()))
        .isInstanceOf(Denied.class)
        .hasMessage(
            "failed to load LLB: error evaluating the source policy: source \""
                + ALPINE
                + "\" not allowed by policy: action DENY")
        .satisfies(
            thrown ->
                assertThat(((BuildFailure) thrown).fact(Fact.DeniedByPolicy.class))
                    .contains(new Fact.DeniedByPolicy(List.of("not that one"))));
  }

  @Test
  void aClientThatNeverDecidesIsGivenUp() {
    client =
        request ->
            decision(
                DecisionResponse.newBuilder()
                    .setAction(PolicyAction.CONVERT)
                    .setUpdate(request.getSource().getSource()));

    assertThatThrownBy(() -> policies().apply(definition(ALPINE), List.of()))
        .hasMessageContaining("too many policy requests");
    assertThat(asked).hasSize(10);
  }

  @Test
  void theClientsOwnFailureIsTold() {
    client =
        _ -> {
          throw Status.UNKNOWN.withDescription("policy broke").asRuntimeException();
        };

    assertThatThrownBy(
            () -> policies().apply(new SourceOp(ALPINE, Map.of()), SourceQuery.of(imageQuery())))
        .hasMessageContaining("could not resolve image due to policy")
        .hasMessageContaining("policy broke");
  }

  private SourcePolicies policies() {
    String session = clients.connect(new Client());
    return new SourcePolicies(
        List.<SourcePolicy>of(),
        Optional.of(() -> new PolicyVerifier(clients.sessions().require(session).channel())),
        new Known(),
        (source, _) -> Known.image(source));
  }

  private static ImageQuery imageQuery() {
    return new ImageQuery(PLATFORM, "", "default", Optional.empty(), false);
  }

  private static Definition definition(String identifier) {
    OpVertex vertex =
        LlbEncoder.vertex(
            List.of(),
            new SourceOp(identifier, Map.of()),
            Optional.of(PLATFORM),
            List.of(),
            OpMetadata.NONE);
    SequencedMap<Digest, OpVertex> vertices = new LinkedHashMap<>();
    vertices.put(vertex.digest(), vertex);
    return new Definition(
        vertices, Optional.of(new Input(vertex.digest(), 0)), OpMetadata.NONE, Optional.empty());
  }

  private static CheckPolicyResponse allow() {
    return decision(DecisionResponse.newBuilder().setAction(PolicyAction.ALLOW));
  }

  private static CheckPolicyResponse decision(DecisionResponse.Builder decision) {
    return CheckPolicyResponse.newBuilder().setDecision(decision).build();
  }

  /// Knows one image.
  private static final class Known implements SourceMetadata {
    @Override
    public ResolvedSource resolve(SourceOp source, SourceQuery query, FetchContext context) {
      return image(source);
    }

    static ResolvedSource image(SourceOp source) {
      return ResolvedSource.of(
          source, new ResolvedImage(source.rest(), Digest.ofText("image"), new byte[] {'{', '}'}));
    }

    @Override
    public SourceOp canonical(SourceOp source) {
      return source;
    }
  }

  private final class Client extends PolicyVerifierGrpc.PolicyVerifierImplBase {
    @Override
    public void checkPolicy(
        CheckPolicyRequest request, StreamObserver<CheckPolicyResponse> answers) {
      asked.add(request);
      try {
        answers.onNext(client.apply(request));
        answers.onCompleted();
      } catch (RuntimeException failed) {
        answers.onError(failed);
      }
    }
  }
}
