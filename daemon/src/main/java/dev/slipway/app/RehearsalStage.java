package dev.slipway.app;

import dev.slipway.failure.WrongState;
import dev.slipway.rehearsal.RehearsalClient;
import dev.slipway.rehearsal.RehearsalClient.Build;
import dev.slipway.rehearsal.RehearsalClient.Caches;
import dev.slipway.rehearsal.RehearsalClient.Manner;
import dev.slipway.rpc.InheritedSockets;
import dev.slipway.rpc.ListenAddress;
import dev.slipway.rpc.RpcServer;
import dev.slipway.session.SessionService;
import io.grpc.BindableService;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/// Services that listen on a socket of their own, beside a registry, and what is built with them: a
/// base image, and an image on it, first as a whole, then time and again unchanged, as most builds
/// find most of what they build. Confined to the task that rehearses.
final class RehearsalStage implements Rehearsal.Stage {
  private static final int FILES = 20;

  private static final String BASE =
      """
      FROM scratch
      COPY sub /sub
      """;

  /// As pulled images are what most Dockerfiles begin with, this one's is.
  private static final String IMAGE =
      """
      ARG WHO=everyone
      FROM %1$s AS base
      FROM scratch AS files
      COPY --chown=1:1 sub /sub
      COPY <<HELLO /hello
      hello
      HELLO
      FROM base
      ARG WHO
      ENV GREETED=$WHO
      WORKDIR /work
      COPY --from=files /sub /hello ./
      ADD http://%2$s /downloaded
      COPY changing .
      LABEL a=b
      ENTRYPOINT ["/work/hello"]
      """;

  private final Path socket;
  private final Contexts contexts;
  private final RehearsalRegistry registry;
  private final RehearsalClient client;
  private final Lifecycle parts;

  /// @param folder host path; only root can enter it
  record Ground(Path folder, RehearsalRegistry registry, DaemonServices services) {}

  private record Contexts(Path base, Path image) {}

  private RehearsalStage(
      Path socket,
      Contexts contexts,
      RehearsalRegistry registry,
      RehearsalClient client,
      Lifecycle parts) {
    this.socket = socket;
    this.contexts = contexts;
    this.registry = registry;
    this.client = client;
    this.parts = parts;
  }

  /// Caller closes.
  ///
  /// @param parts what the ground consists of; closed with the stage
  static RehearsalStage on(
      Ground ground, DaemonServices.Foundation daemon, RehearsalClient client, Lifecycle parts)
      throws IOException {
    RehearsalRegistry registry = ground.registry();
    String repository = registry.reference("base");
    Contexts contexts =
        new Contexts(
            context(ground.folder().resolve("context.base"), BASE),
            context(
                ground.folder().resolve("context.image"),
                IMAGE.formatted(
                    repository, repository.replaceFirst("/", "/v2/") + "/manifests/latest")));
    Path socket = ground.folder().resolve("socket");
    parts.add(
        "rehearsal listener",
        RpcServer.start(
            new RpcServer.Settings(
                List.of(new ListenAddress.Unix(socket)),
                Optional.empty(),
                OptionalInt.empty(),
                OptionalInt.empty(),
                RpcServer.InsecureTcp.REFUSED,
                InheritedSockets.of(0, Optional.empty(), Optional.empty(), Optional.empty())),
            ground.services().services().stream().map(BindableService::bindService).toList(),
            new RpcServer.Threads(daemon.loops().get(), daemon.handlers()),
            SessionService.METHOD));
    return new RehearsalStage(socket, contexts, registry, client, parts);
  }

  private static Path context(Path folder, String dockerfile) throws IOException {
    Path sub = Files.createDirectories(folder.resolve("sub"));
    for (int file = 0; file < FILES; file++) {
      Files.writeString(sub.resolve(Integer.toString(file)), "content of file " + file + "\n");
    }
    Files.writeString(folder.resolve("changing"), "at first\n");
    Files.writeString(folder.resolve(".dockerignore"), "ignored\n");
    Files.writeString(folder.resolve("Dockerfile"), dockerfile);
    return folder;
  }

  @Override
  public void build(int number) {
    client.build(socket, script(number));
  }

  /// All kinds there are come early: who is interrupted soon has seen something of each.
  private Build script(int number) {
    Optional<String> image = Optional.of(registry.reference("image"));
    Optional<String> cache = Optional.of(registry.reference("cache"));
    return switch (number) {
      case 0 ->
          build(Manner.TOLD, contexts.base(), Optional.of(registry.reference("base")), Caches.NONE);
      case 1 -> build(Manner.TOLD, contexts.image(), image, new Caches(cache, Optional.empty()));
      default ->
          switch (number % 6) {
            case 0 -> build(Manner.TOLD, contexts.image(), Optional.empty(), Caches.NONE);
            case 1 -> changed(number, image);
            case 2, 4 -> build(Manner.DRIVEN, contexts.image(), image, Caches.NONE);
            case 3 ->
                build(Manner.TOLD, contexts.image(), image, new Caches(Optional.empty(), cache));
            default -> build(Manner.TOLD, contexts.image(), image, Caches.NONE);
          };
    };
  }

  private Build changed(int number, Optional<String> image) {
    Path file = contexts.image().resolve("changing");
    try {
      Files.writeString(file, "at build " + number + "\n");
    } catch (IOException failed) {
      throw new WrongState("cannot write " + file + ": " + failed.getMessage(), failed);
    }
    return build(Manner.TOLD, contexts.image(), image, Caches.NONE);
  }

  private static Build build(Manner manner, Path context, Optional<String> image, Caches caches) {
    return new Build(manner, context, Map.of("WHO", "nobody"), image, caches);
  }

  @Override
  public void close() {
    parts.close();
  }
}
