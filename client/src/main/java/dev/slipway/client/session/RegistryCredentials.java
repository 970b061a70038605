package dev.slipway.client.session;

import dev.slipway.api.auth.AuthGrpc;
import dev.slipway.api.auth.CredentialsRequest;
import dev.slipway.api.auth.CredentialsResponse;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/// Answers the daemon's question for a registry's credentials from Docker's configuration: `auths`
/// in `config.json`, `credHelpers` and `credsStore`. The file is read anew each time. Thread-safe.
public final class RegistryCredentials extends AuthGrpc.AuthImplBase {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final long HELPER_SECONDS = 30;
  private static final int HELPER_ANSWER_BYTES = 64 << 10;

  private final Path config;

  /// @param config Docker's `config.json`; absent is fine
  public RegistryCredentials(Path config) {
    this.config = config;
  }

  /// What Docker's client would use: `$DOCKER_CONFIG/config.json` or the one in the home directory.
  public static Path usualConfig(Optional<String> dockerConfig, Path home) {
    return dockerConfig.map(Path::of).orElse(home.resolve(".docker")).resolve("config.json");
  }

  @Override
  public void credentials(CredentialsRequest request, StreamObserver<CredentialsResponse> answers) {
    try {
      answers.onNext(find(request.getHost()));
      answers.onCompleted();
    } catch (IOException failure) {
      answers.onError(
          Status.UNAVAILABLE
              .withDescription(
                  "cannot read credentials for " + request.getHost() + ": " + failure.getMessage())
              .asRuntimeException());
    }
  }

  private CredentialsResponse find(String host) throws IOException {
    JsonNode root;
    try {
      root = JSON.readTree(Files.readAllBytes(config));
    } catch (NoSuchFileException _) {
      return CredentialsResponse.getDefaultInstance();
    }
    List<String> keys =
        host.equals("registry-1.docker.io")
            ? List.of("https://index.docker.io/v1/", "index.docker.io", "docker.io")
            : List.of(host, "https://" + host, "http://" + host);
    for (String key : keys) {
      String helper = root.path("credHelpers").path(key).asString("");
      if (!helper.isEmpty()) {
        return askHelper(helper, key);
      }
    }
    for (String key : keys) {
      JsonNode entry = root.path("auths").path(key);
      Optional<CredentialsResponse> stored = stored(entry);
      if (stored.isPresent()) {
        return stored.get();
      }
    }
    String store = root.path("credsStore").asString("");
    return store.isEmpty()
        ? CredentialsResponse.getDefaultInstance()
        : askHelper(store, keys.getFirst());
  }

  private static Optional<CredentialsResponse> stored(JsonNode entry) {
    String token = entry.path("identitytoken").asString("");
    if (!token.isEmpty()) {
      return Optional.of(CredentialsResponse.newBuilder().setSecret(token).build());
    }
    String auth = entry.path("auth").asString("");
    if (!auth.isEmpty()) {
      String pair = new String(Base64.getDecoder().decode(auth), StandardCharsets.UTF_8);
      int colon = pair.indexOf(':');
      return Optional.of(answer(pair.substring(0, Math.max(0, colon)), pair.substring(colon + 1)));
    }
    String user = entry.path("username").asString("");
    return user.isEmpty()
        ? Optional.empty()
        : Optional.of(answer(user, entry.path("password").asString("")));
  }

  private static CredentialsResponse answer(String user, String secret) {
    return CredentialsResponse.newBuilder()
        .setUsername(user.equals("<token>") ? "" : user)
        .setSecret(secret)
        .build();
  }

  /// Runs `docker-credential-<name> get` (docker-credential-helpers' protocol).
  private static CredentialsResponse askHelper(String name, String server) throws IOException {
    Process process =
        new ProcessBuilder("docker-credential-" + name, "get").redirectErrorStream(true).start();
    try {
      process.getOutputStream().write(server.getBytes(StandardCharsets.UTF_8));
      process.getOutputStream().close();
      byte[] output = process.getInputStream().readNBytes(HELPER_ANSWER_BYTES);
      if (!process.waitFor(HELPER_SECONDS, TimeUnit.SECONDS)) {
        throw new IOException(
            "docker-credential-" + name + " did not answer within " + HELPER_SECONDS + " s");
      }
      String text = new String(output, StandardCharsets.UTF_8);
      if (process.exitValue() != 0) {
        if (text.contains("credentials not found")) {
          return CredentialsResponse.getDefaultInstance();
        }
        throw new IOException("docker-credential-" + name + ": " + text.strip());
      }
      JsonNode answer = JSON.readTree(text);
      return answer(answer.path("Username").asString(""), answer.path("Secret").asString(""));
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while asking docker-credential-" + name, interrupted);
    } finally {
      process.destroyForcibly();
    }
  }
}
