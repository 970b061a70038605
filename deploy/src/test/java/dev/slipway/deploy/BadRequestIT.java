package dev.slipway.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import dev.slipway.api.control.ListWorkersRequest;
import dev.slipway.api.control.SolveRequest;
import dev.slipway.api.control.StatusRequest;
import dev.slipway.api.ops.Definition;
import dev.slipway.api.ops.Op;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Requests that are wrong in themselves get the reference's answers, and the daemon goes on.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class BadRequestIT {
  private static final JsonMapper JSON = new JsonMapper();

  private BuildSite site;
  private DaemonChannel channel;

  @BeforeAll
  void open(@TempDir Path folder) {
    site = BuildSite.open(folder);
    channel = DaemonChannel.to(site.daemon);
  }

  @AfterAll
  void close() {
    channel.close();
    site.close();
  }

  @AfterEach
  void theDaemonIsUnharmed() {
    assertThat(site.daemon.isAlive()).isTrue();
    assertThat(
            channel.control().listWorkers(ListWorkersRequest.getDefaultInstance()).getRecordCount())
        .isPositive();
  }

  /// One Dockerfile that is wrong, what it was offered with, and the reference's answer.
  ///
  /// @param line the line the message is about; 0: none
  record BadDockerfile(
      String name,
      Map<String, String> files,
      Map<String, String> options,
      String message,
      int line) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<BadDockerfile> badDockerfiles() {
    return recorded("/dockerfile-errors.jsonl")
        .map(
            error ->
                new BadDockerfile(
                    error.path("name").asString(),
                    texts(error.path("files")),
                    texts(error.path("options")),
                    error.path("message").asString(),
                    error.path("line").asInt()));
  }

  @ParameterizedTest
  @MethodSource("badDockerfiles")
  void aDockerfileErrorSaysWhatIsWrongAndWhere(BadDockerfile bad) {
    Path context = site.context("dockerfile-" + bad.name(), bad.files());
    Tool build =
        site.buildctl()
            .with("build", "--frontend", "dockerfile.v0", "--progress", "plain")
            .with("--local", "context=" + context, "--local", "dockerfile=" + context);
    for (Map.Entry<String, String> option : bad.options().entrySet()) {
      build = build.with("--opt", option.getKey() + "=" + option.getValue());
    }

    Tool.Outcome outcome = build.run();

    assertThat(outcome.exit()).as("%s", outcome).isNotZero();
    assertThat(outcome.err()).contains(bad.message());
    if (bad.line() > 0) {
      String text = bad.files().getOrDefault("Dockerfile", "").lines().toList().get(bad.line() - 1);
      assertThat(outcome.err()).contains("Dockerfile:" + bad.line()).contains(">>> " + text);
    }
  }

  /// A definition that is wrong, and the reference's answer.
  record BadDefinition(String name, Definition definition, int code, String message) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<BadDefinition> badDefinitions() {
    return recorded("/definition-errors.jsonl")
        .map(
            error -> {
              byte[] bytes = Base64.getDecoder().decode(error.path("definition").asString());
              try {
                return new BadDefinition(
                    error.path("name").asString(),
                    Definition.parseFrom(bytes),
                    error.path("code").asInt(),
                    error.path("message").asString());
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
  }

  @ParameterizedTest
  @MethodSource("badDefinitions")
  void aWrongDefinitionIsRefusedAsTheReferenceDoes(BadDefinition bad) {
    StatusRuntimeException refusal =
        refusal(DaemonChannel.request().setDefinition(bad.definition()).build());

    // The reference says UNKNOWN of each, and names no op: see DIFFERENCES.md.
    assertThat(bad.code()).isEqualTo(Status.Code.UNKNOWN.value());
    assertThat(refusal.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    // A pattern list that is no JSON is told in the words of the JSON library.
    String message =
        bad.name().equals("bad-localattr")
            ? "failed to load cache key: invalid value for local.includepattern"
            : bad.message();
    assertThat(refusal.getStatus().getDescription()).startsWith(message);
  }

  @Test
  void aDefinitionWithAnOpOfTheFutureIsRefused() {
    // Field 15 of Op is none of ours; what it holds must not be taken for an op without work.
    ByteString unknown = ByteString.copyFrom(new byte[] {0x7a, 0x02, 0x08, 0x01});

    StatusRuntimeException refusal =
        refusal(DaemonChannel.request().setDefinition(Llb.of(unknown)).build());

    assertThat(refusal.getStatus().getDescription())
        .containsAnyOf("no support for", "failed to load LLB");
  }

  @Test
  void aDefinitionThatNeedsItselfIsRefused() {
    Op op = Op.newBuilder().build();
    Definition.Builder definition = Definition.newBuilder();
    // Two ops cannot contain each other's digests, so a circle always shows as an input that is not
    // there.
    String other = Llb.digest(ByteString.copyFromUtf8("another op"));
    Op first =
        op.toBuilder().addInputs(dev.slipway.api.ops.Input.newBuilder().setDigest(other)).build();
    Op second =
        op.toBuilder()
            .addInputs(
                dev.slipway.api.ops.Input.newBuilder().setDigest(Llb.digest(first.toByteString())))
            .build();
    definition.addDef(first.toByteString()).addDef(second.toByteString());

    StatusRuntimeException refusal =
        refusal(DaemonChannel.request().setDefinition(definition).build());

    assertThat(refusal.getStatus().getDescription())
        .startsWith("failed to load LLB: invalid missing input digest " + other);
  }

  @Test
  void anUnknownFrontendIsNamed() {
    StatusRuntimeException refusal =
        refusal(DaemonChannel.request().setFrontend("nosuch.v9").build());

    assertThat(refusal.getStatus().getDescription()).contains("invalid frontend: nosuch.v9");
  }

  @Test
  void anUnknownSessionIsNamed() {
    SolveRequest request =
        DaemonChannel.request().setFrontend("dockerfile.v0").setSession("nosuchsession").build();

    assertThat(refusal(request).getStatus().getDescription()).contains("nosuchsession");
  }

  @Test
  void theStatusOfAnUnknownBuildIsNotFound() {
    StatusRuntimeException refusal =
        catchThrowableOfType(
            StatusRuntimeException.class,
            () ->
                channel
                    .control()
                    .status(StatusRequest.newBuilder().setRef("nosuch").build())
                    .hasNext());

    assertThat(refusal.getStatus().getCode()).isEqualTo(Status.Code.NOT_FOUND);
    assertThat(refusal.getStatus().getDescription()).isEqualTo("no such job nosuch");
  }

  private StatusRuntimeException refusal(SolveRequest request) {
    return catchThrowableOfType(
        StatusRuntimeException.class, () -> channel.control().solve(request));
  }

  private static Stream<JsonNode> recorded(String resource) {
    try (var stream = BadRequestIT.class.getResourceAsStream(resource)) {
      List<String> lines =
          new String(stream.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
      return lines.stream().map(JSON::readTree);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Map<String, String> texts(JsonNode object) {
    Map<String, String> texts = new TreeMap<>();
    object.properties().forEach(entry -> texts.put(entry.getKey(), entry.getValue().asString()));
    return texts;
  }
}
