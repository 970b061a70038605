package dev.slipway.frontend.gateway;

import dev.slipway.api.policysession.CheckPolicyRequest;
import dev.slipway.api.policysession.CheckPolicyResponse;
import dev.slipway.api.policysession.DecisionResponse;
import dev.slipway.api.policysession.DenyMessage;
import dev.slipway.api.policysession.PolicyVerifierGrpc;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.frontend.ResolvedSource;
import dev.slipway.frontend.SourceQuery;
import dev.slipway.llb.LlbDecoder;
import dev.slipway.llb.LlbEncoder;
import dev.slipway.llb.SourceOp;
import dev.slipway.oci.Platform;
import dev.slipway.wire.FailureCodec;
import io.grpc.Channel;
import io.grpc.StatusRuntimeException;
import java.util.List;
import java.util.Optional;

/// A client that decides about each source of its build. Blocking; immutable.
public final class PolicyVerifier {
  private final Channel channel;

  /// @param channel to the client
  public PolicyVerifier(Channel channel) {
    this.channel = channel;
  }

  /// What the client says to a source.
  public sealed interface Answer {
    record Allow() implements Answer {}

    /// @param action the decision's name on the wire
    /// @param messages for the user
    record Deny(String action, List<String> messages) implements Answer {
      public Deny {
        messages = List.copyOf(messages);
      }
    }

    record Convert(SourceOp source) implements Answer {}

    /// It wants to know more first.
    record Ask(SourceOp source, SourceQuery query) implements Answer {}
  }

  /// Asks once.
  ///
  /// @param platform of the op, if it has one
  /// @param known the source and what was found out about it
  /// @throws dev.slipway.failure.BuildFailure the client's own, when it refuses to answer
  public Answer check(Optional<Platform> platform, ResolvedSource known) {
    CheckPolicyRequest.Builder request =
        CheckPolicyRequest.newBuilder().setSource(SourceMessages.encode(known));
    platform.map(LlbEncoder::platform).ifPresent(request::setPlatform);
    try {
      return answer(PolicyVerifierGrpc.newBlockingStub(channel).checkPolicy(request.build()));
    } catch (StatusRuntimeException failed) {
      throw FailureCodec.decode(failed);
    }
  }

  private static Answer answer(CheckPolicyResponse response) {
    return switch (response.getResultCase()) {
      case REQUEST ->
          new Answer.Ask(
              SourceMessages.source(response.getRequest()),
              SourceMessages.query(response.getRequest()));
      case DECISION -> decision(response.getDecision());
      case RESULT_NOT_SET -> throw new InvalidRequest("no decision in policy response");
    };
  }

  private static Answer decision(DecisionResponse decision) {
    return switch (decision.getAction()) {
      case ALLOW -> new Answer.Allow();
      case CONVERT -> {
        if (!decision.hasUpdate()) {
          throw new InvalidRequest("convert action requires updated source");
        }
        yield new Answer.Convert(LlbDecoder.source(decision.getUpdate()));
      }
      case DENY ->
          new Answer.Deny(
              "DENY",
              decision.getDenyMessagesList().stream().map(DenyMessage::getMessage).toList());
      case UNRECOGNIZED ->
          new Answer.Deny(
              Integer.toString(decision.getActionValue()),
              decision.getDenyMessagesList().stream().map(DenyMessage::getMessage).toList());
    };
  }
}
