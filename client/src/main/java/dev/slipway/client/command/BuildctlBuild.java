package dev.slipway.client.command;

import dev.slipway.client.build.BuildSpec;
import dev.slipway.client.build.BuildSpec.Offered;
import dev.slipway.client.build.BuildSpec.Output;
import dev.slipway.client.build.ClientBuild;
import dev.slipway.client.connect.DaemonConnection;
import dev.slipway.client.layout.OciLayout;
import dev.slipway.client.progress.ProgressDisplay;
import dev.slipway.client.session.ContentStores.Store;
import dev.slipway.client.session.RegistryCredentials;
import dev.slipway.client.session.SecretFiles.Secret;
import dev.slipway.failure.Exhausted;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.failure.Unavailable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// `buildctl build`: a frontend with its options, or an LLB definition on standard input (surface
/// reference 10.2).
final class BuildctlBuild implements Command {
  private static final int LARGEST_DEFINITION = 16 << 20;

  static final Flags.Table FLAGS =
      new Flags.Table(
          List.of(
              "output",
              "progress",
              "local",
              "frontend",
              "opt",
              "secret",
              "allow",
              "metadata-file",
              "ref-file",
              "ssh",
              "export-cache",
              "import-cache",
              "oci-layout",
              "trace"),
          List.of("no-cache"),
          Map.of("o", "output"));

  @Override
  public int run(List<String> arguments, DaemonConnection daemon, Terminal terminal) {
    Flags flags = Flags.parse(arguments, FLAGS);
    Map<String, Path> locals = new LinkedHashMap<>();
    flags
        .all("local")
        .forEach(text -> pair(text, "local", (name, value) -> locals.put(name, Path.of(value))));
    Map<String, Store> stores = new LinkedHashMap<>();
    flags
        .all("oci-layout")
        .forEach(
            text ->
                pair(
                    text,
                    "oci-layout",
                    (name, value) ->
                        stores.put(
                            "oci:" + name, new Store(OciLayout.open(Path.of(value)), false))));
    Caches caches = new Caches(terminal.err());
    flags.all("export-cache").forEach(caches::addExport);
    flags.all("import-cache").forEach(caches::addImport);
    stores.putAll(caches.stores());
    Map<String, String> options = new LinkedHashMap<>();
    flags.all("opt").forEach(text -> pair(text, "opt", options::put));
    if (flags.on("no-cache")) {
      options.put("no-cache", "");
    }
    Optional.ofNullable(terminal.environment().get("SOURCE_DATE_EPOCH"))
        .ifPresent(epoch -> options.putIfAbsent("build-arg:SOURCE_DATE_EPOCH", epoch));
    Map<String, Secret> secrets = new LinkedHashMap<>();
    flags.all("secret").forEach(secret -> Secrets.add(secret, terminal.environment(), secrets));
    SshFlag ssh = new SshFlag(terminal.environment());
    flags.all("ssh").forEach(ssh::add);
    Outputs reader = new Outputs(terminal.out());
    List<Output> outputs = flags.all("output").stream().map(reader::parse).toList();
    stores.putAll(reader.stores());
    String frontend = flags.last("frontend").orElse("");
    byte[] definition = frontend.isEmpty() ? definition(terminal) : new byte[0];
    BuildSpec spec =
        new BuildSpec(
            frontend,
            definition,
            options,
            new Offered(locals, stores, secrets, Map.of(), ssh.agents()),
            outputs,
            flags.all("allow"),
            caches.options());
    Path dockerConfig =
        RegistryCredentials.usualConfig(
            Optional.ofNullable(terminal.environment().get("DOCKER_CONFIG")), terminal.home());
    String progress = flags.last("progress").orElse(terminal.variable("BUILDKIT_PROGRESS", "auto"));
    String key =
        Optional.ofNullable(locals.get("context"))
            .map(path -> String.valueOf(path.toAbsolutePath().normalize().getFileName()))
            .orElse("");
    Map<String, String> response;
    try (ProgressDisplay display =
        traced(
            Displays.open(progress, terminal.interactive(), terminal.err()), flags.last("trace"))) {
      response = new ClientBuild(daemon, dockerConfig).run(spec, key, display);
    }
    reader.note(response);
    caches.note(response);
    flags.last("metadata-file").ifPresent(file -> MetadataFile.write(Path.of(file), response));
    return 0;
  }

  /// @param file to which the progress is written too, as JSON
  private static ProgressDisplay traced(ProgressDisplay display, Optional<String> file) {
    if (file.isEmpty()) {
      return display;
    }
    try {
      return TracedDisplay.open(display, Path.of(file.get()));
    } catch (IOException failure) {
      display.close();
      throw new InvalidRequest(
          "cannot write the trace to " + file.get() + ": " + failure.getMessage(), failure);
    }
  }

  private static byte[] definition(Terminal terminal) {
    try {
      byte[] bytes = terminal.in().readNBytes(LARGEST_DEFINITION + 1);
      if (bytes.length > LARGEST_DEFINITION) {
        throw new Exhausted(
            "the definition on standard input has more than " + LARGEST_DEFINITION + " bytes");
      }
      return bytes;
    } catch (IOException failure) {
      throw new Unavailable("cannot read standard input: " + failure.getMessage(), failure);
    }
  }

  private static void pair(
      String text, String flag, java.util.function.BiConsumer<String, String> to) {
    int equals = text.indexOf('=');
    if (equals <= 0) {
      throw new InvalidRequest("invalid --" + flag + " \"" + text + "\": want name=value");
    }
    to.accept(text.substring(0, equals), text.substring(equals + 1));
  }
}
