package dev.slipway.session;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.slipway.api.auth.AuthGrpc;
import dev.slipway.api.auth.FetchTokenRequest;
import dev.slipway.api.auth.FetchTokenResponse;
import dev.slipway.api.auth.GetTokenAuthorityRequest;
import dev.slipway.api.auth.GetTokenAuthorityResponse;
import dev.slipway.api.auth.VerifyTokenAuthorityRequest;
import dev.slipway.api.auth.VerifyTokenAuthorityResponse;
import dev.slipway.registry.CredentialSource.TokenRequest;
import dev.slipway.session.testing.SessionFixture;
import io.grpc.BindableService;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.interfaces.EdECPublicKey;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Clients that buy tokens themselves, and which of them may share what they bought.
class SessionCredentialsTest {
  private static final String HOST = "registry.example";
  private static final TokenRequest WANTED =
      new TokenRequest("buildkit-client", HOST, "https://auth.example", "s", List.of("x"));

  @TempDir Path folder;
  private SessionFixture clients;
  private final TokenAuthority authority = TokenAuthority.create();

  @BeforeEach
  void start() {
    clients = new SessionFixture(folder);
  }

  @AfterEach
  void stop() {
    clients.close();
  }

  private SessionCredentials of(BindableService... services) {
    String id = clients.connect(services);
    return new SessionCredentials(
        new SessionGroup(clients.sessions(), () -> List.of(id)), authority);
  }

  private static KeyPair key() throws GeneralSecurityException {
    return KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
  }

  @Test
  void clientsWithTheSameCredentialsAreKnownByTheSameName() throws GeneralSecurityException {
    KeyPair mine = key();
    Optional<String> one = of(new Buyer(mine, mine)).provenIdentity(HOST);

    assertThat(one).isPresent();
    assertThat(of(new Buyer(mine, mine)).provenIdentity(HOST)).isEqualTo(one);
    assertThat(of(new Buyer(key(), key())).provenIdentity(HOST)).isNotEqualTo(one);
  }

  @Test
  void aKeyThatTheClientDoesNotHaveProvesNothing() throws GeneralSecurityException {
    Buyer pretender = new Buyer(key(), key());

    assertThat(of(pretender).provenIdentity(HOST)).isEmpty();
  }

  @Test
  void clientsThatKnowNothingOfItProveNothing() {
    assertThat(of().provenIdentity(HOST)).isEmpty();
    assertThat(of(new AuthGrpc.AuthImplBase() {}).provenIdentity(HOST)).isEmpty();
    assertThat(of().fetchToken(WANTED)).isEmpty();
  }

  @Test
  void aClientThatWasToldToBuyNoTokensIsNotAskedForOne() throws GeneralSecurityException {
    Buyer willing = new Buyer(key(), key());
    Buyer declining = new Buyer(key(), key());
    declining.refusal =
        Optional.of(Status.UNAVAILABLE.withDescription("client side tokens disabled"));

    assertThat(of(willing).fetchToken(WANTED).orElseThrow().value()).isEqualTo("bought");
    assertThat(of(declining).fetchToken(WANTED)).isEmpty();
    assertThat(of(declining).provenIdentity(HOST)).isEmpty();
  }

  /// @param named whose public half is told
  /// @param own what is signed with
  private static final class Buyer extends AuthGrpc.AuthImplBase {
    private final KeyPair named;
    private final KeyPair own;
    private Optional<Status> refusal = Optional.empty();

    Buyer(KeyPair named, KeyPair own) {
      this.named = named;
      this.own = own;
    }

    @Override
    public void fetchToken(FetchTokenRequest request, StreamObserver<FetchTokenResponse> answers) {
      answers.onNext(FetchTokenResponse.newBuilder().setToken("bought").build());
      answers.onCompleted();
    }

    @Override
    public void getTokenAuthority(
        GetTokenAuthorityRequest request, StreamObserver<GetTokenAuthorityResponse> answers) {
      if (refusal.isPresent()) {
        answers.onError(refusal.get().asRuntimeException());
        return;
      }
      answers.onNext(
          GetTokenAuthorityResponse.newBuilder()
              .setPublicKey(ByteString.copyFrom(raw((EdECPublicKey) named.getPublic())))
              .build());
      answers.onCompleted();
    }

    @Override
    public void verifyTokenAuthority(
        VerifyTokenAuthorityRequest request, StreamObserver<VerifyTokenAuthorityResponse> answers) {
      answers.onNext(
          VerifyTokenAuthorityResponse.newBuilder()
              .setSigned(ByteString.copyFrom(signed(request.getPayload().toByteArray())))
              .build());
      answers.onCompleted();
    }

    private byte[] signed(byte[] payload) {
      try {
        Signature signer = Signature.getInstance("Ed25519");
        signer.initSign(own.getPrivate());
        signer.update(payload);
        ByteArrayOutputStream message = new ByteArrayOutputStream();
        message.writeBytes(signer.sign());
        message.writeBytes(payload);
        return message.toByteArray();
      } catch (GeneralSecurityException failed) {
        throw new IllegalStateException(failed);
      }
    }

    private static byte[] raw(EdECPublicKey key) {
      byte[] big = key.getPoint().getY().toByteArray();
      byte[] raw = new byte[32];
      for (int i = 0; i < Math.min(32, big.length); i++) {
        raw[i] = big[big.length - 1 - i];
      }
      if (key.getPoint().isXOdd()) {
        raw[31] |= (byte) 0x80;
      }
      return raw;
    }
  }
}
