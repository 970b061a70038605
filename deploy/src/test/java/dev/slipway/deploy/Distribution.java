package dev.slipway.deploy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/// Where the programs are: our distribution, and the tools that `fetch` unpacked.
///
/// @param home the distribution, absolute
/// @param tools what `fetch` left, absolute
/// @param daemon the daemon under test; ours unless another is named
record Distribution(Path home, Path tools, Path daemon) {

  static Distribution underTest() {
    Path home = required("slipway.test.home");
    Path daemon =
        Optional.ofNullable(System.getProperty("slipway.test.daemon"))
            .filter(name -> !name.isBlank())
            .map(Path::of)
            .orElse(home.resolve("bin/slipwayd"));
    return new Distribution(home, required("slipway.test.tools"), daemon);
  }

  private static Path required(String property) {
    String value = System.getProperty(property);
    if (value == null) {
      throw new IllegalStateException("run by Maven, which sets " + property);
    }
    return Path.of(value).toAbsolutePath();
  }

  /// Whether the daemon under test is ours, and so also has what only ours has.
  boolean isOurs() {
    return daemon.startsWith(home);
  }

  /// The search path of every process that the tests start.
  String searchPath() {
    return tools.resolve("bin") + ":" + System.getenv("PATH");
  }

  /// A program beside the daemon under test, one of the distribution, a fetched tool, or one of the
  /// system.
  Path program(String name) {
    Stream<Path> own = Stream.of(daemon.getParent(), home.resolve("bin"));
    return Stream.concat(own, Stream.of(searchPath().split(":")).map(Path::of))
        .map(folder -> folder.resolve(name))
        .filter(Files::isExecutable)
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("no " + name + " in " + searchPath()));
  }
}
