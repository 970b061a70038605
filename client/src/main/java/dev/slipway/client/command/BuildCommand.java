package dev.slipway.client.command;

import dev.slipway.client.build.BuildSpec;
import dev.slipway.client.build.BuildSpec.Offered;
import dev.slipway.client.build.BuildSpec.Output;
import dev.slipway.client.build.ClientBuild;
import dev.slipway.client.connect.DaemonConnection;
import dev.slipway.client.progress.ProgressDisplay;
import dev.slipway.client.session.ContentStores.Store;
import dev.slipway.client.session.OutputSinks.Sink;
import dev.slipway.client.session.RegistryCredentials;
import dev.slipway.client.session.SecretFiles.Secret;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.failure.Unavailable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// `slipway build`: an image from a Dockerfile, with the flags people know from `docker buildx
/// build`.
final class BuildCommand implements Command {
  static final Flags.Table FLAGS =
      new Flags.Table(
          List.of(
              "tag",
              "platform",
              "file",
              "target",
              "build-arg",
              "build-context",
              "output",
              "progress",
              "label",
              "secret",
              "allow",
              "metadata-file",
              "add-host",
              "network",
              "no-cache-filter",
              "iidfile",
              "cache-to",
              "cache-from",
              "attest",
              "sbom",
              "provenance"),
          List.of("push", "load", "no-cache", "pull", "quiet"),
          Map.of("t", "tag", "f", "file", "o", "output", "q", "quiet"));

  static final String USAGE =
      """
      Usage: slipway build [flags] PATH|URL|-

        -t, --tag NAME            name of the image, may be repeated
            --platform LIST       such as linux/amd64,linux/arm64
        -f, --file FILE           Dockerfile (default PATH/Dockerfile)
            --target STAGE        stop at this stage
            --build-arg N=V       value of an ARG (V from the environment without =V)
            --build-context N=P   a named context: a directory, docker-image://… or
                              oci-layout://DIRECTORY[:TAG][@DIGEST]
            --label K=V           label of the image
        -o, --output SPEC         type=image|oci|docker|local|tar[,dest=…], a directory, or -
            --push, --load        push to the registry; load into the local Docker engine
            --cache-to SPEC       type=registry,ref=NAME | inline | local,dest=DIR | s3,… | azblob,… | gha,… [,mode=max]
            --cache-from SPEC     type=registry,ref=NAME | local,src=DIR | s3,… | azblob,… | gha,…, or NAME
            --sbom SPEC           true, or generator=IMAGE[,KEY=VALUE]: attest what the image holds
            --provenance SPEC     true, or mode=min|max: attest how the image was made
            --attest SPEC         type=sbom|provenance[,KEY=VALUE]
            --no-cache            run every step again
            --secret id=X[,src=FILE|env=NAME]
            --allow NAME          grant an entitlement: network.host, security.insecure
            --metadata-file FILE  write the result's digests as JSON
            --progress MODE       auto, tty, plain, rawjson, quiet
      """;

  @Override
  public int run(List<String> arguments, DaemonConnection daemon, Terminal terminal) {
    Flags flags = Flags.parse(arguments, FLAGS);
    if (flags.rest().size() != 1) {
      throw new InvalidRequest("want exactly one context, PATH, URL or -\n" + USAGE);
    }
    Caches caches = new Caches(terminal.err());
    flags.all("cache-to").forEach(caches::addExport);
    flags.all("cache-from").forEach(caches::addImport);
    Outputs outputs = new Outputs(terminal.out());
    BuildSpec spec = spec(flags, terminal, caches, outputs);
    Path dockerConfig =
        RegistryCredentials.usualConfig(
            Optional.ofNullable(terminal.environment().get("DOCKER_CONFIG")), terminal.home());
    String progress =
        flags.on("quiet")
            ? "quiet"
            : flags.last("progress").orElse(terminal.variable("BUILDKIT_PROGRESS", "auto"));
    Map<String, String> response;
    try (ProgressDisplay display =
        Displays.open(progress, terminal.interactive(), terminal.err())) {
      response =
          new ClientBuild(daemon, dockerConfig)
              .run(spec, sharedKey(flags.rest().getFirst()), display);
    }
    caches.note(response);
    outputs.note(response);
    report(flags, response, terminal);
    return 0;
  }

