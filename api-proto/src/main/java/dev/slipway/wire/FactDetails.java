package dev.slipway.wire;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import com.google.rpc.Status;
import dev.slipway.api.errdefs.CompatibilityFeature;
import dev.slipway.api.errdefs.ContentCache;
import dev.slipway.api.errdefs.FileAction;
import dev.slipway.api.errdefs.Frontend;
import dev.slipway.api.errdefs.FrontendCap;
import dev.slipway.api.errdefs.ProvenanceMaterialsIncomplete;
import dev.slipway.api.errdefs.Solve;
import dev.slipway.api.errdefs.Source;
import dev.slipway.api.errdefs.Subrequest;
import dev.slipway.api.errdefs.Vertex;
import dev.slipway.api.gateway.ExitMessage;
import dev.slipway.api.ops.Op;
import dev.slipway.api.ops.SourceInfo;
import dev.slipway.failure.Fact;
import dev.slipway.failure.Fact.AtSource;
import dev.slipway.failure.Fact.AtVertex;
import dev.slipway.failure.Fact.DeniedByPolicy;
import dev.slipway.failure.Fact.ExitedWith;
import dev.slipway.failure.Fact.FromFrontend;
import dev.slipway.failure.Fact.MissingCompatibilityFeature;
import dev.slipway.failure.Fact.MissingFrontendCap;
import dev.slipway.failure.Fact.Opaque;
import dev.slipway.failure.Fact.RegistryAnswer;
import dev.slipway.failure.Fact.SolveInputs;
import dev.slipway.failure.Fact.Subject;
import dev.slipway.failure.Fact.UnsupportedSubrequest;
import dev.slipway.failure.Fact.UntoldMaterials;
import dev.slipway.llb.OpMetadata;
import dev.slipway.llb.SourceMapCodec;
import dev.slipway.oci.Digest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Facts of a failure as details of a status, and back. What is not understood is kept as it came.
final class FactDetails {
  private static final ObjectMapper JSON = JsonMapper.builder().build();
  private static final String PREFIX = "github.com/moby/buildkit/";
  private static final String SUFFIX = "+json";
  private static final String POLICY_DECISION = PREFIX + "policysession.DecisionResponse" + SUFFIX;
  private static final String REGISTRY_ANSWER = "slipway.dev/registry.Answer+json";

  /// A bigger file is named without its content: the details travel in one header.
  private static final int MAX_SOURCE_BYTES = 512 * 1024;

  private static final int UNKNOWN = 2;

  private FactDetails() {}

  static Any encode(Fact fact) {
    return switch (fact) {
      case AtVertex(Digest vertex) ->
          message("errdefs.Vertex", Vertex.newBuilder().setDigest(vertex.toString()));
      case AtSource source -> message("errdefs.Source", encodeSource(source));
      case SolveInputs inputs -> solve(inputs);
      case FromFrontend(String name, String source) ->
          message("errdefs.Frontend", Frontend.newBuilder().setName(name).setSource(source));
      case MissingFrontendCap(String name) ->
          message("errdefs.FrontendCap", FrontendCap.newBuilder().setName(name));
      case UnsupportedSubrequest(String name) ->
          message("errdefs.Subrequest", Subrequest.newBuilder().setName(name));
      case MissingCompatibilityFeature(int version, String feature) ->
          message(
              "errdefs.CompatibilityFeature",
              CompatibilityFeature.newBuilder().setVersion(version).setFeature(feature));
      case UntoldMaterials(List<UntoldMaterials.Untold> untold) ->
          message("errdefs.ProvenanceMaterialsIncomplete", encodeUntold(untold));
      case ExitedWith(int code, String error) ->
          message("gatewayapi.ExitMessage", encodeExit(code, error));
      case DeniedByPolicy(List<String> messages) ->
          any(POLICY_DECISION, JSON.writeValueAsBytes(denial(messages)));
      case RegistryAnswer answer -> registryAnswer(answer);
      case Opaque(String typeUrl, byte[] value) -> any(typeUrl, value);
    };
  }

  private static Any message(String name, Message.Builder message) {
    return any(PREFIX + name + SUFFIX, JSON.writeValueAsBytes(MessageJson.write(message.build())));
  }

