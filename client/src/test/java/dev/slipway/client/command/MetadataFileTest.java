package dev.slipway.client.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class MetadataFileTest {
  @TempDir Path folder;

  @Test
  void encodedObjectsAreToldAsObjectsAndAllElseAsText() throws IOException {
    Path file = folder.resolve("metadata.json");
    Files.writeString(file, "from an earlier build");

    MetadataFile.write(
        file,
        Map.of(
            "containerimage.descriptor", encoded("{\"digest\":\"sha256:aa\",\"size\":506}"),
            "image.name", "app:latest",
            "empty", encoded("{}"),
            "list", encoded("[1]"),
            "broken", encoded("{\"a\":"),
            "null", encoded("null")));

    JsonNode json = JsonMapper.shared().readTree(Files.readString(file));
    assertThat(json.at("/containerimage.descriptor/size").asInt()).isEqualTo(506);
    assertThat(json.get("image.name").asString()).isEqualTo("app:latest");
    assertThat(json.get("empty").asString()).isEqualTo(encoded("{}"));
    assertThat(json.get("list").asString()).isEqualTo(encoded("[1]"));
    assertThat(json.get("broken").asString()).isEqualTo(encoded("{\"a\":"));
    assertThat(json.get("null").asString()).isEqualTo(encoded("null"));
    assertThat(folder).isDirectoryNotContaining(path -> path.toString().endsWith(".part"));
  }

  @Test
  void isSetAsOtherClientsSetIt() throws IOException {
    Path file = folder.resolve("metadata.json");

    MetadataFile.write(
        file, Map.of("b", encoded("{\"size\":1,\"digest\":\"d\",\"none\":{}}"), "a", "text"));
    assertThat(file)
        .hasContent(
            """
            {
              "a": "text",
              "b": {
                "size": 1,
                "digest": "d",
                "none": {}
              }
            }""");

    MetadataFile.write(file, Map.of());
    assertThat(file).hasContent("{}");
  }

  private static String encoded(String json) {
    return Base64.getEncoder().encodeToString(json.getBytes(StandardCharsets.UTF_8));
  }
}
