package dev.slipway.client.session;

import com.google.protobuf.ByteString;
import dev.slipway.api.secrets.GetSecretRequest;
import dev.slipway.api.secrets.GetSecretResponse;
import dev.slipway.api.secrets.SecretsGrpc;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.Map;

/// Secrets that a build may ask for, by id. Thread-safe.
public final class SecretFiles extends SecretsGrpc.SecretsImplBase {
  private final Map<String, Secret> secrets;

  /// Reads the secret when it is asked for.
  @FunctionalInterface
  public interface Secret {
    byte[] read() throws IOException;
  }

  public SecretFiles(Map<String, Secret> secrets) {
    this.secrets = Map.copyOf(secrets);
  }

  @Override
  public void getSecret(GetSecretRequest request, StreamObserver<GetSecretResponse> answers) {
    Secret secret = secrets.get(request.getID());
    if (secret == null) {
      answers.onError(
          Status.NOT_FOUND
              .withDescription("secret " + request.getID() + " not found")
              .asRuntimeException());
      return;
    }
    try {
      answers.onNext(
          GetSecretResponse.newBuilder().setData(ByteString.copyFrom(secret.read())).build());
      answers.onCompleted();
    } catch (IOException failure) {
      answers.onError(
          Status.UNAVAILABLE
              .withDescription(
                  "cannot read secret " + request.getID() + ": " + failure.getMessage())
              .asRuntimeException());
    }
  }
}
