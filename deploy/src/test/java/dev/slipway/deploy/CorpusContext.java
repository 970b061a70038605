package dev.slipway.deploy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// The files that the corpus copies, in a context directory, and offered for download. The same
/// bytes, modes and times wherever it is made. The caller closes it, which ends the downloads.
final class CorpusContext implements AutoCloseable {
  private static final FileTime TIME = FileTime.from(Instant.ofEpochSecond(1_500_000_000));

  private final Path folder;
  private final HttpServer server;

  private CorpusContext(Path folder, HttpServer server) {
    this.folder = folder;
    this.server = server;
  }

  /// @param git to make the repository that `ADD` fetches
  /// @param tar to make archives
  static CorpusContext open(Path folder, Tool git, Tool tar) {
    try {
      Path offered = Files.createDirectories(folder.resolve("offered"));
      fill(offered);
      archives(offered, tar);
      repository(folder, offered, git);
      HttpServer server =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      CorpusContext context = new CorpusContext(folder, server);
      server.createContext("/", exchange -> context.answer(exchange, offered));
      server.start();
      return context;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// `host:port` of the downloads.
  String site() {
    return "127.0.0.1:" + server.getAddress().getPort();
  }

  /// A new context directory with the common files and those of the case.
  Path directory(CorpusCase corpusCase) {
    Path directory = folder.resolve(corpusCase.topic() + "-" + corpusCase.name());
    try {
      Files.createDirectory(directory);
      fill(directory);
      for (String archive : List.of("tree.tar", "tree.tar.gz")) {
        Files.copy(folder.resolve("offered").resolve(archive), directory.resolve(archive));
      }
      for (Map.Entry<String, String> file : corpusCase.files().entrySet()) {
        Path path = directory.resolve(file.getKey());
        Files.createDirectories(path.getParent());
        Files.writeString(path, file.getValue().replace("@SITE@", site()));
      }
      settle(directory);
      return directory;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void fill(Path directory) throws IOException {
    write(directory.resolve("a.txt"), "alpha\n", "rw-r--r--");
    write(directory.resolve("b.txt"), "beta\n", "rw-------");
    write(directory.resolve("run.sh"), "#!/bin/sh\necho ran\n", "rwxr-xr-x");
    write(directory.resolve("sp ace.txt"), "space\n", "rw-r--r--");
    write(directory.resolve("dir/c.txt"), "gamma\n", "rw-r--r--");
    write(directory.resolve("dir/.hidden"), "hidden\n", "rw-r-----");
    write(directory.resolve("dir/sub/d.txt"), "delta\n", "rw-r--r--");
    write(directory.resolve("dir/sub/e.md"), "epsilon\n", "rw-r--r--");
    write(directory.resolve("src/x/one.go"), "package x\n", "rw-r--r--");
    write(directory.resolve("src/x/y/two.go"), "package y\n", "rw-r--r--");
    write(directory.resolve("src/x/y/two_test.go"), "package y_test\n", "rw-r--r--");
    write(directory.resolve("src/z/three.md"), "three\n", "rw-r--r--");
    Files.createDirectories(directory.resolve("empty"));
    Files.createSymbolicLink(directory.resolve("link"), Path.of("a.txt"));
    Files.createSymbolicLink(directory.resolve("dirlink"), Path.of("dir"));
    Files.createSymbolicLink(directory.resolve("dir/up"), Path.of("../b.txt"));
    settle(directory);
  }

  private static void write(Path file, String content, String mode) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, content);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
  }

  /// Times and directory modes as they are everywhere.
  private static void settle(Path directory) throws IOException {
    try (Stream<Path> all = Files.walk(directory)) {
      for (Path path : all.sorted(java.util.Comparator.reverseOrder()).toList()) {
        if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
          Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        Files.getFileAttributeView(
                path,
                java.nio.file.attribute.BasicFileAttributeView.class,
                LinkOption.NOFOLLOW_LINKS)
            .setTimes(TIME, null, null);
      }
    }
  }

  private static void archives(Path offered, Tool tar) throws IOException {
    Tool here =
        tar.with("--sort=name", "--owner=7", "--group=8", "--numeric-owner", "--mtime=@1500000000")
            .with("-C", offered.toString());
    here.succeed("-cf", offered.resolve("tree.tar").toString(), "dir", "run.sh");
    here.with("--use-compress-program=gzip -n")
        .succeed("-cf", offered.resolve("tree.tar.gz").toString(), "dir", "run.sh");
    for (String archive : List.of("tree.tar", "tree.tar.gz")) {
      Files.setLastModifiedTime(offered.resolve(archive), TIME);
    }
  }

  /// A repository that plain downloads can be fetched from.
  private static void repository(Path folder, Path offered, Tool git) throws IOException {
    Path work = Files.createDirectories(folder.resolve("work"));
    fill(work);
    Tool here = git.with("-C", work.toString(), "-c", "init.defaultBranch=main");
    for (String who : List.of("AUTHOR", "COMMITTER")) {
      here =
          here.withEnvironment("GIT_" + who + "_NAME", "a")
              .withEnvironment("GIT_" + who + "_EMAIL", "a@example.com")
              .withEnvironment("GIT_" + who + "_DATE", "1500000000 +0000");
    }
    here.succeed("init", "-q");
    here.succeed("add", ".");
    here.succeed("commit", "-q", "-m", "one");
    here.succeed("tag", "v1");
    Path bare = offered.resolve("repo.git");
    here.succeed("clone", "-q", "--bare", work.toString(), bare.toString());
    here.succeed("--git-dir=" + bare, "update-server-info");
  }

  private void answer(HttpExchange exchange, Path offered) throws IOException {
    try (exchange) {
      Path file = offered.resolve(exchange.getRequestURI().getPath().substring(1)).normalize();
      if (!file.startsWith(offered) || !Files.isRegularFile(file)) {
        exchange.sendResponseHeaders(404, -1);
        return;
      }
      exchange.getResponseHeaders().set("Last-Modified", "Fri, 14 Jul 2017 02:40:00 GMT");
      byte[] content = Files.readAllBytes(file);
      if (exchange.getRequestMethod().equals("HEAD")) {
        exchange.sendResponseHeaders(200, -1);
        return;
      }
      exchange.sendResponseHeaders(200, content.length);
      try (OutputStream out = exchange.getResponseBody()) {
        out.write(content);
      }
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
