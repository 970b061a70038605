package dev.slipway.frontend.dockerfile.parser;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.frontend.dockerfile.instruction.StageReader;
import dev.slipway.frontend.dockerfile.lint.LintOptions;
import dev.slipway.frontend.dockerfile.lint.Linter;
import dev.slipway.frontend.dockerfile.source.DockerfileError;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

/// Whatever stands in a file, it is read or refused with a place in it.
class ParserFuzzTest {
  private static final String[] PIECES = {
    "\\",
    "\n",
    "<<E",
    "<<-",
    "\"",
    "'",
    "[",
    "]",
    "$",
    "${",
    "}",
    "#",
    "--",
    "=",
    "\t",
    " ",
    "`",
    "\r\n",
    ",",
    "\u0000",
    "FROM",
    "RUN",
    "ONBUILD",
    "COPY",
    "HEALTHCHECK",
    "ENV",
    "\ud83d\ude00",
    "\ud83d",
    "\u00a0",
    "\u2028",
    "AS",
    "{",
    "//"
  };

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void readsOrRefusesDamagedFiles(long seed) throws IOException {
    Random random = new Random(seed);
    List<String> corpus = corpus();
    for (int i = 0; i < 400; i++) {
      check(damage(corpus.get(random.nextInt(corpus.size())), random), seed);
    }
  }

  private static void check(String text, long seed) {
    long lines = text.lines().count() + 1;
    try {
      ParsedDockerfile file = DockerfileParser.parse(text);
      int last = 0;
      for (Statement statement : file.statements()) {
        assertThat(statement.place().first())
            .as("order, seed %d, in %s", seed, text)
            .isGreaterThan(last);
        assertThat((long) statement.place().last()).isLessThanOrEqualTo(lines);
        last = statement.place().last();
      }
      StageReader.read(file, new Linter(LintOptions.DEFAULT, _ -> {}));
    } catch (DockerfileError e) {
      assertThat(e.places())
          .as("places of %s, seed %d, in %s", e.message(), seed, text)
          .isNotEmpty();
      assertThat(e.places()).allMatch(place -> place.last() <= lines);
    }
  }

  private static String damage(String text, Random random) {
    StringBuilder damaged = new StringBuilder(text);
    for (int i = random.nextInt(6); i >= 0; i--) {
      int position = random.nextInt(damaged.length() + 1);
      switch (random.nextInt(3)) {
        case 0 -> damaged.insert(position, PIECES[random.nextInt(PIECES.length)]);
        case 1 ->
            damaged.delete(position, Math.min(damaged.length(), position + 1 + random.nextInt(4)));
        default -> {
          int from = random.nextInt(damaged.length() + 1);
          damaged.insert(
              position,
              damaged.substring(from, Math.min(damaged.length(), from + random.nextInt(20))));
        }
      }
    }
    return damaged.toString();
  }

  private static List<String> corpus() throws IOException {
    List<String> corpus = new ArrayList<>();
    for (String name : resource("names.txt").lines().toList()) {
      corpus.add(
          JsonMapper.shared().readTree(resource(name + ".json")).path("dockerfile").asString());
    }
    return corpus;
  }

  private static String resource(String name) throws IOException {
    try (InputStream in = ParserFuzzTest.class.getResourceAsStream("/dockerfile/golden/" + name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Test
  void readsWhatWasJoinedTheSameWay() {
    String joined = DockerfileParser.parse("RUN a \\\n b\n").statements().getFirst().original();

    assertThat(DockerfileParser.parse(joined).statements().getFirst().arguments())
        .isEqualTo(DockerfileParser.parse("RUN a \\\n b\n").statements().getFirst().arguments());
  }
}
