package dev.slipway.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.rpc.Status;
import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.Fact;
import dev.slipway.failure.FailureKind;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.failure.NotFound;
import dev.slipway.failure.ProcessFailed;
import dev.slipway.oci.Digest;
import io.grpc.StatusRuntimeException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class FailureCodecTest {
  private static final Digest VERTEX = Digest.ofText("a vertex");

  @Test
  void aFileThatAStepMissesIsNotWhatTheRequestAskedFor() {
    NotFound missing = new NotFound("/a: not found");

    assertThat(FailureCodec.encode(missing).getCode())
        .isEqualTo(io.grpc.Status.Code.NOT_FOUND.value());
    assertThat(FailureCodec.encode(missing.with(new Fact.AtVertex(VERTEX))).getCode())
        .isEqualTo(io.grpc.Status.Code.UNKNOWN.value());
  }

  @Test
  void aFailedProcessLooksAsTheGenuineDaemonTellsIt() {
    byte[] dockerfile = "FROM busybox\nRUN echo hello && exit 5\n".getBytes(StandardCharsets.UTF_8);
    BuildFailure failure =
        new ProcessFailed(
                "process \"/bin/sh -c echo hello && exit 5\" did not complete successfully: exit code: 5",
                5)
            .with(new Fact.AtVertex(VERTEX))
            .with(
                new Fact.AtSource(
                    "Dockerfile",
                    "Dockerfile",
                    dockerfile,
                    new byte[0],
                    List.of(new Fact.SourceRange(2, 0, 2, 0))));

    Status status = FailureCodec.encode(failure);

    assertThat(status.getCode()).isEqualTo(2);
    assertThat(status.getDetailsList().stream().map(Any::getTypeUrl))
        .containsExactly(
            "github.com/moby/buildkit/errdefs.Source+json",
            "github.com/moby/buildkit/errdefs.Vertex+json",
            "github.com/moby/buildkit/gatewayapi.ExitMessage+json");
    assertThat(status.getDetailsList().stream().map(detail -> detail.getValue().toStringUtf8()))
        .containsExactly(
            "{\"info\":{\"filename\":\"Dockerfile\",\"data\":\"RlJPTSBidXN5Ym94ClJVTiBlY2hvIGhlbGxvICYmIGV4aXQgNQo=\","
                + "\"language\":\"Dockerfile\"},\"ranges\":[{\"start\":{\"line\":2},\"end\":{\"line\":2}}]}",
            "{\"digest\":\"" + VERTEX + "\"}",
            "{\"Code\":5}");
  }

  @Test
  void whatAPolicySaysTravelsWithItsDenial() {
    Fact fact = new Fact.DeniedByPolicy(List.of("not that one", "use another"));

    Status status = FailureCodec.encode(new InvalidRequest("denied", fact));

    assertThat(status.getDetails(0).getTypeUrl())
        .isEqualTo("github.com/moby/buildkit/policysession.DecisionResponse+json");
    assertThat(status.getDetails(0).getValue().toStringUtf8())
        .isEqualTo(
            "{\"action\":\"DENY\",\"denyMessages\":[{\"message\":\"not that one\"},{\"message\":\"use another\"}]}");
    assertThat(FailureCodec.decode(status).facts()).containsExactly(fact);
  }

  @Test
  void whatOneSideThrowsTheOtherSideCatches() {
    BuildFailure thrown =
        new InvalidRequest("no such thing", new Fact.AtVertex(VERTEX))
            .with(new Fact.UnsupportedSubrequest("frontend.nosuch"))
            .with(
                new Fact.SolveInputs(
                    List.of("a", ""),
                    List.of("b"),
                    new byte[0],
                    Optional.of(new Fact.Subject.FileAction(3)),
                    ""));

    StatusRuntimeException onTheWire = FailureCodec.toException(thrown);
    BuildFailure caught = FailureCodec.decode(onTheWire);

    assertThat(caught.kind()).isEqualTo(FailureKind.INVALID_REQUEST);
    assertThat(caught.text()).isEqualTo("no such thing");
    assertThat(caught.fact(Fact.AtVertex.class)).contains(new Fact.AtVertex(VERTEX));
    assertThat(caught.fact(Fact.UnsupportedSubrequest.class))
        .contains(new Fact.UnsupportedSubrequest("frontend.nosuch"));
    assertThat(caught.fact(Fact.SolveInputs.class).orElseThrow().subject())
        .contains(new Fact.Subject.FileAction(3));
    assertThat(caught.fact(Fact.SolveInputs.class).orElseThrow().inputIds())
        .containsExactly("a", "");
  }

  @ParameterizedTest
  @EnumSource(FailureKind.class)
  void everyKindSurvivesTheWire(FailureKind kind) {
    BuildFailure failure =
        BuildFailure.of(kind, "words", Optional.empty(), List.of(new Fact.ExitedWith(7, "")));

    assertThat(FailureCodec.decode(FailureCodec.encode(failure)).kind()).isEqualTo(kind);
  }

  @Test
  void aDetailThatCannotBeReadIsPassedOnAsItCame() {
    Any broken =
        Any.newBuilder()
            .setTypeUrl("github.com/moby/buildkit/errdefs.Vertex+json")
            .setValue(com.google.protobuf.ByteString.copyFromUtf8("{\"digest\": \"nonsense\"}"))
            .build();

    BuildFailure failure =
        FailureCodec.decode(Status.newBuilder().setCode(2).addDetails(broken).build());

    assertThat(FailureCodec.encode(failure).getDetailsList()).containsExactly(broken);
  }
}
