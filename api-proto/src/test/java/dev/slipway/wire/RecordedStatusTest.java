package dev.slipway.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.rpc.Status;
import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.Fact;
import dev.slipway.failure.Fact.AtSource;
import dev.slipway.failure.Fact.AtVertex;
import dev.slipway.failure.Fact.ExitedWith;
import dev.slipway.failure.Fact.RegistryAnswer;
import dev.slipway.failure.Fact.SolveInputs;
import dev.slipway.failure.Fact.SourceRange;
import dev.slipway.failure.Fact.Subject;
import dev.slipway.failure.FailureKind;
import dev.slipway.failure.NotFound;
import dev.slipway.failure.ProcessFailed;
import dev.slipway.oci.Digest;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

final class RecordedStatusTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Digest VERTEX = Digest.ofText("vertex");

  static Stream<JsonNode> recorded() throws IOException {
    try (InputStream in =
        Objects.requireNonNull(
            RecordedStatusTest.class.getResourceAsStream("golden/statuses.jsonl"))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines().map(JSON::readTree).toList().stream();
    }
  }

  @ParameterizedTest
  @MethodSource("recorded")
  void statusesOfTheReferenceSurviveTheRoundTrip(JsonNode recorded) {
    Status status = status(recorded);

    BuildFailure failure = FailureCodec.decode(status);
    Status again = FailureCodec.encode(failure);

    assertThat(again.getCode()).isEqualTo(status.getCode());
    assertThat(again.getMessage()).isEqualTo(status.getMessage());
    assertThat(again.getDetailsList()).hasSameSizeAs(status.getDetailsList());
    for (int i = 0; i < status.getDetailsCount(); i++) {
      assertThat(again.getDetails(i).getTypeUrl()).isEqualTo(status.getDetails(i).getTypeUrl());
      assertThat(json(again.getDetails(i))).isEqualTo(json(status.getDetails(i)));
    }
    assertThat(failure.facts()).hasSameSizeAs(status.getDetailsList());
  }

  @Test
  void onlyStackTracesAreNotUnderstood() throws IOException {
    assertThat(
            recorded()
                .flatMap(status -> FailureCodec.decode(status(status)).facts().stream())
                .filter(Fact.Opaque.class::isInstance)
                .map(fact -> ((Fact.Opaque) fact).typeUrl())
                .distinct())
        .containsExactly("github.com/moby/buildkit/stack.Stack+json");
  }

  @Test
  void aFailedStepLooksAsTheReferenceTellsIt() {
    BuildFailure failure =
        new ProcessFailed("process \"/bin/exit3\" did not complete successfully: exit code: 3", 3)
            .with(new AtVertex(VERTEX))
            .with(
                new AtSource(
                    "Goldfile",
                    "Dockerfile",
                    "line1\nline2\n".getBytes(StandardCharsets.UTF_8),
                    new byte[0],
                    List.of(new SourceRange(2, 0, 2, 0))));

    Status status = FailureCodec.encode(failure);

    assertThat(status.getCode()).isEqualTo(Code.UNKNOWN.value());
    assertThat(status.getDetailsList())
        .extracting(Any::getTypeUrl)
        .containsExactly(
            "github.com/moby/buildkit/errdefs.Source+json",
            "github.com/moby/buildkit/errdefs.Vertex+json",
            "github.com/moby/buildkit/gatewayapi.ExitMessage+json");
    assertThat(status.getDetailsList())
        .extracting(detail -> detail.getValue().toStringUtf8())
        .containsExactly(
            "{\"info\":{\"filename\":\"Goldfile\",\"data\":\"bGluZTEKbGluZTIK\",\"language\":\"Dockerfile\"},"
                + "\"ranges\":[{\"start\":{\"line\":2},\"end\":{\"line\":2}}]}",
            "{\"digest\":\"" + VERTEX + "\"}",
            "{\"Code\":3}");
  }

  @Test
  void factsComeBackWithTheExceptionOfACall() {
    Fact solve =
        new SolveInputs(
            List.of("in", ""),
            List.of("m"),
            new byte[0],
            Optional.of(new Subject.FileAction(4)),
            "my step");
    BuildFailure failure =
        new NotFound("no such image", new RegistryAnswer("docker.io", 404, "MANIFEST_UNKNOWN", "?"))
            .with(solve)
            .with(new Fact.FromFrontend("dockerfile.v0", ""))
            .with(new Fact.MissingFrontendCap("cap"))
            .with(new Fact.UnsupportedSubrequest("frontend.x"))
            .with(new Fact.MissingCompatibilityFeature(20, "f"))
            .with(
                new Fact.UntoldMaterials(
                    List.of(
                        new Fact.UntoldMaterials.Untold("", "context", "", "", "local_source"),
                        new Fact.UntoldMaterials.Untold("sha256:1", "RUN", "GET", "u", "r"))))
            .with(new ExitedWith(1, "why"));

    StatusRuntimeException thrown = FailureCodec.toException(failure);
    BuildFailure back = FailureCodec.decode(new RuntimeException(thrown));

    assertThat(back.kind()).isEqualTo(FailureKind.NOT_FOUND);
    assertThat(back.text()).isEqualTo("no such image");
    assertThat(back.facts())
        .usingRecursiveFieldByFieldElementComparator()
        .isEqualTo(failure.facts());
  }

  @ParameterizedTest
  @EnumSource(FailureKind.class)
  void everyKindKeepsItsCode(FailureKind kind) {
    BuildFailure failure = BuildFailure.of(kind, "m", Optional.empty(), List.of());

    assertThat(FailureCodec.decode(FailureCodec.toException(failure)).kind()).isEqualTo(kind);
  }

  @Test
  void malformedDetailsAreKeptAsTheyCame() {
    Status status =
        Status.newBuilder()
            .setCode(Code.UNKNOWN.value())
            .setMessage("m")
            .addDetails(detail("errdefs.Vertex", "{\"digest\":"))
            .addDetails(detail("errdefs.Vertex", "{\"digest\":\"nodigest\"}"))
            .addDetails(detail("errdefs.Source", "{\"info\":{\"data\":\"***\"}}"))
            .addDetails(detail("errdefs.Solve", "[1]"))
            .addDetails(detail("errdefs.Frontend", "{\"name\":{\"x\":1}}"))
            .addDetails(detail("errdefs.Nothing", "{}"))
            .build();

    BuildFailure failure = FailureCodec.decode(status);

    assertThat(failure.facts()).allMatch(Fact.Opaque.class::isInstance);
    assertThat(FailureCodec.encode(failure)).isEqualTo(status);
  }

  @Test
  void aBugTellsNothingButItsId() {
    StatusRuntimeException bug = FailureCodec.ofBug("b7");

    assertThat(bug.getStatus().getCode()).isEqualTo(Code.INTERNAL);
    assertThat(bug.getStatus().getDescription()).isEqualTo("internal error b7");
  }

  private static Status status(JsonNode recorded) {
    Status.Builder status =
        Status.newBuilder()
            .setCode(recorded.get("code").asInt())
            .setMessage(recorded.get("message").asString());
    for (JsonNode detail : recorded.path("details")) {
      JsonNode value = detail.get("json");
      status.addDetails(
          Any.newBuilder()
              .setTypeUrl(detail.get("typeUrl").asString())
              .setValue(
                  ByteString.copyFromUtf8(value == null ? "{\"frames\":[]}" : value.toString())));
    }
    return status.build();
  }

  private static Any detail(String name, String json) {
    return Any.newBuilder()
        .setTypeUrl("github.com/moby/buildkit/" + name + "+json")
        .setValue(ByteString.copyFromUtf8(json))
        .build();
  }

  private static JsonNode json(Any detail) {
    return JSON.readTree(detail.getValue().toByteArray());
  }
}
