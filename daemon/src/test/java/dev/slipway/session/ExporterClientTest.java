package dev.slipway.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.api.exporter.ExporterGrpc;
import dev.slipway.api.exporter.ExporterRequest;
import dev.slipway.api.exporter.FinalizeExportRequest;
import dev.slipway.api.exporter.FinalizeExportResponse;
import dev.slipway.api.exporter.FindExportersRequest;
import dev.slipway.api.exporter.FindExportersResponse;
import dev.slipway.session.testing.SessionFixture;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExporterClientTest {
  @TempDir Path folder;
  private SessionFixture clients;

  @BeforeEach
  void start() {
    clients = new SessionFixture(folder);
  }

  @AfterEach
  void stop() {
    clients.close();
  }

  @Test
  void whatTheClientWantsIsLearntAndTheOutcomeTold() {
    Wishing wishing = new Wishing(Optional.empty());
    Session session = connected(wishing);

    List<ExporterClient.Wanted> wanted =
        ExporterClient.find(
            session, Map.of("key", "value".getBytes(StandardCharsets.UTF_8)), List.of("ref1"));
    ExporterClient.finish(session, Map.of("containerimage.digest", "sha256:aa"));

    assertThat(wanted)
        .containsExactly(new ExporterClient.Wanted("oci", Map.of("compression", "zstd")));
    assertThat(wishing.heard).containsExactly("value of [ref1]", "sha256:aa");
  }

  @Test
  void aClientThatDoesNotAnswerWantsNothing() {
    Session bare = clients.sessions().require(clients.connect());
    Session away = connected(new Wishing(Optional.of(Status.UNAVAILABLE)));

    assertThat(ExporterClient.find(bare, Map.of(), List.of())).isEmpty();
    assertThatCode(() -> ExporterClient.finish(bare, Map.of())).doesNotThrowAnyException();
    assertThatCode(() -> ExporterClient.finish(away, Map.of())).doesNotThrowAnyException();
  }

  @Test
  void whatTheClientSaysAgainstItFailsTheBuild() {
    Session session =
        connected(new Wishing(Optional.of(Status.UNKNOWN.withDescription("callback failed"))));

    assertThatThrownBy(() -> ExporterClient.finish(session, Map.of()))
        .hasMessageContaining("callback failed");
  }

  private Session connected(Wishing client) {
    return clients.sessions().require(clients.connect(client));
  }

  private static final class Wishing extends ExporterGrpc.ExporterImplBase {
    private final Optional<Status> refusal;
    private final List<String> heard = new CopyOnWriteArrayList<>();

    private Wishing(Optional<Status> refusal) {
      this.refusal = refusal;
    }

    @Override
    public void findExporters(
        FindExportersRequest request, StreamObserver<FindExportersResponse> answers) {
      heard.add(
          request.getMetadataMap().get("key").toStringUtf8() + " of " + request.getRefsList());
      answers.onNext(
          FindExportersResponse.newBuilder()
              .addExporters(
                  ExporterRequest.newBuilder().setType("oci").putAttrs("compression", "zstd"))
              .build());
      answers.onCompleted();
    }

    @Override
    public void finalizeExport(
        FinalizeExportRequest request, StreamObserver<FinalizeExportResponse> answers) {
      if (refusal.isPresent()) {
        answers.onError(refusal.get().asRuntimeException());
        return;
      }
      heard.add(request.getExporterResponseMap().get("containerimage.digest"));
      answers.onNext(FinalizeExportResponse.getDefaultInstance());
      answers.onCompleted();
    }
  }
}
