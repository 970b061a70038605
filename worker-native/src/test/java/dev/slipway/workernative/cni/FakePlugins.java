package dev.slipway.workernative.cni;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// Plug-ins that connect nothing and write down what they were told.
final class FakePlugins {
  private static final String PLUGIN =
      """
      #!/bin/sh
      dir=${0%/*}
      name=${0##*/}
      input=$(cat)
      echo "$CNI_COMMAND $name $CNI_IFNAME <${CNI_NETNS##*/}> <$CNI_ARGS> $input" >> "$dir/log"
      [ ! -e "$dir/$name.hangs" ] || exec sleep 600
      if [ -e "$dir/$name.$CNI_COMMAND" ]; then
        cat "$dir/$name.$CNI_COMMAND"
        echo "said on the side" >&2
        exit 7
      fi
      [ "$CNI_COMMAND" = DEL ] || echo "{\\"by\\": \\"$name\\"}"
      """;

  private final Path directory;

  /// @param directory made here
  FakePlugins(Path directory, String... names) throws IOException, InterruptedException {
    this.directory = Files.createDirectories(directory);
    for (String name : names) {
      // Written by another process: while this one has a program open for writing, a child that
      // some other test starts could hold it open too, and it could not be run.
      Process write =
          new ProcessBuilder(
                  "sh", "-c", "cat > \"$0\" && chmod 755 \"$0\"", plugin(name).toString())
              .start();
      try (var out = write.getOutputStream()) {
        out.write(PLUGIN.getBytes(StandardCharsets.UTF_8));
      }
      assertThat(write.waitFor()).isZero();
    }
  }

  Path directory() {
    return directory;
  }

  private Path plugin(String name) {
    return directory.resolve(name);
  }

  void fails(String name, String command, String answer) throws IOException {
    Files.writeString(directory.resolve(name + "." + command), answer);
  }

  void works(String name, String command) throws IOException {
    Files.delete(directory.resolve(name + "." + command));
  }

  void hangs(String name) throws IOException {
    Files.createFile(directory.resolve(name + ".hangs"));
  }

  /// `COMMAND plug-in interface <file name of the handle> <arguments> input` of each run so far.
  List<String> told() throws IOException {
    Path log = directory.resolve("log");
    return Files.exists(log) ? Files.readAllLines(log) : List.of();
  }

  /// `COMMAND plug-in` of each run so far.
  List<String> ran() throws IOException {
    return told().stream()
        .map(line -> String.join(" ", List.of(line.split(" ")).subList(0, 2)))
        .toList();
  }
}