  private static String sharedKey(String context) {
    Path name = Path.of(context).toAbsolutePath().normalize().getFileName();
    return name == null ? "root" : name.toString();
  }

  private static void report(Flags flags, Map<String, String> response, Terminal terminal) {
    Optional<String> digest = Optional.ofNullable(response.get("containerimage.digest"));
    if (flags.on("quiet")) {
      digest.ifPresent(terminal.out()::println);
    } else {
      digest.ifPresent(text -> terminal.err().println("image digest: " + text));
    }
    flags.last("metadata-file").ifPresent(file -> MetadataFile.write(Path.of(file), response));
    try {
      if (flags.last("iidfile").isPresent() && digest.isPresent()) {
        Files.writeString(Path.of(flags.last("iidfile").get()), digest.get());
      }
    } catch (IOException failure) {
      throw new Unavailable("cannot write the result: " + failure.getMessage(), failure);
    }
  }

  private static BuildSpec spec(Flags flags, Terminal terminal, Caches caches, Outputs reader) {
    Map<String, String> options = new LinkedHashMap<>();
    Map<String, Path> locals = new LinkedHashMap<>();
    addContext(flags, terminal, options, locals);
    flags.last("target").ifPresent(target -> options.put("target", target));
    List<String> platforms =
        flags.all("platform").stream().flatMap(list -> List.of(list.split(",")).stream()).toList();
    if (!platforms.isEmpty()) {
      options.put("platform", String.join(",", platforms));
    }
    flags.all("build-arg").forEach(argument -> addPair("build-arg:", argument, terminal, options));
    flags.all("label").forEach(label -> addPair("label:", label, terminal, options));
    NamedContexts contexts = new NamedContexts();
    flags.all("build-context").forEach(contexts::add);
    options.putAll(contexts.options());
    locals.putAll(contexts.locals());
    if (flags.on("no-cache")) {
      options.put("no-cache", "");
    }
    flags.last("no-cache-filter").ifPresent(stages -> options.put("no-cache", stages));
    if (flags.on("pull")) {
      options.put("image-resolve-mode", "pull");
    }
    flags
        .last("network")
        .filter(mode -> !mode.equals("default"))
        .ifPresent(mode -> options.put("force-network-mode", mode));
    if (!flags.all("add-host").isEmpty()) {
      options.put(
          "add-hosts",
          String.join(
              ",",
              flags.all("add-host").stream().map(host -> host.replaceFirst(":", "=")).toList()));
    }
    Attests attests = new Attests();
    flags.all("attest").forEach(attests::add);
    flags.last("sbom").ifPresent(text -> attests.add("sbom", text));
    flags.last("provenance").ifPresent(text -> attests.add("provenance", text));
    options.putAll(attests.options());
    Map<String, Secret> secrets = new LinkedHashMap<>();
    flags.all("secret").forEach(secret -> Secrets.add(secret, terminal.environment(), secrets));
    Map<String, Store> stores = new LinkedHashMap<>(contexts.stores());
    stores.putAll(caches.stores());
    List<Output> outputs = outputs(flags, reader, platforms);
    stores.putAll(reader.stores());
    return new BuildSpec(
        "dockerfile.v0",
        new byte[0],
        options,
        new Offered(locals, stores, secrets),
        outputs,
        flags.all("allow"),
        caches.options());
  }

  private static void addContext(
      Flags flags, Terminal terminal, Map<String, String> options, Map<String, Path> locals) {
    String context = flags.rest().getFirst();
    if (context.equals("-")) {
      Path directory = readDockerfile(terminal);
      locals.put("context", directory);
      locals.put("dockerfile", directory);
      return;
    }
    if (context.matches("(https?|git|ssh)://.*|git@.*|github\\.com/.*")) {
      options.put("context", context);
      flags.last("file").ifPresent(file -> options.put("filename", file));
      return;
    }
    Path directory = Path.of(context);
    if (!Files.isDirectory(directory)) {
      throw new InvalidRequest(
          "unable to prepare context: path \"" + context + "\" not found or not a directory");
    }
    locals.put("context", directory);
    Path dockerfile = flags.last("file").map(Path::of).orElse(directory.resolve("Dockerfile"));
    Path parent = dockerfile.toAbsolutePath().getParent();
    locals.put("dockerfile", parent == null ? directory : parent);
    if (flags.last("file").isPresent()) {
      options.put("filename", String.valueOf(dockerfile.getFileName()));
    }
  }

