package dev.slipway.wire;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import dev.slipway.api.errdefs.CompatibilityFeature;
import dev.slipway.api.errdefs.ContentCache;
import dev.slipway.api.errdefs.FileAction;
import dev.slipway.api.errdefs.Frontend;
import dev.slipway.api.errdefs.FrontendCap;
import dev.slipway.api.errdefs.Solve;
import dev.slipway.api.errdefs.Source;
import dev.slipway.api.errdefs.Subrequest;
import dev.slipway.api.errdefs.Vertex;
import dev.slipway.api.gateway.ExitMessage;
import dev.slipway.api.ops.Definition;
import dev.slipway.api.ops.Op;
import dev.slipway.api.ops.Position;
import dev.slipway.api.ops.Range;
import dev.slipway.api.ops.SourceInfo;
import dev.slipway.failure.Fact;
import dev.slipway.failure.Fact.AtSource;
import dev.slipway.failure.Fact.SolveInputs;
import dev.slipway.failure.Fact.SourceRange;
import dev.slipway.failure.Fact.Subject;
import dev.slipway.oci.Digest;
import java.util.List;
import java.util.Optional;

/// One fact of a failure as a typed detail: JSON text in an `Any` whose type URL says which. Details of unknown or broken form are kept as
/// they came. Pure.
final class FactCodec {
  private static final String PREFIX = "github.com/moby/buildkit/";
  private static final String SUFFIX = "+json";
  private static final JsonFormat.Printer PRINTER =
      JsonFormat.printer().omittingInsignificantWhitespace().preservingProtoFieldNames();
  private static final JsonFormat.Parser PARSER = JsonFormat.parser().ignoringUnknownFields();

  private FactCodec() {}

  /// @return empty for facts that have no form on the wire (the message says them)
  static Optional<Any> encode(Fact fact) {
    return switch (fact) {
      case Fact.AtVertex at ->
          detail("errdefs.Vertex", Vertex.newBuilder().setDigest(at.vertex().toString()).build());
      case AtSource source -> detail("errdefs.Source", source(source));
      case SolveInputs solve -> detail("errdefs.Solve", solve(solve));
      case Fact.FromFrontend frontend ->
          detail("errdefs.Frontend", Frontend.newBuilder().setName(frontend.name()).setSource(frontend.source()).build());
      case Fact.MissingFrontendCap cap ->
          detail("errdefs.FrontendCap", FrontendCap.newBuilder().setName(cap.name()).build());
      case Fact.UnsupportedSubrequest request ->
          detail("errdefs.Subrequest", Subrequest.newBuilder().setName(request.name()).build());
      case Fact.MissingCompatibilityFeature missing ->
          detail(
              "errdefs.CompatibilityFeature",
              CompatibilityFeature.newBuilder().setVersion(missing.version()).setFeature(missing.feature()).build());
      case Fact.ExitedWith exited -> exit(exited);
      case Fact.Opaque opaque ->
          Optional.of(
              Any.newBuilder().setTypeUrl(opaque.typeUrl()).setValue(ByteString.copyFrom(opaque.value())).build());
      case Fact.RegistryAnswer _ -> Optional.empty();
    };
  }

  static Optional<Fact> decode(Any detail) {
    String url = detail.getTypeUrl();
    if (!url.startsWith(PREFIX) || !url.endsWith(SUFFIX)) {
      return Optional.of(opaque(detail));
    }
    String json = detail.getValue().toStringUtf8();
    try {
      return Optional.of(
          switch (url.substring(PREFIX.length(), url.length() - SUFFIX.length())) {
            case "errdefs.Vertex" -> new Fact.AtVertex(Digest.parse(parse(json, Vertex.newBuilder()).getDigest()));
            case "errdefs.Source" -> source(parse(json, Source.newBuilder()));
            case "errdefs.Solve" -> solve(parse(json, Solve.newBuilder()));
            case "errdefs.Frontend" -> {
              Frontend.Builder frontend = parse(json, Frontend.newBuilder());
              yield new Fact.FromFrontend(frontend.getName(), frontend.getSource());
            }
            case "errdefs.FrontendCap" -> new Fact.MissingFrontendCap(parse(json, FrontendCap.newBuilder()).getName());
            case "errdefs.Subrequest" ->
                new Fact.UnsupportedSubrequest(parse(json, Subrequest.newBuilder()).getName());
            case "errdefs.CompatibilityFeature" -> {
              CompatibilityFeature.Builder missing = parse(json, CompatibilityFeature.newBuilder());
              yield new Fact.MissingCompatibilityFeature(Math.toIntExact(missing.getVersion()), missing.getFeature());
            }
            case "gatewayapi.ExitMessage" -> {
              ExitMessage.Builder exit = parse(json, ExitMessage.newBuilder());
              yield new Fact.ExitedWith(exit.getCode(), exit.getError().getMessage());
            }
            default -> opaque(detail);
          });
    } catch (InvalidProtocolBufferException | RuntimeException _) {
      return Optional.of(opaque(detail));
    }
  }

