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
import dev.slipway.text.TruthValue;
import java.io.IOException;
import java.io.OutputStream;
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
              "annotation",
              "secret",
              "allow",
              "metadata-file",
              "add-host",
              "network",
              "no-cache-filter",
              "ulimit",
              "shm-size",
              "cgroup-parent",
              "ssh",
              "call",
              "iidfile",
              "cache-to",
              "cache-from",
              "attest",
              "sbom",
              "provenance"),
          List.of("push", "load", "no-cache", "pull", "quiet", "check"),
          Map.of("t", "tag", "f", "file", "o", "output", "q", "quiet"));

  static final String USAGE =
      """
      Usage: slipway build [flags] PATH|URL|-

      With - the context is read from standard input: an archive, compressed or not, or a Dockerfile
      alone.

        -t, --tag NAME            name of the image, may be repeated
            --platform LIST       such as linux/amd64,linux/arm64
        -f, --file FILE           Dockerfile (default PATH/Dockerfile), or - for standard input
            --target STAGE        stop at this stage
            --build-arg N=V       value of an ARG (V from the environment without =V)
            --build-context N=P   a named context: a directory, docker-image://… or
                              oci-layout://DIRECTORY[:TAG][@DIGEST]
            --label K=V           label of the image
            --annotation K=V      annotation of the manifest; LEVEL[,LEVEL]:K=V where LEVEL is
                              manifest, manifest-descriptor, index or index-descriptor, the
                              first two with [PLATFORM] after them if need be
        -o, --output SPEC         type=image|oci|docker|local|tar[,dest=…], a directory, or -;
                              oci and docker with tar=false write blobs into a directory
            --push, --load        push to the registry; load into the local Docker engine
            --cache-to SPEC       type=registry,ref=NAME | inline | local,dest=DIR[,reset=true] | s3,… | azblob,… | gha,… [,mode=max]
            --cache-from SPEC     type=registry,ref=NAME | local,src=DIR | s3,… | azblob,… | gha,…, or NAME
            --sbom SPEC           true, or generator=IMAGE[,KEY=VALUE]: attest what the image holds
            --provenance SPEC     true, or mode=min|max: attest how the image was made
            --attest SPEC         type=sbom|provenance[,KEY=VALUE]
            --no-cache            run every step again
            --no-cache-filter STAGE  run every step of this stage again, may be repeated
            --pull                look for newer base images
            --secret id=X[,src=FILE|env=NAME]
            --ssh ID[=PATH[,PATH]]  let steps sign with the keys of an agent (its socket; the
                              environment's without PATH) or with those of private key files;
                              ID is what steps ask for, usually default; SOCKET,raw=true lets
                              them speak with any socket as they like
            --network MODE        network of the steps: default, none or host
            --add-host HOST:IP    a name that steps know, may be repeated
            --ulimit NAME=SOFT[:HARD]  limit of the steps' processes, such as nofile=1024
            --shm-size SIZE       room in the steps' /dev/shm, such as 128m
            --cgroup-parent PATH  below which cgroup steps run
            --allow NAME          grant an entitlement: network.host, security.insecure, device; or
                              buildx.local.delete, to let type=local,mode=delete remove
                              files outside the working directory
            --call QUESTION       check, outline or targets, with ,format=json for programs: ask about
                              the Dockerfile instead of building; --check is --call=check
            --metadata-file FILE  write the result's digests as JSON
            --iidfile FILE        write the image's id
        -q, --quiet               print nothing but the image's id
            --progress MODE       auto, tty, plain, rawjson, quiet, none
      """;

  @Override
  public int run(List<String> arguments, DaemonConnection daemon, Terminal terminal) {
    Flags flags = Flags.parse(arguments, FLAGS);
    if (flags.rest().size() != 1) {
      throw new InvalidRequest("want exactly one context, PATH, URL or -\n" + USAGE);
    }
    Optional<Call> call =
        flags.on("check") ? Call.parse("check") : flags.last("call").flatMap(Call::parse);
    ResultFiles files = ResultFiles.of(flags);
    files.prepare();
    Path dockerConfig =
        RegistryCredentials.usualConfig(
            Optional.ofNullable(terminal.environment().get("DOCKER_CONFIG")), terminal.home());
    String progress =
        flags.on("quiet")
            ? "quiet"
            : flags.last("progress").orElse(terminal.variable("BUILDKIT_PROGRESS", "auto"));
    Outputs outputs = new Outputs(terminal.out());
    Caches caches = new Caches(terminal.err());
    flags.all("cache-to").forEach(caches::addExport);
    flags.all("cache-from").forEach(caches::addImport);
    Map<String, String> response;
    try (BuildContext context =
        BuildContext.open(flags.rest().getFirst(), flags.last("file"), terminal.in())) {
      BuildSpec spec = spec(flags, terminal, context, new Served(outputs, caches));
      files.requireFitting(spec.outputs());
      ClientBuild build = new ClientBuild(daemon, dockerConfig);
      if (call.isPresent()) {
        Map<String, byte[]> answer;
        try (ProgressDisplay display =
            Displays.open(progress, terminal.interactive(), terminal.err())) {
          answer =
              build.ask(
                  spec.with(call.get().askedWith(spec.options())), context.sharedKey(), display);
        }
        return call.get().show(answer, context.dockerfile(), terminal.out());
      }
      try (ProgressDisplay display =
          Displays.open(progress, terminal.interactive(), terminal.err())) {
        response = build.run(spec, context.sharedKey(), display);
      }
    }
    outputs.note(response);
    caches.note(response);
    report(flags, response, terminal);
    files.write(response);
    return 0;
  }

  private static void report(Flags flags, Map<String, String> response, Terminal terminal) {
    Optional<String> digest = Optional.ofNullable(response.get("containerimage.digest"));
    if (flags.on("quiet")) {
      ResultFiles.imageId(response).ifPresent(terminal.out()::println);
    } else {
      digest.ifPresent(text -> terminal.err().println("image digest: " + text));
    }
  }

  /// What directories of ours a build writes blobs into.
  private record Served(Outputs outputs, Caches caches) {}

  private static BuildSpec spec(
      Flags flags, Terminal terminal, BuildContext context, Served served) {
    List<String> platforms =
        flags.all("platform").stream().flatMap(list -> List.of(list.split(",")).stream()).toList();
    Map<String, String> options = new LinkedHashMap<>(context.options());
    options.putAll(FrontendOptions.of(flags, platforms, terminal.environment()));
    if (TruthValue.isTrue(options.getOrDefault("build-arg:BUILDKIT_INLINE_CACHE", ""))
        && !served.caches().exportsInline()) {
      served.caches().addExport("type=inline");
    }
    NamedContexts contexts = new NamedContexts();
    flags.all("build-context").forEach(contexts::add);
    options.putAll(contexts.options());
    Map<String, Path> locals = new LinkedHashMap<>(context.locals());
    locals.putAll(contexts.locals());
    Map<String, Secret> secrets = new LinkedHashMap<>();
    flags.all("secret").forEach(secret -> Secrets.add(secret, terminal.environment(), secrets));
    SshFlag ssh = new SshFlag(terminal.environment());
    flags.all("ssh").forEach(ssh::add);
    List<String> allow = new ArrayList<>(flags.all("allow"));
    if (FrontendOptions.wantsHostNetwork(flags) && !allow.contains("network.host")) {
      allow.add("network.host");
    }
    List<Output> outputs = outputs(flags, served.outputs(), platforms);
    LocalDeletion.check(outputs, allow, Path.of("").toAbsolutePath());
    Map<String, Store> stores = new LinkedHashMap<>(contexts.stores());
    stores.putAll(served.outputs().stores());
    stores.putAll(served.caches().stores());
    return new BuildSpec(
        "dockerfile.v0",
        new byte[0],
        options,
        new Offered(locals, stores, secrets, context.uploads(), ssh.agents()),
        outputs,
        allow.stream().filter(name -> !name.equals(LocalDeletion.ALLOWED)).toList(),
        served.caches().options());
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
    Map<String, String> annotations = new LinkedHashMap<>();
    flags.all("annotation").forEach(text -> annotations.putAll(Annotations.parse(text)));
    return outputs.stream().map(output -> annotated(output, annotations)).toList();
  }

  private static boolean isImage(Output output) {
    return List.of("image", "oci", "docker").contains(output.type());
  }

  private static Output annotated(Output output, Map<String, String> annotations) {
    if (!isImage(output)) {
      return output;
    }
    Map<String, String> attributes = new LinkedHashMap<>(output.attributes());
    attributes.putAll(annotations);
    return new Output(output.type(), attributes, output.sink());
  }

  private static Output named(Output output, String names) {
    if (!isImage(output) || names.isEmpty() || output.attributes().containsKey("name")) {
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