  /// A Dockerfile alone on standard input, in an empty context.
  private static Path readDockerfile(Terminal terminal) {
    try {
      byte[] text = terminal.in().readNBytes(1 << 20);
      if (text.length > 262
          && new String(text, 257, 5, StandardCharsets.ISO_8859_1).equals("ustar")) {
        throw new InvalidRequest(
            "a context as a tar on standard input is not supported; unpack it and give its"
                + " directory");
      }
      Path directory = Files.createTempDirectory("slipway-stdin");
      // In reverse order: the file goes first.
      directory.toFile().deleteOnExit();
      Path dockerfile = directory.resolve("Dockerfile");
      Files.write(dockerfile, text);
      dockerfile.toFile().deleteOnExit();
      return directory;
    } catch (IOException failure) {
      throw new Unavailable("cannot read standard input: " + failure.getMessage(), failure);
    }
  }

  private static void addPair(
      String prefix, String pair, Terminal terminal, Map<String, String> options) {
    int equals = pair.indexOf('=');
    if (equals >= 0) {
      options.put(prefix + pair.substring(0, equals), pair.substring(equals + 1));
    } else {
      Optional.ofNullable(terminal.environment().get(pair))
          .ifPresent(value -> options.put(prefix + pair, value));
    }
  }

  private static List<Output> outputs(Flags flags, Outputs reader, List<String> platforms) {
    List<Output> outputs = new ArrayList<>();
    String names = String.join(",", flags.all("tag"));
    for (String text : flags.all("output")) {
      Output output = reader.parse(text);
      if (!output.type().equals("cacheonly")) {
        outputs.add(named(output, names));
      }
    }
    if (flags.on("push")) {
      if (names.isEmpty()) {
        throw new InvalidRequest("tag is needed when pushing to registry");
      }
      outputs.add(new Output("image", Map.of("name", names, "push", "true"), new Sink.None()));
    }
    if (flags.on("load")) {
      if (platforms.size() > 1) {
        throw new InvalidRequest(
            "docker exporter does not currently support exporting manifest lists: give one platform"
                + " with --load");
      }
      outputs.add(
          named(
              new Output("docker", Map.of(), new Sink.ToStream(BuildCommand::dockerLoad)), names));
    }
    if (outputs.isEmpty() && flags.all("output").isEmpty() && !names.isEmpty()) {
      outputs.add(new Output("image", Map.of("name", names), new Sink.None()));
    }
    return outputs;
  }

  private static Output named(Output output, String names) {
    boolean image = List.of("image", "oci", "docker").contains(output.type());
    if (!image || names.isEmpty() || output.attributes().containsKey("name")) {
      return output;
    }
    Map<String, String> attributes = new LinkedHashMap<>(output.attributes());
    attributes.put("name", names);
    return new Output(output.type(), attributes, output.sink());
  }

  /// Feeds `docker load`; closing waits for it.
  private static OutputStream dockerLoad() throws IOException {
    Process load =
        new ProcessBuilder("docker", "load", "--quiet")
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    return new java.io.FilterOutputStream(load.getOutputStream()) {
      @Override
      public void write(byte[] bytes, int offset, int length) throws IOException {
        out.write(bytes, offset, length);
      }

      @Override
      public void close() throws IOException {
        super.close();
        try {
          if (load.waitFor() != 0) {
            throw new IOException("docker load failed");
          }
        } catch (InterruptedException interrupted) {
          Thread.currentThread().interrupt();
          throw new IOException("interrupted while docker load ran", interrupted);
        }
      }
    };
  }
}
