package dev.slipway.workernative.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.executor.ContainerSpec;
import dev.slipway.executor.ContainerSpec.MountStubs;
import dev.slipway.executor.ContainerSpec.Network;
import dev.slipway.executor.ContainerSpec.Security;
import dev.slipway.executor.DeviceEdits;
import dev.slipway.executor.Executor;
import dev.slipway.executor.NetworkProxy;
import dev.slipway.executor.ProcessIo;
import dev.slipway.executor.ProcessSpec;
import dev.slipway.oci.Platform;
import dev.slipway.snapshot.Mount;
import dev.slipway.task.TaskScope;
import dev.slipway.worker.WorkerProvider;
import dev.slipway.workernative.cgroup.Cgroups;
import dev.slipway.workernative.testing.TestMachine;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@SuppressWarnings("NullAway.Init")
@Timeout(120)
class ProxiedNetworkKernelIT {
  private static final String TRUSTED = "etc/ssl/certs/ca-certificates.crt";

  @TempDir Path folder;
  private TestMachine machine;
  private RuncExecutor executor;
  private Path base;
  private Path upper;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  @BeforeEach
  void open() throws IOException {
    machine = new TestMachine(folder);
    executor =
        RuncExecutor.open(
            machine.kernel(),
            machine.mounter(),
            new OciRuntime(TestMachine.runtime("runc"), folder.resolve("runtime")),
            folder.resolve("executor"),
            new ExecutorOptions(
                Network.HOST,
                Optional.empty(),
                WorkerProvider.Settings.defaults().dns(),
                Optional.empty(),
                Cgroups.local(),
                List.of(Platform.local())));
    base = machine.makeRoot(Files.createDirectory(folder.resolve("base")));
    upper = Files.createDirectory(folder.resolve("upper"));
  }

  @AfterEach
  void close() throws IOException {
    try (var left = Files.list(folder.resolve("executor/bundles"))) {
      assertThat(left).as("bundles left behind").isEmpty();
    }
    machine.close();
  }

  @Test
  void theProxyIsAllThatAContainerCanReach() {
    int exitCode = sh("cat /proc/net/dev | grep -c : ; busybox wget -q -O- http://host.invalid/a");

    assertThat(exitCode).isZero();
    assertThat(out.toString(StandardCharsets.UTF_8))
        .isEqualTo("1\nasked for GET http://host.invalid/a HTTP/1.1\n");
  }

  @Test
  void processesOfAnOpenContainerReachItToo() {
    try (Executor.Container opened = executor.open(container(Network.HOST))) {
      opened.exec(process("echo $HTTPS_PROXY | grep -c http://127.0.0.1: ; echo $NO_PROXY"), io());
    }

    assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo("1\n127.0.0.1,localhost,::1\n");
  }

  @Test
  void withoutNetworkThereIsNoProxyEither() {
    executor.run(container(Network.NONE), process("echo \"<$http_proxy>\""), io());

    assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo("<>\n");
  }

  @Test
  void theProxysCertificateIsTrustedWhileTheContainerRuns() throws IOException {
    Files.createDirectories(base.resolve(TRUSTED).getParent());
    Files.writeString(base.resolve(TRUSTED), "others\n");

    sh("cat /" + TRUSTED);

    assertThat(out.toString(StandardCharsets.UTF_8))
        .isEqualTo("others\n\n# buildkit proxy CA begin\nPEM\n# buildkit proxy CA end\n");
    assertThat(upper.resolve(TRUSTED)).hasContent("others\n");
    assertThat(Files.getLastModifiedTime(upper.resolve(TRUSTED)))
        .isEqualTo(Files.getLastModifiedTime(base.resolve(TRUSTED)));
  }

  @Test
  void whatAContainerAddsToTheTrustedCertificatesStays() throws IOException {
    Files.createDirectories(base.resolve(TRUSTED).getParent());
    Files.writeString(base.resolve(TRUSTED), "others\n");

    sh("echo mine >> /" + TRUSTED);

    assertThat(upper.resolve(TRUSTED)).hasContent("others\nmine\n");
  }

  private int sh(String script) {
    return executor.run(container(Network.SANDBOX), process(script), io()).exitCode();
  }

  private static ProcessSpec process(String script) {
    return new ProcessSpec(List.of("/bin/sh", "-c", script), List.of("PATH=/bin"), "/", "", false);
  }

  private ProcessIo io() {
    return ProcessIo.output(out, out);
  }

  private ContainerSpec container(Network network) {
    return new ContainerSpec(
            "p1",
            Platform.local(),
            List.of(
                new Mount.Overlay(
                    List.of(base),
                    Optional.of(new Mount.Upper(upper, made(folder.resolve("work")))))),
            false,
            List.of(),
            "",
            List.of(),
            network,
            Security.SANDBOX,
            List.of(),
            Optional.empty(),
            ContainerSpec.LinuxResources.UNLIMITED,
            DeviceEdits.NONE,
            MountStubs.REMOVE)
        .withProxy(Optional.of(new EchoingProxy()));
  }

  private static Path made(Path directory) {
    try {
      return Files.createDirectories(directory);
    } catch (IOException failed) {
      throw new java.io.UncheckedIOException(failed);
    }
  }

  /// Answers every request with its first line.
  private static final class EchoingProxy implements NetworkProxy {
    @Override
    public String certificate() {
      return "PEM\n";
    }

    @Override
    public Service serve(ServerSocketChannel listener) {
      TaskScope scope = TaskScope.open("echoing-proxy");
      scope.forkAction(() -> answerAll(listener));
      return scope::close;
    }

    private static void answerAll(ServerSocketChannel listener) {
      try {
        while (true) {
          try (SocketChannel connection = listener.accept()) {
            answer(connection);
          }
        }
      } catch (IOException closed) {
        // The container has ended.
      }
    }

    private static void answer(SocketChannel connection) throws IOException {
      StringBuilder request = new StringBuilder();
      ByteBuffer buffer = ByteBuffer.allocate(4096);
      while (request.indexOf("\r\n\r\n") < 0 && connection.read(buffer.clear()) >= 0) {
        request.append(StandardCharsets.US_ASCII.decode(buffer.flip()));
      }
      String answer =
          "HTTP/1.0 200 OK\r\n\r\nasked for " + request.substring(0, request.indexOf("\r")) + "\n";
      connection.write(ByteBuffer.wrap(answer.getBytes(StandardCharsets.US_ASCII)));
    }
  }
}
