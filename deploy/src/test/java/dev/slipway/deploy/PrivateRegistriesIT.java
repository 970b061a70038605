package dev.slipway.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Debian's registry behind TLS of an authority that only the daemon's configuration names. One
/// asks for passwords; the other for tokens, which are sold elsewhere, and for a certificate of the
/// daemon's. Credentials are the client's: they come from its own configuration, through the
/// session.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class PrivateRegistriesIT {
  private static final JsonMapper JSON = new JsonMapper();
  private static final String PASSWORD_RIGHT =
      "$2b$05$q4aVFxJQHDCePoMdK6xmGu.coHEmifiH7izFdbLq3hhlOl0DQaXci";

  /// Of whom the token server and the other registry know.
  private static final String RIGHT = TokenServer.USER + ":" + TokenServer.PASSWORD;

  private static final String WRONG = TokenServer.USER + ":wrong-one";

  private TestCertificates certificates;
  private TokenServer tokens;
  private RegistryProcess withTokens;
  private RegistryProcess withPassword;
  private BuildSite site;

  enum Door {
    TOKENS,
    PASSWORD
  }

  @BeforeAll
  void open(@TempDir Path folder) {
    Distribution distribution = Distribution.underTest();
    certificates = TestCertificates.unpack(folder.resolve("certificates"));
    tokens = TokenServer.start(folder.resolve("tokens"));
    withTokens =
        RegistryProcess.start(
            distribution,
            folder.resolve("with-tokens"),
            RegistryDoor.withTokens(tokens).overTls(certificates).forKnownClientsOnly());
    withPassword =
        RegistryProcess.start(
            distribution,
            folder.resolve("with-password"),
            RegistryDoor.withPassword(TokenServer.USER, PASSWORD_RIGHT).overTls(certificates));
    site = BuildSite.openWith(settings(), folder.resolve("site"));
  }

  /// By their other name the registries are strangers: one has a certificate that nobody trusts,
  /// the other wants to see one.
  private String settings() {
    return """
    [registry."%1$s"]
    http = false
    ca = ["%2$s"]
    [[registry."%1$s".keypair]]
    cert = "%3$s"
    key = "%4$s"
    [registry."%5$s"]
    http = false
    tlsconfigdir = ["%6$s"]
    [registry."%7$s"]
    http = false
    ca = ["%2$s"]
    [registry."%8$s"]
    http = false
    """
        .formatted(
            withTokens.host(),
            certificates.authority(),
            certificates.client(),
            certificates.clientKey(),
            withPassword.host(),
            certificates.folder(),
            stranger(Door.TOKENS),
            stranger(Door.PASSWORD));
  }

  @AfterAll
  void close() {
    try (TokenServer _ = tokens;
        RegistryProcess _ = withTokens;
        RegistryProcess _ = withPassword) {
      site.close();
    }
  }

  @ParameterizedTest
  @CsvSource({"TOKENS, buildx", "TOKENS, slipway", "PASSWORD, buildx"})
  void whatIsPushedAndCachedThereComesBack(Door door, String client) {
    String name = client + "-" + door;
    String image = host(door) + "/team/image-" + client + ":1";
    String cache = "type=registry,ref=" + host(door) + "/team/cache-" + client;
    Path context =
        site.context(
            name,
            Map.of(
                "Dockerfile",
                """
                FROM busybox AS made
                RUN head -c 16 /dev/urandom | md5sum > /once
                FROM scratch
                COPY --from=made /once /once
                COPY input /input
                """,
                "input",
                "input of " + name));
    Tool build = build(client, door, RIGHT);

    build.succeed(
        "-t",
        image,
        "--push",
        "--cache-to",
        cache + ",mode=max,ignore-error=false",
        context.toString());
    prune();
    Progress again =
        Progress.parse(
            build.succeed("--cache-from", cache, output(name), context.toString()).all());
    prune();
    Path user =
        site.context(name + "-user", Map.of("Dockerfile", "FROM " + image + "\nCOPY . /more\n"));
    String second = host(door) + "/other/image-" + client + ":2";
    build.succeed("-t", second, "--push", user.toString());

    assertThat(again.workSteps()).hasSize(3).allMatch(Progress.Vertex::cached);
    assertThat(site.path(name + "-out/input")).hasContent("input of " + name);
    List<String> below = layers(image);
    assertThat(layers(second)).hasSize(3).startsWith(below.toArray(String[]::new));
    if (door == Door.TOKENS) {
      assertThat(tokens.sales())
          .as("layers are mounted from the repository they were pulled from")
          .extracting(TokenServer.Sale::scopes)
          .anySatisfy(
              scopes ->
                  assertThat(scopes)
                      .contains(
                          "repository:other/image-" + client + ":pull,push",
                          "repository:team/image-" + client + ":pull"));
    }
  }

  @ParameterizedTest
  @EnumSource
  void whoIsNotKnownIsToldInTheRegistrysWords(Door door) {
    String wrongSaid = door == Door.TOKENS ? TokenServer.REFUSAL : "authentication required";
    Path context =
        site.context("unknown-" + door, Map.of("Dockerfile", "FROM scratch\nCOPY . /\n"));
    Path user =
        site.context(
            "unknown-user-" + door, Map.of("Dockerfile", "FROM " + host(door) + "/team/none\n"));
    String image = host(door) + "/team/private:1";
    String cache = "type=registry,ignore-error=false,ref=" + host(door) + "/team/private-cache";

    Tool wrong = build("buildx", door, WRONG);
    List<Tool.Outcome> refused =
        List.of(
            wrong.run("-t", image, "--push", context.toString()),
            wrong.run(user.toString()),
            wrong.run("--cache-to", cache, context.toString()));
    Tool.Outcome nobody = build("buildx", door, "").run(user.toString());

    assertThat(refused)
        .allSatisfy(
            outcome -> {
              assertThat(outcome.exit()).isNotZero();
              assertThat(outcome.err()).contains(wrongSaid).doesNotContain(WRONG);
            });
    assertThat(nobody.exit()).isNotZero();
    assertThat(nobody.err()).contains("authentication required");
  }

  @Test
  void whatATokenDoesNotAllowIsDenied() {
    Path context = site.context("denied", Map.of("Dockerfile", "FROM busybox\n"));

    Tool.Outcome push =
        build("buildx", Door.TOKENS, RIGHT)
            .run("-t", withTokens.host() + "/public/image:1", "--push", context.toString());

    assertThat(push.exit()).isNotZero();
    assertThat(push.err())
        .contains("push access denied, repository does not exist or may require authorization")
        .contains("authentication required");
  }

  /// What cannot be imported costs steps, no build.
  @Test
  void aCacheBehindAnotherPasswordCostsStepsOnly() {
    Path context = site.context("lenient", Map.of("Dockerfile", "FROM scratch\nCOPY . /\n"));
    String cache = "type=registry,ref=" + withPassword.host() + "/team/private-cache";

    Progress told =
        Progress.parse(
            build("buildx", Door.PASSWORD, WRONG)
                .succeed("--cache-from", cache, context.toString())
                .all());

    assertThat(told.named("importing cache manifest"))
        .singleElement()
        .satisfies(vertex -> assertThat(vertex.error()).contains("authentication required"));
  }

  @Test
  void strangersAreNotSpokenTo() {
    Map.of(Door.TOKENS, "bad_certificate", Door.PASSWORD, "unable to find valid certification path")
        .forEach(
            (door, reason) -> {
              Path context =
                  site.context(
                      "stranger-" + door,
                      Map.of("Dockerfile", "FROM " + stranger(door) + "/team/image\n"));

              Tool.Outcome pull = build("buildx", door, RIGHT).run(context.toString());

              assertThat(pull.exit()).isNotZero();
              assertThat(pull.err())
                  .contains(
                      "failed to resolve source metadata for " + stranger(door) + "/team/image")
                  .contains(reason);
            });
  }

  private Tool build(String client, Door door, String userAndPassword) {
    Tool tool = client.equals("slipway") ? site.slipway().with("build") : site.buildxBuild();
    return tool.with("--progress", "rawjson")
        .withEnvironment("DOCKER_CONFIG", dockerConfig(door, userAndPassword).toString());
  }

  /// A client's configuration with these credentials.
  private Path dockerConfig(Door door, String userAndPassword) {
    String auth =
        Base64.getEncoder().encodeToString(userAndPassword.getBytes(StandardCharsets.UTF_8));
    String auths =
        userAndPassword.isEmpty() ? "" : "\"%s\":{\"auth\":\"%s\"}".formatted(host(door), auth);
    String name = "docker-" + door + "-" + userAndPassword.replaceAll("[^a-z]", "-");
    return site.context(name, Map.of("config.json", "{\"auths\":{" + auths + "}}"));
  }

  /// As another client of registries sees them.
  private List<String> layers(String image) {
    JsonNode inspected =
        JSON.readTree(
            site.tool("skopeo")
                .succeed(
                    "inspect",
                    "--creds=" + RIGHT,
                    "--cert-dir=" + certificates.folder(),
                    "docker://" + image)
                .out());
    return inspected.path("Layers").valueStream().map(JsonNode::asString).toList();
  }

  private String host(Door door) {
    return switch (door) {
      case TOKENS -> withTokens.host();
      case PASSWORD -> withPassword.host();
    };
  }

  private String stranger(Door door) {
    return host(door).replace("127.0.0.1", "localhost");
  }

  private String output(String name) {
    return "--output=type=local,dest=" + site.path(name + "-out");
  }

  private void prune() {
    site.buildx().succeed("prune", "--builder", "site", "--all", "--force");
  }
}
