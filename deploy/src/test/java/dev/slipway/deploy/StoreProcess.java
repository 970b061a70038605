package dev.slipway.deploy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// A server of objects on a free loopback port, as a process of its own: S3Proxy over a folder, or
/// Azurite. Both check what requests are signed with.
final class StoreProcess implements AutoCloseable {
  static final String USER = "user";
  static final String PASSWORD =
      Base64.getEncoder()
          .encodeToString("what only the user knows".getBytes(StandardCharsets.UTF_8));

  private static final int PORTS_TRIED = 5;
  private static final Duration READY_WITHIN = Duration.ofMinutes(3);
  private static final Pattern AZURITE_IS_READY = Pattern.compile("listens on (http://\\S+)\\s");

  private final Process process;
  private final Path folder;
  private final String url;

  private StoreProcess(Process process, Path folder, String url) {
    this.process = process;
    this.folder = folder;
    this.url = url;
  }

  /// S3 with these buckets, in any region. The caller closes it.
  static StoreProcess s3(Distribution distribution, Path folder, String... buckets) {
    for (int attempt = 1; ; attempt++) {
      try {
        return s3On(RegistryProcess.freePort(), distribution, folder, List.of(buckets));
      } catch (AssertionError e) {
        // Between asking for a free port and using it another process may take it.
        if (attempt == PORTS_TRIED) {
          throw e;
        }
      }
    }
  }

  private static StoreProcess s3On(
      int port, Distribution distribution, Path folder, List<String> buckets) {
    try {
      for (String bucket : buckets) {
        Files.createDirectories(folder.resolve("files").resolve(bucket));
      }
      String url = "http://127.0.0.1:" + port;
      Path settings =
          Files.writeString(
              folder.resolve("s3proxy.conf"),
              """
              s3proxy.endpoint=%s
              s3proxy.authorization=aws-v2-or-v4
              s3proxy.ignore-unknown-headers=true
              s3proxy.identity=%s
              s3proxy.credential=%s
              jclouds.provider=filesystem-nio2
              jclouds.filesystem.basedir=%s
              """
                  .formatted(url, USER, PASSWORD, folder.resolve("files")));
      Path logging =
          Files.writeString(
              folder.resolve("logback.xml"),
              """
              <configuration>
                <appender name="out" class="ch.qos.logback.core.ConsoleAppender">
                  <encoder><pattern>%msg%n</pattern></encoder>
                </appender>
                <root level="WARN"><appender-ref ref="out"/></root>
              </configuration>
              """);
      Process process =
          start(
              folder,
              Map.of(),
              Path.of(System.getProperty("java.home"), "bin", "java").toString(),
              "-Xmx256m",
              "-XX:+UseSerialGC",
              "-XX:TieredStopAtLevel=1",
              "-Dlogback.configurationFile=" + logging,
              "-cp",
              distribution.tools().resolve("s3proxy") + "/*",
              "org.gaul.s3proxy.Main",
              "--properties",
              settings.toString());
      return ready(new StoreProcess(process, folder, url), port);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static StoreProcess ready(StoreProcess store, int port) {
    return store.onceReady(
        () -> {
          try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1000);
            return true;
          } catch (IOException e) {
            return false;
          }
        });
  }

  /// Azure's Blob Storage with one account of [#USER]. The caller closes it.
  static StoreProcess azure(Distribution distribution, Path folder) {
    try {
      Files.createDirectories(folder);
      Process process =
          start(
              folder,
              Map.of("AZURITE_ACCOUNTS", USER + ":" + PASSWORD, "PATH", distribution.searchPath()),
              distribution.program("node").toString(),
              distribution
                  .tools()
                  .resolve("azurite/node_modules/azurite/dist/src/blob/main.js")
                  .toString(),
              "--blobHost",
              "127.0.0.1",
              "--blobPort",
              "0",
              "--location",
              folder.resolve("files").toString(),
              "--disableTelemetry");
      StoreProcess starting = new StoreProcess(process, folder, "");
      starting.onceReady(() -> AZURITE_IS_READY.matcher(starting.log()).find());
      Matcher ready = AZURITE_IS_READY.matcher(starting.log());
      if (!ready.find()) {
        throw new AssertionError(starting.log());
      }
      return new StoreProcess(process, folder, ready.group(1) + "/" + USER);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Process start(Path folder, Map<String, String> environment, String... command)
      throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("log").toFile());
    builder.environment().putAll(environment);
    return builder.start();
  }

  private StoreProcess onceReady(java.util.function.BooleanSupplier ready) {
    try {
      Await.until(
          "the store listens",
          READY_WITHIN,
          () -> {
            if (!process.isAlive()) {
              throw new AssertionError("the store ended with " + process.exitValue());
            }
            return ready.getAsBoolean();
          });
      return this;
    } catch (AssertionError e) {
      close();
      throw new AssertionError(e.getMessage() + "\n" + log(), e);
    }
  }

  /// Where its objects are: of Azure with the account's name at the end.
  String url() {
    return url;
  }

  /// What it wrote so far: of Azure a line for each request.
  String log() {
    try {
      return Files.readString(folder.resolve("log"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// The files of S3: `bucket/key`, in order.
  List<String> objects() {
    try (Stream<Path> files = Files.walk(folder.resolve("files"))) {
      return files
          .filter(Files::isRegularFile)
          .map(file -> folder.resolve("files").relativize(file).toString())
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// The file that an object of S3 is in.
  Path object(String bucketAndKey) {
    return folder.resolve("files").resolve(bucketAndKey);
  }

  @Override
  public void close() {
    process.destroyForcibly().onExit().join();
  }
}
