package dev.slipway.session;

import dev.slipway.api.auth.AuthGrpc;
import dev.slipway.api.auth.CredentialsRequest;
import dev.slipway.api.auth.CredentialsResponse;
import dev.slipway.api.auth.FetchTokenRequest;
import dev.slipway.api.auth.FetchTokenResponse;
import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.FailureKind;
import dev.slipway.registry.CredentialSource;
import io.grpc.MethodDescriptor;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/// The credentials of a build's clients (surface reference 2.5). A client that serves no such
/// method, or answers that it does not, has none; the next one is asked only when a client cannot
/// answer at all. Blocking; thread-safe.
public final class SessionCredentials implements CredentialSource {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration DEFAULT_VALIDITY = Duration.ofSeconds(60);

  private final SessionGroup sessions;
  private final TokenAuthority authority;

  public SessionCredentials(SessionGroup sessions, TokenAuthority authority) {
    this.sessions = sessions;
    this.authority = authority;
  }

  /// The first client: its tokens are not for builds of others.
  @Override
  public String identity() {
    List<String> ids = sessions.ids();
    return ids.isEmpty() ? "" : ids.getFirst();
  }

  @Override
  public Optional<String> provenIdentity(String host) {
    return sessions.ids().isEmpty()
        ? Optional.empty()
        : sessions.any(session -> authority.prove(session, host));
  }

  @Override
  public Optional<Credential> credential(String host) {
    CredentialsRequest request = CredentialsRequest.newBuilder().setHost(host).build();
    Optional<CredentialsResponse> answer =
        ask(
            AuthGrpc.getCredentialsMethod(),
            "credentials for " + host,
            stub -> stub.credentials(request));
    return answer
        .filter(found -> !found.getUsername().isEmpty() || !found.getSecret().isEmpty())
        .map(found -> new Credential(found.getUsername(), found.getSecret()));
  }

  @Override
  public Optional<Token> fetchToken(TokenRequest request) {
    if (sessions.ids().isEmpty()
        || !sessions.any(session -> authority.buysTokens(session, request.host()))) {
      return Optional.empty();
    }
    FetchTokenRequest message =
        FetchTokenRequest.newBuilder()
            .setClientID(request.clientId())
            .setHost(request.host())
            .setRealm(request.realm())
            .setService(request.service())
            .addAllScopes(request.scopes())
            .build();
    return ask(
            AuthGrpc.getFetchTokenMethod(),
            "token for " + request.host(),
            stub -> stub.fetchToken(message))
        .filter(answer -> !answer.getToken().isEmpty())
        .map(SessionCredentials::token);
  }

  private static Token token(FetchTokenResponse answer) {
    Duration validity =
        answer.getExpiresIn() > 0 ? Duration.ofSeconds(answer.getExpiresIn()) : DEFAULT_VALIDITY;
    Optional<Instant> issued =
        answer.getIssuedAt() > 0
            ? Optional.of(Instant.ofEpochSecond(answer.getIssuedAt()))
            : Optional.empty();
    return new Token(answer.getToken(), validity, issued);
  }

  private <T> Optional<T> ask(
      MethodDescriptor<?, ?> method, String doing, Function<AuthGrpc.AuthBlockingStub, T> call) {
    if (sessions.ids().isEmpty()) {
      return Optional.empty();
    }
    return sessions.any(session -> ask(session, method, doing, call));
  }

  private static <T> Optional<T> ask(
      Session session,
      MethodDescriptor<?, ?> method,
      String doing,
      Function<AuthGrpc.AuthBlockingStub, T> call) {
    if (!session.supports("/" + method.getFullMethodName())) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          call.apply(
              AuthGrpc.newBlockingStub(session.channel())
                  .withDeadlineAfter(PATIENCE.toNanos(), TimeUnit.NANOSECONDS)));
    } catch (StatusRuntimeException failed) {
      BuildFailure failure = ClientFailures.of(failed, doing);
      if (failure.kind() == FailureKind.UNSUPPORTED) {
        return Optional.empty();
      }
      throw failure;
    }
  }
}
