package dev.slipway.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.config.ConfigLoader;
import dev.slipway.config.ConfigLoader.Outcome;
import dev.slipway.config.ConfigMistakes;
import dev.slipway.config.DaemonConfig;
import dev.slipway.lease.GcPolicy;
import dev.slipway.registry.RegistryConfig;
import dev.slipway.registry.RegistryConfig.HostConfig;
import dev.slipway.registry.RegistryConfig.KeyPair;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What is configured reaches the room it is for.
class OperatorChoicesTest {
  @TempDir Path folder;

  @Test
  void whereCollectionIsOffThereAreNoRules() throws Exception {
    String rules =
        """
        [worker.oci]
        gc = true
        [[worker.oci.gcpolicy]]
        all = true
        filters = ["type==regular"]
        keepDuration = "48h"
        reservedSpace = 1
        maxUsedSpace = 2
        minFreeSpace = 3
        """;

    String off = rules.replace("gc = true", "gc = false");

    assertThat(OperatorChoices.collection(load(rules), 1L << 40))
        .containsExactly(
            new GcPolicy(true, List.of("type==regular"), Duration.ofHours(48), 1, 2, 3));
    assertThat(OperatorChoices.collection(load(off), 1L << 40)).isEmpty();
  }

  @Test
  void registriesAreReachedAsConfigured() throws Exception {
    RegistryConfig registries =
        OperatorChoices.registries(
            load(
                """
                [system]
                maxRegistryConcurrency = 7
                [registry."own.example"]
                mirrors = ["mirror.example/path"]
                http = true
                insecure = true
                ca = ["/ca.pem"]
                tlsconfigdir = ["/certificates"]
                [[registry."own.example".keypair]]
                key = "/key.pem"
                cert = "/cert.pem"
                """),
            Map.of());

    assertThat(registries.maxTransfersPerHost()).isEqualTo(7);
    assertThat(registries.hosts())
        .containsExactly(
            Map.entry(
                "own.example",
                new HostConfig(
                    List.of("mirror.example/path"),
                    Optional.of(true),
                    true,
                    List.of(Path.of("/ca.pem")),
                    List.of(new KeyPair(Path.of("/key.pem"), Path.of("/cert.pem"))),
                    List.of(Path.of("/certificates")))));
  }

  private DaemonConfig load(String toml) throws ConfigMistakes, IOException {
    Path file = Files.writeString(folder.resolve("slipwayd.toml"), toml);
    Outcome outcome = ConfigLoader.load("slipwayd", List.of("--config", file.toString()), Map.of());
    return ((Outcome.Run) outcome).config();
  }
}
