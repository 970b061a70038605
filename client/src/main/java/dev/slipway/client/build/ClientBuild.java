package dev.slipway.client.build;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.slipway.api.control.CacheOptionsEntry;
import dev.slipway.api.control.ControlGrpc;
import dev.slipway.api.control.Exporter;
import dev.slipway.api.control.SolveRequest;
import dev.slipway.api.control.StatusRequest;
import dev.slipway.api.control.StatusResponse;
import dev.slipway.api.ops.Definition;
import dev.slipway.client.build.BuildSpec.CacheEntry;
import dev.slipway.client.build.BuildSpec.CacheOptions;
import dev.slipway.client.connect.DaemonConnection;
import dev.slipway.client.progress.ProgressDisplay;
import dev.slipway.client.session.ClientSession;
import dev.slipway.client.session.ContentStores;
import dev.slipway.client.session.LocalDirectories;
import dev.slipway.client.session.OutputSinks;
import dev.slipway.client.session.RegistryCredentials;
import dev.slipway.client.session.SecretFiles;
import dev.slipway.client.session.SshAgents;
import dev.slipway.client.session.Uploads;
import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.task.TaskScope;
import dev.slipway.wire.FailureCodec;
import io.grpc.BindableService;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Runs one build: opens a session, sends the request, shows the progress, waits for the result.
/// Interruption cancels the build on the daemon. Thread-safe.
public final class ClientBuild {
  /// How long a build that failed is given to tell the rest of what its steps wrote, which is where
  /// people look for the reason.
  private static final Duration LAST_WORDS = Duration.ofSeconds(20);

  private final DaemonConnection daemon;
  private final Path dockerConfig;

  /// @param dockerConfig Docker's `config.json`, for registries' credentials
  public ClientBuild(DaemonConnection daemon, Path dockerConfig) {
    this.daemon = daemon;
    this.dockerConfig = dockerConfig;
  }

  /// Runs the build to its end.
  ///
  /// @param sharedKey of the working copy
  /// @return response metadata: digests and names
  /// @throws BuildFailure the build's failure, with where it failed as facts
  public Map<String, String> run(BuildSpec spec, String sharedKey, ProgressDisplay display) {
    return inSession(spec, sharedKey, display, (_, solve) -> solve.result());
  }

  /// As [#run], but the daemon is not told what to build: it waits, and the frontend's answer is
  /// given to it from here.
  public Map<String, String> drive(BuildSpec spec, String sharedKey, ProgressDisplay display) {
    Questions questions = new Questions(daemon.channel());
    return inSession(
        spec.withoutFrontend(),
        sharedKey,
        display,
        (ref, solve) -> {
          questions.ask(ref, spec.frontend(), spec.options());
          return solve.result();
        });
  }

  /// Asks the frontend something about what it would build, such as to check it, instead of
  /// building it. Nothing is written.
  ///
  /// @param spec its frontend's options name the request
  /// @return the parts of the answer: `result.txt` for people, `result.json` for programs
  /// @throws BuildFailure the frontend's failure, or it does not know the request
  public Map<String, byte[]> ask(BuildSpec spec, String sharedKey, ProgressDisplay display) {
    BuildSpec driven = spec.withoutFrontend().withoutEffect();
    Questions questions = new Questions(daemon.channel());
    Map<String, byte[]> answer = new LinkedHashMap<>();
    inSession(
        driven,
        sharedKey,
        display,
        (ref, solve) -> {
          answer.putAll(questions.ask(ref, spec.frontend(), spec.options()));
          return solve.result();
        });
    return answer;
  }

  /// What is done while the daemon works on a request.
  @FunctionalInterface
  private interface Meanwhile {
    /// @param ref of the build
    /// @param solve ends with it
    Solved run(String ref, TaskScope.Forked<Solved> solve);
  }

  private Map<String, String> inSession(
      BuildSpec spec, String sharedKey, ProgressDisplay display, Meanwhile meanwhile) {
    String ref = RandomId.make();
    try (LocalDirectories directories = new LocalDirectories(spec.offered().locals());
        ContentStores stores = new ContentStores(spec.offered().stores());
        Uploads uploads = new Uploads(spec.offered().uploads());
        SshAgents agents = new SshAgents(spec.offered().agents());
        OutputSinks sinks =
            new OutputSinks(spec.outputs().stream().map(BuildSpec.Output::sink).toList());
        ClientSession session =
            openSession(
                spec, sharedKey, new Attached(directories, stores, uploads, agents, sinks));
        TaskScope scope = TaskScope.open("build")) {
      SolveRequest request = request(ref, session.id(), spec);
      TaskScope.Forked<Solved> solve = scope.fork(() -> solve(request));
      TaskScope.Forked<?> progress = scope.forkAction(() -> follow(ref, display));
      return switch (meanwhile.run(ref, solve)) {
        case Solved.Well well -> {
          progress.result();
          yield well.response();
        }
        case Solved.Failed failed -> {
          scope.forkAction(() -> interruptLater(progress));
          awaitEnd(progress, failed.failure());
          throw failed.failure();
        }
      };
    }
  }

