package dev.slipway.client.rehearsal;

import dev.slipway.api.control.ControlGrpc;
import dev.slipway.api.control.InfoRequest;
import dev.slipway.api.control.ListWorkersRequest;
import dev.slipway.api.control.StatusResponse;
import dev.slipway.client.build.BuildSpec;
import dev.slipway.client.build.BuildSpec.CacheEntry;
import dev.slipway.client.build.BuildSpec.CacheOptions;
import dev.slipway.client.build.ClientBuild;
import dev.slipway.client.connect.DaemonAddress;
import dev.slipway.client.connect.DaemonConnection;
import dev.slipway.client.progress.ProgressDisplay;
import dev.slipway.client.session.OutputSinks.Sink;
import dev.slipway.rehearsal.RehearsalClient;
import dev.slipway.wire.FailureCodec;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Builds as the client library's users do, and shows nothing of it. Thread-safe.
public final class LocalRehearsalClient implements RehearsalClient {
  @Override
  public void build(Path socket, Build build) {
    try (DaemonConnection daemon =
        DaemonConnection.open(new DaemonAddress.UnixSocket(socket), Optional.empty())) {
      // No such file: nobody's credentials are read.
      ClientBuild client = new ClientBuild(daemon, build.context().resolve("config.json"));
      BuildSpec spec = spec(build);
      String workingCopy = build.context().toString();
      switch (build.manner()) {
        case TOLD -> client.run(spec, workingCopy, new Unseen());
        case DRIVEN -> {
          ask(daemon);
          client.drive(spec, workingCopy, new Unseen());
        }
      }
    }
  }

  /// What buildx wants to know of every builder before it builds.
  private static void ask(DaemonConnection daemon) {
    try {
      ControlGrpc.ControlBlockingStub control = ControlGrpc.newBlockingStub(daemon.channel());
      control.info(InfoRequest.getDefaultInstance());
      control.listWorkers(ListWorkersRequest.getDefaultInstance());
    } catch (StatusRuntimeException failed) {
      throw FailureCodec.decode(failed);
    }
  }

  private static BuildSpec spec(Build build) {
    Map<String, String> options = new LinkedHashMap<>();
    options.put("filename", "Dockerfile");
    build.arguments().forEach((name, value) -> options.put("build-arg:" + name, value));
    Map<String, Path> locals = Map.of("context", build.context(), "dockerfile", build.context());
    return new BuildSpec(
        "dockerfile.v0",
        new byte[0],
        options,
        new BuildSpec.Offered(locals, Map.of(), Map.of()),
        build.image().map(LocalRehearsalClient::push).stream().toList(),
        List.of(),
        new CacheOptions(
            build.caches().export().map(LocalRehearsalClient::cache).stream().toList(),
            build.caches().look().map(LocalRehearsalClient::cache).stream().toList()));
  }

  private static BuildSpec.Output push(String image) {
    return new BuildSpec.Output("image", Map.of("name", image, "push", "true"), new Sink.None());
  }

  private static CacheEntry cache(String reference) {
    return new CacheEntry("registry", Map.of("ref", reference, "mode", "max"));
  }

  private record Unseen() implements ProgressDisplay {
    @Override
    public void show(StatusResponse update) {}

    @Override
    public void close() {}
  }
}
