package dev.slipway.frontend.dockerfile.convert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.frontend.dockerfile.lint.Linter;
import dev.slipway.frontend.dockerfile.source.LineSpan;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Names of images, repositories, ports and paths as Dockerfiles write them.
class AddressesTest {

  @ParameterizedTest
  @CsvSource({
    "alpine, docker.io/library/alpine:latest, alpine:latest",
    "alpine:3, docker.io/library/alpine:3, alpine:3",
    "me/app, docker.io/me/app:latest, me/app:latest",
    "docker.io/alpine, docker.io/library/alpine:latest, alpine:latest",
    "index.docker.io/me/app, docker.io/me/app:latest, me/app:latest",
    "localhost/a, localhost/a:latest, localhost/a:latest",
    "host:5000/a/b:t, host:5000/a/b:t, host:5000/a/b:t",
    "[::1]:5000/a, [::1]:5000/a:latest, [::1]:5000/a:latest"
  })
  void readsImageNamesInShortAndFullForm(String written, String full, String familiar) {
    ImageName name = ImageName.parse(written).withDefaultTag();

    assertThat(name).hasToString(full);
    assertThat(name.familiar()).isEqualTo(familiar);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a b", "a:", "a@sha256:1", "/a", "a//b", "-a", "a:b:c", "a@b@c"})
  void refusesWhatIsNoImageName(String written) {
    assertThatThrownBy(() -> ImageName.parse(written)).hasMessage("invalid reference format");
  }

  @Test
  void readsRepositories() {
    assertThat(GitAddress.parse("https://h/a.git#main:sub"))
        .get()
        .matches(
            git ->
                git.remote().equals("https://h/a.git")
                    && git.reference().equals("main")
                    && git.directory().equals("sub"));
    assertThat(GitAddress.parse("git@h:a/b.git#v1"))
        .get()
        .matches(
            git ->
                git.scheme().equals("ssh")
                    && git.path().equals("a/b.git")
                    && git.reference().equals("v1"));
    assertThat(GitAddress.parse("https://h/a.git?tag=v1&subdir=d&keep-git-dir&submodules=false"))
        .get()
        .matches(
            git ->
                git.reference().equals("refs/tags/v1")
                    && git.directory().equals("d")
                    && git.keepGitDir().equals(Optional.of(true))
                    && git.submodules().equals(Optional.of(false)));
    assertThat(GitAddress.parse("github.com/a/b")).get().matches(GitAddress::looksLocal);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://h/a",
        "./a.git",
        "../b.git",
        "a.git",
        "ftp://h/a.git",
        "http://h/a.tar.gz",
        ""
      })
  void leavesAloneWhatIsNoRepository(String written) {
    assertThat(GitAddress.parse(written)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "https://h/a.git?x=1; unexpected query \"x\"",
        "https://h/a.git?ref=; query \"ref\" has no value",
        "https://h/a.git?ref=a&ref=b; query \"ref\" has multiple values",
        "https://h/a.git?ref=a#b; ref conflicts: \"b\" vs \"a\"",
        "https://h/a.git?tag=a&branch=b; branch conflicts with tag",
        "https://h/a.git?mtime=x; invalid mtime value: \"x\" (must be \"checkout\" or \"commit\")",
        "https://h/a.git?submodules=x; invalid submodules value: \"x\""
      })
  void refusesQueriesThatMakeNoSense(String written, String problem) {
    assertThatThrownBy(() -> GitAddress.parse(written)).hasMessage(problem);
  }

  private static List<String> ports(String... written) {
    return new ExposedPorts(LineSpan.line(1), Linter.silent()).parse(List.of(written));
  }

  @Test
  void spellsOutPorts() {
    assertThat(ports("80", "81-82/UDP", "127.0.0.1:1:90", "[::1]:1-2:3-4/sctp"))
        .containsExactly("80/tcp", "81/udp", "82/udp", "90/tcp", "3/sctp", "4/sctp");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "x; invalid containerPort: x",
        "70000; invalid containerPort: 70000",
        "2-1; invalid containerPort: 2-1",
        "/tcp; invalid port: \"/tcp\": no port specified",
        "1/x; invalid port: \"1/x\": invalid proto: x",
        "x:1; invalid hostPort: x",
        "1.2.3:1:2; invalid IP address: 1.2.3",
        "1-2:3-5; invalid ranges specified for container and host Ports: 3-5 and 1-2"
      })
  void refusesOtherPorts(String written, String problem) {
    assertThatThrownBy(() -> ports(written)).hasMessage(problem);
  }

  @ParameterizedTest
  @CsvSource({
    "0644, 420, ''",
    "7777, 4095, ''",
    "'u=rwX,go=rX', 0, 'u=rwX,go=rX'",
    "+x, 0, +x",
    "a-w+X, 0, a-w+X"
  })
  void readsModes(String written, int bits, String symbolic) {
    assertThat(FileMode.parse(written)).isEqualTo(new FileMode(bits, symbolic));
  }

  @ParameterizedTest
  @ValueSource(strings = {"8", "10000", "0888", "9x"})
  void refusesNumbersThatAreNoModes(String written) {
    assertThatThrownBy(() -> FileMode.parse(written))
        .hasMessage(
            "invalid chmod parameter: '"
                + written
                + "'. it should be octal string and between 0 and 07777");
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "u", "u=z", "u=r,", ",u=r", "-"})
  void refusesOtherModes(String written) {
    if (written.equals("-")) {
      assertThat(FileMode.parse(written).symbolic())
          .isEqualTo("-"); // chmod(1) takes it: nothing is removed
      return;
    }
    assertThatThrownBy(() -> FileMode.parse(written)).hasMessage("invalid syntax");
  }

  @ParameterizedTest
  @CsvSource({
    "/w, a, linux, /w/a",
    "/w, /a, linux, /a",
    "'', a, linux, /a",
    "/w, ../a, linux, /a",
    "/w, a/, linux, /w/a/",
    "/w, ., linux, /w",
    "C:\\w, a\\b, windows, /w/a/b",
    "/w, c:\\a, windows, /a"
  })
  void resolvesPathsOfTheImage(String parent, String path, String os, String resolved) {
    assertThat(TargetPath.resolve(parent, path, os, true)).isEqualTo(resolved);
  }

  @Test
  void refusesOtherDrives() {
    assertThatThrownBy(() -> TargetPath.resolve("/", "d:\\a", "windows", false))
        .hasMessageContaining("not on the system drive");
  }

  @ParameterizedTest
  @ValueSource(strings = {"SIGTERM", "term", "9", "RTMIN+3", "SIGRTMAX-1"})
  void knowsSignals(String signal) {
    StopSignals.check(signal);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "SIGNOPE", "RTMIN+16", ""})
  void refusesOtherSignals(String signal) {
    assertThatThrownBy(() -> StopSignals.check(signal)).hasMessage("invalid signal: " + signal);
  }
}
