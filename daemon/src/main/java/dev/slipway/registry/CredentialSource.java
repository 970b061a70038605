package dev.slipway.registry;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// Who knows the passwords: usually the client of a build, asked through its session. Blocking;
/// thread-safe.
public interface CredentialSource {
  /// Tells credential sources apart: tokens got through one are never used for another. Empty text
  /// for nobody.
  String identity();

  /// What all sources with the same credentials for a host are called, once they have proven that
  /// they have them: they share tokens.
  ///
  /// @return empty when this one proves nothing
  default Optional<String> provenIdentity(String host) {
    return Optional.empty();
  }

  /// Name and password for a host; `registry-1.docker.io` for the Hub.
  ///
  /// @return empty for anonymous access, also when nobody answers this question
  Optional<Credential> credential(String host);

  /// Asks for a token bought elsewhere, so that the password stays there.
  ///
  /// @return empty when this source buys no tokens
  Optional<Token> fetchToken(TokenRequest request);

  /// Nobody: anonymous access only.
  static CredentialSource none() {
    return new CredentialSource() {
      @Override
      public String identity() {
        return "";
      }

      @Override
      public Optional<Credential> credential(String host) {
        return Optional.empty();
      }

      @Override
      public Optional<Token> fetchToken(TokenRequest request) {
        return Optional.empty();
      }
    };
  }

  /// @param username empty when the secret is an identity token
  record Credential(String username, String secret) {
    @Override
    public String toString() {
      return "Credential[" + username + "]";
    }
  }

  /// @param realm URL of the token server
  /// @param scopes such as `repository:library/alpine:pull`
  record TokenRequest(
      String clientId, String host, String realm, String service, List<String> scopes) {
    public TokenRequest {
      scopes = List.copyOf(scopes);
    }
  }

  /// @param issuedAt empty: when it was received
  record Token(String value, Duration validFor, Optional<Instant> issuedAt) {
    @Override
    public String toString() {
      return "Token[" + validFor + "]";
    }
  }
}
