package dev.slipway.remotecache.gha;

import dev.slipway.failure.CorruptData;
import dev.slipway.failure.Unauthenticated;
import dev.slipway.oci.json.OciJson;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import tools.jackson.databind.JsonNode;

/// What a token (a JWT, whose signature is the service's concern) says of itself.
///
/// @param scopes in the token's order
/// @param access the claim that names the scopes, as it stands there
record GhaToken(List<Scope> scopes, String access) {
  private static final int WRITE = 2;

  GhaToken {
    scopes = List.copyOf(scopes);
  }

  /// @param name of a branch or tag, such as `refs/heads/main`
  record Scope(String name, boolean writable) {}

  /// The scope that is written to: the last that may be; empty text when there is none.
  String written() {
    return scopes.stream()
        .filter(Scope::writable)
        .reduce((_, last) -> last)
        .map(Scope::name)
        .orElse("");
  }

  /// @throws Unauthenticated it is no token, or not for now
  static GhaToken parse(String token, Instant now) {
    JsonNode claims = claims(token);
    Instant expires = Instant.ofEpochSecond(claims.path("exp").asLong(0));
    if (!claims.path("ac").isString()) {
      throw new Unauthenticated("invalid token without access controls");
    }
    if (!claims.path("exp").isNumber() || !claims.path("nbf").isNumber()) {
      throw new Unauthenticated("invalid token without expiration time");
    }
    if (now.isAfter(expires)) {
      throw new Unauthenticated("cache token expired at " + expires);
    }
    Instant begins = Instant.ofEpochSecond(claims.path("nbf").asLong(0));
    if (now.isBefore(begins)) {
      throw new Unauthenticated("invalid token with future issue time " + begins);
    }
    String access = claims.path("ac").asString("");
    return new GhaToken(scopes(access), access);
  }

  private static JsonNode claims(String token) {
    String[] parts = token.split("\\.", -1);
    if (parts.length != 3) {
      throw new Unauthenticated(
          "token for github actions cache contains an invalid number of segments");
    }
    try {
      return OciJson.object(Base64.getUrlDecoder().decode(parts[1]), "token's claims");
    } catch (IllegalArgumentException | CorruptData malformed) {
      throw new Unauthenticated("token for github actions cache is malformed", malformed);
    }
  }

  private static List<Scope> scopes(String access) {
    byte[] wrapped = ("{\"ac\":" + access + "}").getBytes(StandardCharsets.UTF_8);
    List<Scope> scopes = new ArrayList<>();
    try {
      for (JsonNode each : OciJson.object(wrapped, "token's access controls").path("ac")) {
        scopes.add(
            new Scope(
                each.path("Scope").asString(""), (each.path("Permission").asInt(0) & WRITE) != 0));
      }
    } catch (CorruptData malformed) {
      throw new Unauthenticated("failed to parse token access controls", malformed);
    }
    return scopes;
  }
}
