package dev.slipway.frontend.dockerfile.parser;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.frontend.dockerfile.instruction.StageReader;
import dev.slipway.frontend.dockerfile.lint.LintOptions;
import dev.slipway.frontend.dockerfile.lint.Linter;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ParserSpeedTest {
  private static final Duration AIM = Duration.ofMillis(50);

  /// Processors differ by as much.
  private static final Duration LIMIT = AIM.multipliedBy(4);

  private static final int LINES = 10_000;

  /// The best of many, as other work on the machine only ever makes it slower.
  @Test
  void tenThousandLinesAreReadInAMoment() {
    String dockerfile = dockerfile();
    Duration best = Duration.ofDays(1);
    for (int run = 0; run < 200 && best.compareTo(AIM) > 0; run++) {
      long start = System.nanoTime();
      StageReader.read(
          DockerfileParser.parse(dockerfile), new Linter(LintOptions.DEFAULT, _ -> {}));
      Duration taken = Duration.ofNanos(System.nanoTime() - start);
      best = taken.compareTo(best) < 0 ? taken : best;
    }

    assertThat(dockerfile.lines().count()).isEqualTo(LINES);
    System.out.printf("10,000 lines: %.1f ms%n", best.toNanos() / 1e6);
    assertThat(best).isLessThan(LIMIT);
  }

  private static String dockerfile() {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < LINES / 10; i++) {
      text.append(
          """
          FROM busybox AS stage%d
          ARG VERSION=1.2
          ENV A=1 B="two words" C=${VERSION:-none}
          # a comment
          RUN --mount=type=cache,target=/cache apt-get update && \\
              apt-get install -y one two three && \\
              rm -rf /var/lib/apt/lists/*
          COPY --chown=1:2 a b c /dest/
          LABEL org.example.title="A title" org.example.version=$VERSION
          CMD ["sh", "-c", "true"]
          """
              .formatted(i));
    }
    return text.toString();
  }
}
