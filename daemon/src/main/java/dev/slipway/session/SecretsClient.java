package dev.slipway.session;

import dev.slipway.api.secrets.GetSecretRequest;
import dev.slipway.api.secrets.SecretsGrpc;
import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.FailureKind;
import dev.slipway.failure.InvalidRequest;
import io.grpc.StatusRuntimeException;
import java.util.Optional;

/// Secrets that clients hold. Blocking; thread-safe.
public final class SecretsClient {
  private static final int MAX_BYTES = 500 * 1024;

  private SecretsClient() {}

  /// The bytes of a secret, from the first session that answers. They are never logged.
  ///
  /// @return empty when the client does not have it, or serves no secrets at all
  /// @throws BuildFailure the client could not be asked
  public static Optional<byte[]> find(SessionGroup sessions, String id) {
    return sessions.any(session -> find(session, id));
  }

  /// The same of one session.
  public static Optional<byte[]> find(Session session, String id) {
    try {
      byte[] data =
          SecretsGrpc.newBlockingStub(session.channel())
              .getSecret(GetSecretRequest.newBuilder().setID(id).build())
              .getData()
              .toByteArray();
      if (data.length > MAX_BYTES) {
        throw new InvalidRequest(
            "secret "
                + id
                + " has "
                + data.length
                + " bytes; at most "
                + MAX_BYTES
                + " are allowed");
      }
      return Optional.of(data);
    } catch (StatusRuntimeException failed) {
      BuildFailure failure = ClientFailures.of(failed, "secret " + id);
      if (failure.kind() == FailureKind.NOT_FOUND || failure.kind() == FailureKind.UNSUPPORTED) {
        return Optional.empty();
      }
      throw failure;
    }
  }
}
