package dev.slipway.client.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import dev.slipway.api.control.StatusResponse;
import dev.slipway.api.control.Vertex;
import dev.slipway.api.control.VertexLog;
import dev.slipway.client.progress.ProgressDisplay;
import dev.slipway.failure.InvalidRequest;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class DisplaysTest {
  private static final String DIGEST = "sha256:" + "a".repeat(64);
  private static final StatusResponse UPDATE =
      StatusResponse.newBuilder()
          .addVertexes(
              Vertex.newBuilder()
                  .setDigest(DIGEST)
                  .setName("RUN echo said")
                  .setStarted(Timestamp.newBuilder().setSeconds(1))
                  .setCompleted(Timestamp.newBuilder().setSeconds(2)))
          .addLogs(
              VertexLog.newBuilder()
                  .setVertex(DIGEST)
                  .setStream(1)
                  .setTimestamp(Timestamp.newBuilder().setSeconds(1))
                  .setMsg(ByteString.copyFromUtf8("said\n")))
          .build();

  @ParameterizedTest
  @ValueSource(strings = {"none", "quiet"})
  void nothingIsShownWhereNothingIsWanted(String mode) {
    assertThat(shown(mode, true)).isEmpty();
    assertThat(shown(mode, false)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"auto", "plain"})
  void stepsAndWhatTheySayAreShown(String mode) {
    assertThat(shown(mode, false)).contains("RUN echo said").contains("said\n");
  }

  @Test
  void machinesAreTold() {
    assertThat(shown("rawjson", false)).startsWith("{").contains(DIGEST);
  }

  @Test
  void anotherModeIsRefusedWithThoseThatThereAre() {
    assertThatThrownBy(() -> shown("loud", false))
        .isInstanceOf(InvalidRequest.class)
        .hasMessage(
            "invalid progress mode \"loud\": want auto, tty, plain, rawjson, quiet or none");
  }

  private static String shown(String mode, boolean terminal) {
    ByteArrayOutputStream shown = new ByteArrayOutputStream();
    try (PrintStream err = new PrintStream(shown, true, StandardCharsets.UTF_8);
        ProgressDisplay display = Displays.open(mode, terminal, err)) {
      display.show(UPDATE);
    }
    return shown.toString(StandardCharsets.UTF_8);
  }
}
