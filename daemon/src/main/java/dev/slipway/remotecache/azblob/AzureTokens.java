package dev.slipway.remotecache.azblob;

import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.Cancelled;
import dev.slipway.failure.Unauthenticated;
import dev.slipway.failure.WrongState;
import dev.slipway.oci.json.OciJson;
import dev.slipway.remotecache.object.ObjectExchange;
import dev.slipway.remotecache.object.ObjectRequest;
import dev.slipway.remotecache.object.StoreConnections;
import dev.slipway.remotecache.object.UrlText;
import dev.slipway.task.Clock;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/// Access tokens from the daemon's surroundings, in the order of Microsoft's own tools: a client
/// secret or a workload identity that environment variables name, then the managed identity of the
/// application or the machine. Kept until shortly before they end. Thread-safe by its own lock.
final class AzureTokens {
  private static final String RESOURCE = "https://storage.azure.com/";
  private static final Duration EARLY = Duration.ofMinutes(5);

  private final Clock clock;
  private final Map<String, String> environment;
  private final ObjectExchange exchange;
  private final ObjectExchange impatient;
  private Optional<Token> known = Optional.empty();

  private record Token(String text, Instant expires) {}

  AzureTokens(StoreConnections connections, Clock clock, Map<String, String> environment) {
    this.clock = clock;
    this.environment = environment;
    this.exchange =
        new ObjectExchange(
            connections, request -> request, ObjectExchange.Attempts.STANDARD, clock);
    this.impatient =
        new ObjectExchange(
            connections,
            request -> request,
            new ObjectExchange.Attempts(1, Duration.ofSeconds(1), Duration.ofSeconds(1)),
            clock);
  }

  /// @throws Unauthenticated there is none to be had
  synchronized String current() {
    Optional<Token> usable =
        known.filter(token -> clock.now().isBefore(token.expires().minus(EARLY)));
    if (usable.isEmpty()) {
      usable = ofClient().or(this::ofApplication).or(this::ofMachine);
      known = usable;
    }
    return usable
        .map(Token::text)
        .orElseThrow(
            () ->
                new Unauthenticated(
                    "no credentials for azblob cache: give secret_access_key or a URL with a shared"
                        + " access signature, or the daemon AZURE_TENANT_ID, AZURE_CLIENT_ID and"
                        + " AZURE_CLIENT_SECRET or AZURE_FEDERATED_TOKEN_FILE, or a managed identity"));
  }

  private Optional<Token> ofClient() {
    Optional<String> tenant = value("AZURE_TENANT_ID");
    Optional<String> client = value("AZURE_CLIENT_ID");
    Optional<String> proof =
        value("AZURE_CLIENT_SECRET")
            .map(secret -> "&client_secret=" + UrlText.encoded(secret))
            .or(
                () ->
                    value("AZURE_FEDERATED_TOKEN_FILE")
                        .map(
                            file ->
                                "&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&client_assertion="
                                    + UrlText.encoded(content(Path.of(file)))));
    if (tenant.isEmpty() || client.isEmpty() || proof.isEmpty()) {
      return Optional.empty();
    }
    String authority =
        value("AZURE_AUTHORITY_HOST")
            .orElse("https://login.microsoftonline.com")
            .replaceAll("/+$", "");
    String form =
        "grant_type=client_credentials&client_id="
            + UrlText.encoded(client.get())
            + "&scope="
            + UrlText.encoded(RESOURCE + ".default")
            + proof.get();
    ObjectRequest request =
        ObjectRequest.of(
                "POST",
                URI.create(authority + "/" + UrlText.encoded(tenant.get()) + "/oauth2/v2.0/token"))
            .with("content-type", "application/x-www-form-urlencoded")
            .with(form.getBytes(StandardCharsets.UTF_8));
    return Optional.of(token(exchange.run(request, Set.of(200), ObjectExchange::text)));
  }

  private Optional<Token> ofApplication() {
    Optional<String> endpoint = value("IDENTITY_ENDPOINT");
    Optional<String> header = value("IDENTITY_HEADER");
    if (endpoint.isEmpty() || header.isEmpty()) {
      return Optional.empty();
    }
    ObjectRequest request =
        ObjectRequest.of(
                "GET", URI.create(endpoint.get() + "?api-version=2019-08-01" + resourceQuery()))
            .with("x-identity-header", header.get());
    return Optional.of(token(exchange.run(request, Set.of(200), ObjectExchange::text)));
  }

  private Optional<Token> ofMachine() {
    String base =
        value("AZURE_POD_IDENTITY_AUTHORITY_HOST")
            .orElse("http://169.254.169.254")
            .replaceAll("/+$", "");
    ObjectRequest request =
        ObjectRequest.of(
                "GET",
                URI.create(
                    base
                        + "/metadata/identity/oauth2/token?api-version=2018-02-01"
                        + resourceQuery()))
            .with("metadata", "true");
    try {
      return Optional.of(token(impatient.run(request, Set.of(200), ObjectExchange::text)));
    } catch (Cancelled cancelled) {
      throw cancelled;
    } catch (BuildFailure nothing) {
      return Optional.empty();
    }
  }

  private String resourceQuery() {
    return "&resource="
        + UrlText.encoded(RESOURCE)
        + value("AZURE_CLIENT_ID").map(id -> "&client_id=" + UrlText.encoded(id)).orElse("");
  }

  private Token token(byte[] answer) {
    JsonNode json = OciJson.object(answer, "answer with a token");
    String text = json.path("access_token").asString("");
    if (text.isEmpty()) {
      throw new Unauthenticated("asked for an Azure token, got none");
    }
    String seconds = json.path("expires_in").asString("");
    return new Token(
        text, clock.now().plusSeconds(seconds.matches("[0-9]{1,9}") ? Long.parseLong(seconds) : 0));
  }

  private static String content(Path file) {
    try {
      return Files.readString(file).strip();
    } catch (IOException failed) {
      throw new WrongState("reading " + file + ": " + failed.getMessage(), failed);
    }
  }

  private Optional<String> value(String name) {
    return Optional.ofNullable(environment.get(name)).filter(text -> !text.isEmpty());
  }
}
