package dev.slipway.deploy;

import dev.slipway.api.control.StatusResponse;
import dev.slipway.api.ops.Definition;
import dev.slipway.client.build.BuildSpec;
import dev.slipway.client.build.BuildSpec.CacheOptions;
import dev.slipway.client.build.BuildSpec.Offered;
import dev.slipway.client.build.BuildSpec.Output;
import dev.slipway.client.build.ClientBuild;
import dev.slipway.client.connect.DaemonAddress;
import dev.slipway.client.connect.DaemonConnection;
import dev.slipway.client.progress.ProgressDisplay;
import dev.slipway.client.session.OutputSinks.Sink;
import dev.slipway.failure.BuildFailure;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Builds Dockerfiles and definitions from this process, with the client library that the programs
/// are made of. Confined to the test's thread.
final class LibraryClient implements AutoCloseable {
  private final DaemonConnection connection;

  private LibraryClient(DaemonConnection connection) {
    this.connection = connection;
  }

  /// The caller closes it.
  static LibraryClient of(DaemonProcess daemon) {
    return new LibraryClient(
        DaemonConnection.open(DaemonAddress.parse(daemon.address()), Optional.empty()));
  }

  /// @param options of the Dockerfile frontend
  /// @param locals directories by name
  /// @param attributes of the `oci` exporter
  record Asked(
      Map<String, String> options, Map<String, Path> locals, Map<String, String> attributes) {
    Asked {
      options = Map.copyOf(options);
      locals = Map.copyOf(locals);
      attributes = Map.copyOf(attributes);
    }
  }

  /// @param archive the image as an OCI archive, or the files of a definition; empty when it failed
  /// @param progress all that the daemon told, in order
  record Built(Optional<BuildFailure> failure, byte[] archive, List<StatusResponse> progress) {
    /// What steps printed, in order of arrival.
    String logs() {
      StringBuilder text = new StringBuilder();
      for (StatusResponse update : progress) {
        update.getLogsList().forEach(log -> text.append(log.getMsg().toStringUtf8()));
      }
      return text.toString();
    }

    /// Whether the vertex with this in its name was said to be cached last.
    boolean isCached(String name) {
      return progress.stream()
          .flatMap(update -> update.getVertexesList().stream())
          .filter(vertex -> vertex.getName().contains(name))
          .reduce((_, later) -> later)
          .orElseThrow(() -> new AssertionError("nothing was told of " + name))
          .getCached();
    }
  }

  Built build(Asked asked) {
    ByteArrayOutputStream archive = new ByteArrayOutputStream();
    BuildSpec spec =
        new BuildSpec(
            "dockerfile.v0",
            new byte[0],
            asked.options(),
            new Offered(asked.locals(), Map.of(), Map.of()),
            List.of(new Output("oci", asked.attributes(), new Sink.ToStream(() -> archive))),
            List.of(),
            new CacheOptions(List.of(), List.of()));
    // Every context is a working copy of its own: nothing of one transfer is used for another.
    return build(spec, String.valueOf(asked.locals().get("context")), archive);
  }

  /// Files and logs of a definition: what it makes comes as a plain archive.
  Built build(Definition definition, Offered offered, String... entitlements) {
    ByteArrayOutputStream archive = new ByteArrayOutputStream();
    BuildSpec spec =
        new BuildSpec(
            "",
            definition.toByteArray(),
            Map.of(),
            offered,
            List.of(new Output("tar", Map.of(), new Sink.ToStream(() -> archive))),
            List.of(entitlements),
            new CacheOptions(List.of(), List.of()));
    return build(spec, "definitions", archive);
  }

  /// A Dockerfile's files, with what another daemon cached; it must succeed.
  ///
  /// @param context with the Dockerfile
  Progress buildInto(Path directory, Map<String, String> options, Path context, CacheImport cache) {
    return buildInto(
        directory,
        new BuildSpec(
            "dockerfile.v0",
            new byte[0],
            options,
            new Offered(
                Map.of("context", context, "dockerfile", context), cache.stores(), Map.of()),
            List.of(new Output("local", Map.of(), new Sink.ToDirectory(directory))),
            List.of(),
            new CacheOptions(List.of(), List.of(cache.entry()))));
  }

  /// The same of a definition.
  Progress buildInto(Path directory, byte[] definition, CacheImport cache) {
    return buildInto(
        directory,
        new BuildSpec(
            "",
            definition,
            Map.of(),
            new Offered(Map.of(), cache.stores(), Map.of()),
            List.of(new Output("local", Map.of(), new Sink.ToDirectory(directory))),
            List.of(),
            new CacheOptions(List.of(), List.of(cache.entry()))));
  }

  private Progress buildInto(Path directory, BuildSpec spec) {
    Recording progress = new Recording();
    new ClientBuild(connection, Path.of("/nonexistent")).run(spec, directory.toString(), progress);
    return Progress.of(progress.updates);
  }

  private Built build(BuildSpec spec, String key, ByteArrayOutputStream archive) {
    Recording progress = new Recording();
    Optional<BuildFailure> failure = Optional.empty();
    try {
      new ClientBuild(connection, Path.of("/nonexistent")).run(spec, key, progress);
    } catch (BuildFailure failed) {
      failure = Optional.of(failed);
    }
    return new Built(failure, archive.toByteArray(), progress.updates);
  }

  /// Runs a build that must succeed; what the daemon tells meanwhile is not kept.
  ///
  /// @param key of the working copy
  /// @return the daemon's response
  Map<String, String> run(BuildSpec spec, String key) {
    return new ClientBuild(connection, Path.of("/nonexistent")).run(spec, key, new Recording());
  }

  @Override
  public void close() {
    connection.close();
  }

  private static final class Recording implements ProgressDisplay {
    private final List<StatusResponse> updates = new ArrayList<>();

    @Override
    public void show(StatusResponse update) {
      updates.add(update);
    }

    @Override
    public void close() {
      // it stays to be looked at
    }
  }
}