  /// How a build ended. A failure is a value here: thrown in a task it would end the task that
  /// shows the progress, and with it what is still to be shown.
  private sealed interface Solved {
    record Well(Map<String, String> response) implements Solved {}

    record Failed(BuildFailure failure) implements Solved {}
  }

  private static void interruptLater(TaskScope.Forked<?> progress) throws InterruptedException {
    Thread.sleep(LAST_WORDS);
    progress.interrupt();
  }

  private static void awaitEnd(TaskScope.Forked<?> progress, BuildFailure because) {
    try {
      progress.result();
    } catch (BuildFailure alsoFailed) {
      because.addSuppressed(alsoFailed);
    }
  }

  /// What the session serves and this build closes.
  private record Attached(
      LocalDirectories directories,
      ContentStores stores,
      Uploads uploads,
      SshAgents agents,
      OutputSinks sinks) {}

  private ClientSession openSession(BuildSpec spec, String sharedKey, Attached attached) {
    List<BindableService> services = new ArrayList<>();
    if (!spec.offered().locals().isEmpty()) {
      services.add(attached.directories().service());
    }
    if (!spec.offered().stores().isEmpty()) {
      services.add(attached.stores().service());
    }
    if (!spec.offered().uploads().isEmpty()) {
      services.add(attached.uploads().service());
    }
    if (!spec.offered().agents().isEmpty()) {
      services.add(attached.agents().service());
    }
    if (!spec.outputs().isEmpty()) {
      services.add(attached.sinks().service());
    }
    services.add(new RegistryCredentials(dockerConfig));
    services.add(new SecretFiles(spec.offered().secrets()));
    return ClientSession.open(
        daemon.channel(),
        new ClientSession.Identity(RandomId.make(), "slipway", sharedKey),
        services);
  }

  private static SolveRequest request(String ref, String session, BuildSpec spec) {
    SolveRequest.Builder request =
        SolveRequest.newBuilder()
            .setRef(ref)
            .setSession(session)
            .setFrontend(spec.frontend())
            .putAllFrontendAttrs(spec.options())
            .addAllEntitlements(spec.entitlements());
    CacheOptions caches = spec.caches();
    request.setCache(
        dev.slipway.api.control.CacheOptions.newBuilder()
            .addAllExports(caches.exports().stream().map(ClientBuild::message).toList())
            .addAllImports(caches.imports().stream().map(ClientBuild::message).toList()));
    if (!spec.frontend().isEmpty() && !caches.imports().isEmpty()) {
      request.putFrontendAttrs("cache-imports", json(caches.imports()));
    }
    if (spec.definition().length > 0) {
      try {
        request.setDefinition(Definition.parseFrom(spec.definition()));
      } catch (InvalidProtocolBufferException failure) {
        throw new InvalidRequest(
            "the input is no LLB definition: " + failure.getMessage(), failure);
      }
    }
    spec.outputs()
        .forEach(
            output ->
                request.addExporters(
                    Exporter.newBuilder().setType(output.type()).putAllAttrs(output.attributes())));
    return request.build();
  }

  private static CacheOptionsEntry message(CacheEntry entry) {
    return CacheOptionsEntry.newBuilder()
        .setType(entry.type())
        .putAllAttrs(entry.attributes())
        .build();
  }

  /// As frontends read it: they solve on their own, and import the caches there.
  private static String json(List<CacheEntry> entries) {
    ArrayNode all = JsonMapper.shared().createArrayNode();
    for (CacheEntry entry : entries) {
      ObjectNode one = all.addObject().put("Type", entry.type());
      entry.attributes().forEach(one.putObject("Attrs")::put);
    }
    return JsonMapper.shared().writeValueAsString(all);
  }

  private Solved solve(SolveRequest request) {
    try {
      return new Solved.Well(
          ControlGrpc.newBlockingStub(daemon.channel()).solve(request).getExporterResponseMap());
    } catch (StatusRuntimeException failed) {
      return new Solved.Failed(FailureCodec.decode(failed));
    }
  }

  /// A build that ends before it has a log leaves nothing to follow: its own failure says why.
  private void follow(String ref, ProgressDisplay display) {
    try {
      Iterator<StatusResponse> updates =
          ControlGrpc.newBlockingStub(daemon.channel())
              .status(StatusRequest.newBuilder().setRef(ref).build());
      while (updates.hasNext()) {
        display.show(updates.next());
      }
    } catch (StatusRuntimeException failed) {
      BuildFailure failure = FailureCodec.decode(failed);
      switch (failure.kind()) {
        case NOT_FOUND, CANCELLED, UNAVAILABLE -> {}
        default -> throw failure;
      }
    }
  }
}
