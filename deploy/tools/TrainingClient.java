import dev.slipway.api.control.ControlGrpc;
import dev.slipway.api.control.Exporter;
import dev.slipway.api.control.InfoRequest;
import dev.slipway.api.control.ListWorkersRequest;
import dev.slipway.api.control.SolveRequest;
import dev.slipway.api.control.StatusRequest;
import dev.slipway.api.control.StatusResponse;
import dev.slipway.api.gateway.LLBBridgeGrpc;
import dev.slipway.api.gateway.PingRequest;
import dev.slipway.api.gateway.Result;
import dev.slipway.api.gateway.ReturnRequest;
import dev.slipway.client.build.RandomId;
import dev.slipway.client.connect.DaemonAddress;
import dev.slipway.client.connect.DaemonConnection;
import dev.slipway.client.session.ClientSession;
import dev.slipway.client.session.LocalDirectories;
import dev.slipway.client.session.RegistryCredentials;
import dev.slipway.task.TaskScope;
import io.grpc.Channel;
import io.grpc.Metadata;
import io.grpc.stub.MetadataUtils;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Builds as buildctl and buildx do, for the builds that train the ahead-of-time cache: the daemon
/// is not told what to build, it waits, and the client has the frontend solve and gives back what
/// came of it. Run as `java -cp slipway.jar:CLASSES TrainingClient SOCKET DIRECTORY IMAGE`, once a
/// build.
final class TrainingClient {
  private static final Metadata.Key<String> BUILD =
      Metadata.Key.of("buildkit-controlapi-buildid", Metadata.ASCII_STRING_MARSHALLER);

  public static void main(String[] arguments) {
    Path directory = Path.of(arguments[1]);
    try (DaemonConnection daemon =
            DaemonConnection.open(
                new DaemonAddress.UnixSocket(Path.of(arguments[0])), Optional.empty());
        LocalDirectories directories =
            new LocalDirectories(Map.of("context", directory, "dockerfile", directory));
        ClientSession session =
            ClientSession.open(
                daemon.channel(),
                new ClientSession.Identity(RandomId.make(), "training", directory.toString()),
                List.of(directories.service(), new RegistryCredentials(directory)));
        TaskScope scope = TaskScope.open("build")) {
      build(daemon.channel(), session.id(), arguments[2], scope);
    }
  }

  private static void build(Channel daemon, String session, String image, TaskScope scope) {
    ControlGrpc.ControlBlockingStub control = ControlGrpc.newBlockingStub(daemon);
    control.info(InfoRequest.getDefaultInstance());
    control.listWorkers(ListWorkersRequest.getDefaultInstance());
    String build = RandomId.make();
    SolveRequest request =
        SolveRequest.newBuilder()
            .setRef(build)
            .setSession(session)
            .addExporters(
                Exporter.newBuilder().setType("image").putAttrs("name", image).putAttrs("push", "true"))
            .build();
    var solved = scope.fork(() -> control.solve(request));
    var shown =
        scope.fork(
            () -> {
              int updates = 0;
              Iterator<StatusResponse> status =
                  control.status(StatusRequest.newBuilder().setRef(build).build());
              for (; status.hasNext(); status.next()) {
                updates++;
              }
              return updates;
            });
    Metadata headers = new Metadata();
    headers.put(BUILD, build);
    var bridge =
        LLBBridgeGrpc.newBlockingStub(daemon)
            .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
    bridge.ping(PingRequest.getDefaultInstance());
    Result result =
        bridge
            .solve(
                dev.slipway.api.gateway.SolveRequest.newBuilder()
                    .setFrontend("dockerfile.v0")
                    .putFrontendOpt("filename", "Dockerfile")
                    .setAllowResultReturn(true)
                    .setAllowResultArrayRef(true)
                    .setFinal(true)
                    .build())
            .getResult();
    bridge.return_(ReturnRequest.newBuilder().setResult(result).build());
    solved.result();
    shown.result();
  }
}