  private static Fact opaque(Any detail) {
    return new Fact.Opaque(detail.getTypeUrl(), detail.getValue().toByteArray());
  }

  private static <B extends Message.Builder> B parse(String json, B builder) throws InvalidProtocolBufferException {
    PARSER.merge(json, builder);
    return builder;
  }

  private static Optional<Any> detail(String name, Message message) {
    try {
      return Optional.of(json(name, PRINTER.print(message)));
    } catch (InvalidProtocolBufferException impossible) {
      throw new IllegalStateException("a detail without Any fields is always printable", impossible);
    }
  }

  private static Any json(String name, String text) {
    return Any.newBuilder().setTypeUrl(PREFIX + name + SUFFIX).setValue(ByteString.copyFromUtf8(text)).build();
  }

  /// Go's JSON of this one message has a number where protobuf's JSON would have one too: written by the same printer.
  private static Optional<Any> exit(Fact.ExitedWith exited) {
    ExitMessage.Builder exit = ExitMessage.newBuilder().setCode(exited.exitCode());
    if (!exited.error().isEmpty()) {
      exit.setError(com.google.rpc.Status.newBuilder().setMessage(exited.error()));
    }
    return detail("gatewayapi.ExitMessage", exit.build());
  }

  private static Source source(AtSource at) {
    SourceInfo.Builder info =
        SourceInfo.newBuilder()
            .setFilename(at.filename())
            .setLanguage(at.language())
            .setData(ByteString.copyFrom(at.data()));
    if (at.definition().length > 0) {
      try {
        info.setDefinition(Definition.parseFrom(at.definition()));
      } catch (InvalidProtocolBufferException impossible) {
        throw new IllegalStateException("a source carries an unreadable definition", impossible);
      }
    }
    Source.Builder source = Source.newBuilder().setInfo(info);
    for (SourceRange range : at.ranges()) {
      source.addRanges(
          Range.newBuilder()
              .setStart(Position.newBuilder().setLine(range.startLine()).setCharacter(range.startCharacter()))
              .setEnd(Position.newBuilder().setLine(range.endLine()).setCharacter(range.endCharacter())));
    }
    return source.build();
  }

  private static AtSource source(Source.Builder message) {
    List<SourceRange> ranges =
        message.getRangesList().stream()
            .map(
                range ->
                    new SourceRange(
                        range.getStart().getLine(),
                        range.getStart().getCharacter(),
                        range.getEnd().getLine(),
                        range.getEnd().getCharacter()))
            .toList();
    SourceInfo info = message.getInfo();
    return new AtSource(
        info.getFilename(),
        info.getLanguage(),
        info.getData().toByteArray(),
        info.getDefinition().toByteArray(),
        ranges);
  }

  private static Solve solve(SolveInputs inputs) {
    Solve.Builder solve =
        Solve.newBuilder().addAllInputIDs(inputs.inputIds()).addAllMountIDs(inputs.mountIds());
    if (inputs.op().length > 0) {
      try {
        solve.setOp(Op.parseFrom(inputs.op()));
      } catch (InvalidProtocolBufferException impossible) {
        throw new IllegalStateException("a failure carries an unreadable op", impossible);
      }
    }
    inputs
        .subject()
        .ifPresent(
            subject -> {
              switch (subject) {
                case Subject.FileAction action -> solve.setFile(FileAction.newBuilder().setIndex(action.index()));
                case Subject.CacheOfInput input -> solve.setCache(ContentCache.newBuilder().setIndex(input.index()));
              }
            });
    return solve.build();
  }

  private static SolveInputs solve(Solve.Builder message) {
    Optional<Subject> subject =
        switch (message.getSubjectCase()) {
          case FILE -> Optional.of(new Subject.FileAction(Math.toIntExact(message.getFile().getIndex())));
          case CACHE -> Optional.of(new Subject.CacheOfInput(Math.toIntExact(message.getCache().getIndex())));
          case SUBJECT_NOT_SET -> Optional.empty();
        };
    return new SolveInputs(
        message.getInputIDsList(), message.getMountIDsList(), message.getOp().toByteArray(), subject, "");
  }
}