  private static Any any(String typeUrl, byte[] value) {
    return Any.newBuilder().setTypeUrl(typeUrl).setValue(ByteString.copyFrom(value)).build();
  }

  private static Source.Builder encodeSource(AtSource source) {
    boolean small = source.data().length <= MAX_SOURCE_BYTES;
    SourceInfo.Builder info =
        SourceInfo.newBuilder()
            .setFilename(source.filename())
            .setLanguage(source.language())
            .setData(small ? ByteString.copyFrom(source.data()) : ByteString.EMPTY);
    if (source.definition().length > 0 && source.definition().length <= MAX_SOURCE_BYTES) {
      try {
        info.setDefinition(dev.slipway.api.ops.Definition.parseFrom(source.definition()));
      } catch (InvalidProtocolBufferException e) {
        throw new IllegalStateException("a source map holds no definition", e);
      }
    }
    return Source.newBuilder()
        .setInfo(info)
        .addAllRanges(SourceMapCodec.encodeRanges(source.ranges()));
  }

  private static ExitMessage.Builder encodeExit(int code, String error) {
    ExitMessage.Builder exit = ExitMessage.newBuilder().setCode(code);
    return error.isEmpty()
        ? exit
        : exit.setError(Status.newBuilder().setCode(UNKNOWN).setMessage(error));
  }

  /// Here the reference writes the enum's name.
  private static ObjectNode denial(List<String> messages) {
    ObjectNode decision = JSON.createObjectNode().put("action", "DENY");
    ArrayNode list = decision.putArray("denyMessages");
    messages.forEach(text -> list.addObject().put("message", text));
    return decision;
  }

  /// This one detail is in the protobuf JSON mapping.
  private static Any solve(SolveInputs inputs) {
    Solve.Builder solve =
        Solve.newBuilder().addAllInputIDs(inputs.inputIds()).addAllMountIDs(inputs.mountIds());
    try {
      if (inputs.op().length > 0) {
        solve.setOp(Op.parseFrom(inputs.op()));
      }
      inputs
          .subject()
          .ifPresent(
              subject -> {
                switch (subject) {
                  case Subject.FileAction(int index) ->
                      solve.setFile(FileAction.newBuilder().setIndex(index));
                  case Subject.CacheOfInput(int index) ->
                      solve.setCache(ContentCache.newBuilder().setIndex(index));
                }
              });
      if (!inputs.description().isEmpty()) {
        solve.putDescription(OpMetadata.CUSTOM_NAME, inputs.description());
      }
      String json = JsonFormat.printer().omittingInsignificantWhitespace().print(solve);
      return any(PREFIX + "errdefs.Solve" + SUFFIX, ByteString.copyFromUtf8(json).toByteArray());
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("a failure holds an op that is none", e);
    }
  }

  private static Any registryAnswer(RegistryAnswer answer) {
    ObjectNode object =
        JSON.createObjectNode()
            .put("host", answer.host())
            .put("httpStatus", answer.httpStatus())
            .put("code", answer.code())
            .put("message", answer.message());
    return any(REGISTRY_ANSWER, JSON.writeValueAsBytes(object));
  }

  static Fact decode(Any detail) {
    byte[] value = detail.getValue().toByteArray();
    try {
      return known(detail.getTypeUrl(), value).orElse(new Opaque(detail.getTypeUrl(), value));
    } catch (JacksonException | IllegalArgumentException | InvalidProtocolBufferException _) {
      return new Opaque(detail.getTypeUrl(), value);
    }
  }

