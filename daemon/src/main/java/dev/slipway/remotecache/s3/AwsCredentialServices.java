package dev.slipway.remotecache.s3;

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
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/// Services that hand out temporary keys: to a web identity (STS), to a container, to a machine
/// (IMDSv2). Each is asked only where the environment, or the machine, says that it is there.
/// Thread-safe.
final class AwsCredentialServices {
  private static final String MACHINE = "http://169.254.169.254";
  private static final String ROLES = "/latest/meta-data/iam/security-credentials/";

  private final Map<String, String> environment;
  private final ObjectExchange exchange;
  private final ObjectExchange impatient;

  AwsCredentialServices(
      StoreConnections connections, Clock clock, Map<String, String> environment) {
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

  /// `AssumeRoleWithWebIdentity`: a token in a file, as Kubernetes and CI systems mount it.
  Optional<AwsCredentials> webIdentity() {
    Optional<String> file = value("AWS_WEB_IDENTITY_TOKEN_FILE");
    Optional<String> role = value("AWS_ROLE_ARN");
    if (file.isEmpty() || role.isEmpty()) {
      return Optional.empty();
    }
    String form =
        "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn="
            + UrlText.encoded(role.get())
            + "&RoleSessionName="
            + UrlText.encoded(value("AWS_ROLE_SESSION_NAME").orElse("slipway"))
            + "&WebIdentityToken="
            + UrlText.encoded(content(Path.of(file.get())));
    URI service =
        URI.create(
            value("AWS_ENDPOINT_URL_STS")
                .orElseGet(
                    () ->
                        value("AWS_REGION")
                            .map(region -> "https://sts." + region + ".amazonaws.com/")
                            .orElse("https://sts.amazonaws.com/")));
    String answer =
        exchange.run(
            ObjectRequest.of("POST", service)
                .with("content-type", "application/x-www-form-urlencoded")
                .with(form.getBytes(StandardCharsets.UTF_8)),
            Set.of(200),
            each -> new String(ObjectExchange.text(each), StandardCharsets.UTF_8));
    return Optional.of(
        new AwsCredentials(
            element(answer, "AccessKeyId"),
            element(answer, "SecretAccessKey"),
            Optional.of(element(answer, "SessionToken")),
            time(element(answer, "Expiration"))));
  }

  /// The endpoint that ECS and EKS tell containers of.
  Optional<AwsCredentials> container() {
    Optional<String> url =
        value("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI")
            .map(path -> "http://169.254.170.2" + path)
            .or(() -> value("AWS_CONTAINER_CREDENTIALS_FULL_URI"));
    if (url.isEmpty()) {
      return Optional.empty();
    }
    Optional<String> token =
        value("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE")
            .map(file -> content(Path.of(file)))
            .or(() -> value("AWS_CONTAINER_AUTHORIZATION_TOKEN"));
    ObjectRequest request = ObjectRequest.of("GET", URI.create(url.get()));
    if (token.isPresent()) {
      request = request.with("authorization", token.get());
    }
    return Optional.of(keys(exchange.run(request, Set.of(200), ObjectExchange::text)));
  }

  /// The role of the virtual machine; empty where there is no such service.
  Optional<AwsCredentials> machine() {
    if ("true".equalsIgnoreCase(value("AWS_EC2_METADATA_DISABLED").orElse(""))) {
      return Optional.empty();
    }
    String base = value("AWS_EC2_METADATA_SERVICE_ENDPOINT").orElse(MACHINE).replaceAll("/+$", "");
    try {
      String token =
          impatient.run(
              ObjectRequest.of("PUT", URI.create(base + "/latest/api/token"))
                  .with("x-aws-ec2-metadata-token-ttl-seconds", "300"),
              Set.of(200),
              answer -> new String(ObjectExchange.text(answer), StandardCharsets.UTF_8).strip());
      String role = ask(base + ROLES, token).lines().findFirst().orElse("");
      return role.isEmpty()
          ? Optional.empty()
          : Optional.of(
              keys(
                  ask(base + ROLES + UrlText.encoded(role), token)
                      .getBytes(StandardCharsets.UTF_8)));
    } catch (Cancelled cancelled) {
      throw cancelled;
    } catch (BuildFailure nothing) {
      return Optional.empty();
    }
  }

  private String ask(String url, String token) {
    return impatient.run(
        ObjectRequest.of("GET", URI.create(url)).with("x-aws-ec2-metadata-token", token),
        Set.of(200),
        answer -> new String(ObjectExchange.text(answer), StandardCharsets.UTF_8));
  }

  private static AwsCredentials keys(byte[] answer) {
    JsonNode json = OciJson.object(answer, "answer with credentials");
    String id = json.path("AccessKeyId").asString("");
    String secret = json.path("SecretAccessKey").asString("");
    if (id.isEmpty() || secret.isEmpty()) {
      throw new Unauthenticated(
          "asked for AWS credentials, got none: "
              + json.path("Message").asString("no reason given"));
    }
    return new AwsCredentials(
        id,
        secret,
        Optional.of(json.path("Token").asString("")).filter(token -> !token.isEmpty()),
        time(json.path("Expiration").asString("")));
  }

  private static Optional<Instant> time(String text) {
    try {
      return Optional.of(Instant.parse(text));
    } catch (DateTimeException unreadable) {
      return Optional.empty();
    }
  }

  private static String element(String answer, String name) {
    Matcher found = Pattern.compile("<" + name + ">([^<]{1,10000})</").matcher(answer);
    if (!found.find()) {
      throw new Unauthenticated("asked for AWS credentials, got an answer without " + name);
    }
    return found.group(1).strip();
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
