package dev.slipway.client.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.client.layout.LayoutFiles;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.failure.NotFound;
import dev.slipway.oci.Digest;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NamedContextsTest {
  @TempDir Path folder;

  private final NamedContexts contexts = new NamedContexts();

  @Test
  void aLayoutBecomesAStoreAndADigest() throws IOException {
    Digest image = new LayoutFiles(folder).image("org.opencontainers.image.ref.name", "1");

    contexts.add("base=oci-layout://" + folder + ":1");

    assertThat(contexts.stores()).hasSize(1);
    String store = contexts.stores().keySet().iterator().next();
    assertThat(store).matches("oci:[0-9a-z]{25}");
    assertThat(contexts.options())
        .containsEntry("context:base", "oci-layout://" + store.substring(4) + ":1@" + image);
    assertThat(contexts.locals()).isEmpty();
  }

  @Test
  void directoriesAreOfferedAndAddressesPassedOn() {
    contexts.add("src=some/where");
    contexts.add("alpine=docker-image://alpine:3");

    assertThat(contexts.locals()).containsEntry("named-src", Path.of("some/where"));
    assertThat(contexts.options())
        .containsEntry("context:src", "local:named-src")
        .containsEntry("context:alpine", "docker-image://alpine:3");
    assertThat(contexts.stores()).isEmpty();
  }

  @Test
  void saysWhichReferenceDidNotResolve() {
    String place = "oci-layout://" + folder.resolve("absent");

    assertThatThrownBy(() -> contexts.add("base=" + place))
        .isInstanceOf(NotFound.class)
        .hasMessageStartingWith("oci-layout reference \"" + place + "\" could not be resolved");
    assertThatThrownBy(() -> contexts.add("base")).isInstanceOf(InvalidRequest.class);
  }
}