  private static Optional<Fact> known(String typeUrl, byte[] value)
      throws InvalidProtocolBufferException {
    if (typeUrl.equals(REGISTRY_ANSWER)) {
      JsonNode answer = JSON.readTree(value);
      return Optional.of(
          new RegistryAnswer(
              answer.path("host").asString(""),
              answer.path("httpStatus").asInt(0),
              answer.path("code").asString(""),
              answer.path("message").asString("")));
    }
    if (typeUrl.equals(POLICY_DECISION)) {
      List<String> messages = new ArrayList<>();
      JSON.readTree(value)
          .path("denyMessages")
          .forEach(each -> messages.add(each.path("message").asString("")));
      return Optional.of(new DeniedByPolicy(messages));
    }
    if (!typeUrl.startsWith(PREFIX) || !typeUrl.endsWith(SUFFIX)) {
      return Optional.empty();
    }
    String name = typeUrl.substring(PREFIX.length(), typeUrl.length() - SUFFIX.length());
    return switch (name) {
      case "errdefs.Vertex" -> vertex(read(value, Vertex.newBuilder()).getDigest());
      case "errdefs.Source" -> Optional.of(source(read(value, Source.newBuilder())));
      case "errdefs.Solve" -> Optional.of(solve(value));
      case "errdefs.Frontend" -> {
        Frontend.Builder frontend = read(value, Frontend.newBuilder());
        yield Optional.of(new FromFrontend(frontend.getName(), frontend.getSource()));
      }
      case "errdefs.FrontendCap" ->
          Optional.of(new MissingFrontendCap(read(value, FrontendCap.newBuilder()).getName()));
      case "errdefs.Subrequest" ->
          Optional.of(new UnsupportedSubrequest(read(value, Subrequest.newBuilder()).getName()));
      case "errdefs.CompatibilityFeature" -> {
        CompatibilityFeature.Builder feature = read(value, CompatibilityFeature.newBuilder());
        yield Optional.of(
            new MissingCompatibilityFeature((int) feature.getVersion(), feature.getFeature()));
      }
      case "errdefs.ProvenanceMaterialsIncomplete" ->
          Optional.of(
              new UntoldMaterials(
                  read(value, ProvenanceMaterialsIncomplete.newBuilder())
                      .getIncompleteList()
                      .stream()
                      .map(
                          each ->
                              new UntoldMaterials.Untold(
                                  each.getOp(),
                                  each.getName(),
                                  each.getMethod(),
                                  each.getUri(),
                                  each.getReason()))
                      .toList()));
      case "gatewayapi.ExitMessage" -> {
        ExitMessage.Builder exit = read(value, ExitMessage.newBuilder());
        yield Optional.of(new ExitedWith(exit.getCode(), exit.getError().getMessage()));
      }
      default -> Optional.empty();
    };
  }

  private static Message.Builder encodeUntold(List<UntoldMaterials.Untold> untold) {
    ProvenanceMaterialsIncomplete.Builder message = ProvenanceMaterialsIncomplete.newBuilder();
    for (UntoldMaterials.Untold each : untold) {
      message
          .addIncompleteBuilder()
          .setOp(each.op())
          .setName(each.name())
          .setMethod(each.method())
          .setUri(each.uri())
          .setReason(each.reason());
    }
    return message;
  }

  private static <B extends Message.Builder> B read(byte[] value, B message) {
    return MessageJson.read(JSON.readTree(value), message);
  }

  private static Optional<Fact> vertex(String digest) {
    return Digest.isDigest(digest)
        ? Optional.of(new AtVertex(Digest.parse(digest)))
        : Optional.empty();
  }

  private static AtSource source(Source.Builder source) {
    SourceInfo info = source.getInfo();
    return new AtSource(
        info.getFilename(),
        info.getLanguage(),
        info.getData().toByteArray(),
        info.hasDefinition() ? info.getDefinition().toByteArray() : new byte[0],
        SourceMapCodec.decodeRanges(source.getRangesList()));
  }

  private static SolveInputs solve(byte[] value) throws InvalidProtocolBufferException {
    Solve.Builder solve = Solve.newBuilder();
    JsonFormat.parser()
        .ignoringUnknownFields()
        .merge(ByteString.copyFrom(value).toStringUtf8(), solve);
    Optional<Subject> subject =
        switch (solve.getSubjectCase()) {
          case FILE -> Optional.of(new Subject.FileAction((int) solve.getFile().getIndex()));
          case CACHE -> Optional.of(new Subject.CacheOfInput((int) solve.getCache().getIndex()));
          case SUBJECT_NOT_SET -> Optional.empty();
        };
    return new SolveInputs(
        List.copyOf(solve.getInputIDsList()),
        List.copyOf(solve.getMountIDsList()),
        solve.hasOp() ? solve.getOp().toByteArray() : new byte[0],
        subject,
        solve.getDescriptionOrDefault(OpMetadata.CUSTOM_NAME, ""));
  }
}
