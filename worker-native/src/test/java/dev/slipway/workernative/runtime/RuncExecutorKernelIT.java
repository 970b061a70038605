package dev.slipway.workernative.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.executor.ContainerSpec;
import dev.slipway.executor.ContainerSpec.ContainerMount;
import dev.slipway.executor.ContainerSpec.ExtraHost;
import dev.slipway.executor.ContainerSpec.MountStubs;
import dev.slipway.executor.ContainerSpec.Network;
import dev.slipway.executor.ContainerSpec.ResourceLimit;
import dev.slipway.executor.ContainerSpec.Security;
import dev.slipway.executor.DeviceEdits;
import dev.slipway.executor.Executor;
import dev.slipway.executor.ProcessIo;
import dev.slipway.executor.ProcessSpec;
import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.Cancelled;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.failure.NotFound;
import dev.slipway.failure.WrongState;
import dev.slipway.oci.Platform;
import dev.slipway.snapshot.Mount;
import dev.slipway.snapshot.Mounter.MountedTree;
import dev.slipway.task.TaskScope;
import dev.slipway.worker.WorkerProvider;
import dev.slipway.workernative.cgroup.Cgroups;
import dev.slipway.workernative.mount.KernelMounter;
import dev.slipway.workernative.testing.TestMachine;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@SuppressWarnings("NullAway.Init")
@Timeout(120)
class RuncExecutorKernelIT {
  @TempDir Path folder;
  private TestMachine machine;
  private RuncExecutor executor;
  private Path base;
  private Path upper;
  private ContainerSpec container;

  @BeforeEach
  void open() throws IOException {
    machine = new TestMachine(folder);
    executor = openExecutor();
    base = machine.makeRoot(Files.createDirectory(folder.resolve("base")));
    upper = Files.createDirectory(folder.resolve("upper"));
    Path work = Files.createDirectory(folder.resolve("work"));
    container =
        new ContainerSpec(
            "c1",
            Platform.local(),
            List.of(new Mount.Overlay(List.of(base), Optional.of(new Mount.Upper(upper, work)))),
            false,
            List.of(),
            "",
            List.of(),
            Network.SANDBOX,
            Security.SANDBOX,
            List.of(),
            Optional.empty(),
            ContainerSpec.LinuxResources.UNLIMITED,
            DeviceEdits.NONE,
            MountStubs.REMOVE);
  }

  @AfterEach
  void close() throws IOException {
    try (var left = Files.list(folder.resolve("executor/bundles"))) {
      assertThat(left).as("bundles left behind").isEmpty();
    }
    try (var left = Files.list(folder.resolve("runtime"))) {
      assertThat(left).as("containers left behind").isEmpty();
    }
    machine.close();
  }

  private RuncExecutor openExecutor() {
    var runtime = new OciRuntime(TestMachine.runtime("runc"), folder.resolve("runtime"));
    return RuncExecutor.open(
        machine.kernel(),
        machine.mounter(),
        runtime,
        folder.resolve("executor"),
        new ExecutorOptions(
            Network.HOST,
            Optional.empty(),
            WorkerProvider.Settings.defaults().dns(),
            Optional.empty(),
            Cgroups.local(),
            List.of(Platform.local())));
  }

  @Test
  void runsAProcessAndGivesItsOutputAndExitCode() {
    Ran ran = sh("echo out; echo err >&2; exit 42");

    assertThat(ran.exitCode).isEqualTo(42);
    assertThat(ran.out).isEqualTo("out\n");
    assertThat(ran.err).isEqualTo("err\n");
  }

  @Test
  void whatAStepWritesIsInTheUpperLayerAndNothingElse() throws IOException {
    sh("echo text > /f");

    assertThat(upper.resolve("f")).hasContent("text");
    try (var entries = Files.list(upper)) {
      assertThat(entries.map(path -> path.getFileName().toString()))
          .containsExactlyInAnyOrder("f", "etc");
    }
    try (var entries = Files.list(upper.resolve("etc"))) {
      assertThat(entries).isEmpty();
    }
    assertThat(machine.kernel().attributes(upper.resolve("etc")).modifiedNanos())
        .isEqualTo(machine.kernel().attributes(base.resolve("etc")).modifiedNanos());
  }

  @Test
  void givesTheUsualEnvironment() {
    Ran ran =
        sh(
            "echo $PATH; echo $A; hostname; pwd; cat /etc/hosts; test -s /etc/resolv.conf && echo resolver");

    assertThat(ran.out)
        .isEqualTo(
            """
            /usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
            b
            buildkitsandbox
            /
            127.0.0.1\tlocalhost buildkitsandbox
            ::1\tlocalhost ip6-localhost ip6-loopback
            resolver
            """);
  }

  @Test
  void addsHostsAndSetsTheHostname() {
    Ran ran =
        run(
            with(container)
                .hostname("box")
                .extraHosts(List.of(new ExtraHost("db", "10.0.0.7")))
                .spec(),
            process("hostname; cat /etc/hosts"));

    assertThat(ran.out).startsWith("box\n127.0.0.1\tlocalhost box\n").endsWith("10.0.0.7\tdb\n");
  }

  @Test
  void runsAsTheUserOfTheRootsOwnFiles() {
    assertThat(run(container, user("mike")).out)
        .isEqualTo("uid=1000(mike) gid=1001(mike) groups=50(staff),1001(mike)\n");
    assertThat(run(container, user("1000")).out).startsWith("uid=1000(mike) gid=1001(mike)");
    assertThat(run(container, user("mike:staff")).out).startsWith("uid=1000(mike) gid=50(staff)");
    assertThat(run(container, user("7:8")).out).startsWith("uid=7 gid=8");
    assertThat(run(container, user("")).out).startsWith("uid=0(root) gid=0(root)");
  }

  @Test
  void refusesUnknownUsersAndGroups() {
    assertThatThrownBy(() -> run(container, user("nosuch")))
        .isInstanceOf(InvalidRequest.class)
        .hasMessage("unable to find user nosuch: no matching entries in passwd file");
    assertThatThrownBy(() -> run(container, user("mike:nosuch")))
        .isInstanceOf(InvalidRequest.class)
        .hasMessage("unable to find group nosuch: no matching entries in group file");
  }

  @Test
  void neverReadsUsersFromOutsideTheRoot() throws IOException {
    Path outside = Files.writeString(folder.resolve("passwd"), "spy:x:4242:4242::/:\n");
    Files.delete(base.resolve("etc/passwd"));
    Files.createSymbolicLink(base.resolve("etc/passwd"), outside);

    assertThatThrownBy(() -> run(container, user("spy"))).isInstanceOf(InvalidRequest.class);
  }

  @Test
  void makesTheWorkingDirectoryForItsUser() {
    Ran ran =
        run(
            container,
            new ProcessSpec(
                List.of("stat", "-c", "%u %a %n", "/new/dir"),
                List.of(),
                "/new/dir",
                "mike",
                false));

    assertThat(ran.out).isEqualTo("1000 755 /new/dir\n");
  }

  @Test
  void refusesAWorkingDirectoryBelowAFile() {
    var process = new ProcessSpec(List.of("true"), List.of(), "/etc/passwd/d", "", false);

    assertThatThrownBy(() -> run(container, process))
        .isInstanceOf(InvalidRequest.class)
        .hasMessageContaining("points to invalid target");
  }

  @Test
  void passesOnTheRuntimesWordsForAMissingProgram() {
    Ran ran = run(container, new ProcessSpec(List.of("/nosuch"), List.of(), "/", "", false));

    assertThat(ran.exitCode).isEqualTo(1);
    assertThat(ran.err)
        .isEqualTo(
            "runc run failed: unable to start container process: exec: \"/nosuch\": stat /nosuch: no such file or directory\n");
  }

  @Test
  void mountsDirectoriesFilesAndMemory() throws IOException {
    Path source = Files.createDirectory(folder.resolve("source"));
    Files.writeString(source.resolve("f"), "from outside");
    Path file = Files.writeString(folder.resolve("secret"), "secret");
    ContainerSpec mounted =
        container.withMounts(
            List.of(
                new ContainerMount(
                    "/cache/sub/dir", List.of(new Mount.Bind(source, false)), "", false),
                new ContainerMount("/ro", List.of(new Mount.Bind(source, false)), "", true),
                new ContainerMount("/run/secrets/s", List.of(new Mount.Bind(file, true)), "", true),
                new ContainerMount(
                    "/memory", List.of(new Mount.Tmpfs(1 << 20, 01777, false)), "", false)));

    Ran ran =
        run(
            mounted,
            process(
                "cat /ro/f /run/secrets/s; echo back > /cache/sub/dir/g; echo x > /memory/x; echo x > /ro/y || echo refused"));

    assertThat(ran.out).isEqualTo("from outsidesecretrefused\n");
    assertThat(source.resolve("g")).hasContent("back");
    assertThat(upper.resolve("ro")).doesNotExist();
    assertThat(upper.resolve("memory")).doesNotExist();
    assertThat(upper.resolve("run/secrets/s")).doesNotExist();
    assertThat(upper.resolve("run/secrets")).as("BuildKit leaves missing parents").exists();
    assertThat(upper.resolve("cache/sub")).exists();
    assertThat(upper.resolve("cache/sub/dir")).doesNotExist();
  }

  @Test
  void removesMissingParentsOfMountsWhenTold() throws IOException {
    Path source = Files.createDirectory(folder.resolve("source"));
    ContainerSpec mounted =
        with(container.withMounts(
                List.of(
                    new ContainerMount(
                        "/a/b/c", List.of(new Mount.Bind(source, false)), "", false))))
            .stubs(MountStubs.REMOVE_RECURSIVELY)
            .spec();

    run(mounted, process("true"));

    assertThat(upper.resolve("a")).doesNotExist();
  }

  @Test
  void keepsWhatAStepPutsWhereAMountWas() throws IOException {
    Path file = Files.writeString(folder.resolve("secret"), "secret");
    ContainerSpec mounted =
        container.withMounts(
            List.of(
                new ContainerMount("/etc/kept/s", List.of(new Mount.Bind(file, true)), "", true)));

    run(mounted, process("echo mine > /etc/kept/other"));

    assertThat(upper.resolve("etc/kept/other")).hasContent("mine");
    assertThat(upper.resolve("etc/kept/s")).doesNotExist();
  }

  @Test
  void mountsAPartOfATreeWithoutLeavingIt() throws IOException {
    Path source = Files.createDirectories(folder.resolve("source/real")).getParent();
    Files.writeString(source.resolve("real/f"), "inside");
    Files.createSymbolicLink(source.resolve("link"), Path.of("/real"));
    Files.createSymbolicLink(source.resolve("escape"), Path.of("../../../../../../.." + folder));

    assertThat(run(selecting(source, "link"), process("cat /m/f")).out).isEqualTo("inside");
    assertThat(run(selecting(source, "real/f"), process("cat /m")).out).isEqualTo("inside");
    assertThatThrownBy(() -> run(selecting(source, "escape"), process("ls /m")))
        .isInstanceOf(NotFound.class);
  }

  /// CVE-2024-23651: a directory that was checked could be swapped for a link to the host before it
  /// was mounted.
  @Test
  @Timeout(value = 10, unit = TimeUnit.MINUTES)
  void aPartThatIsSwappedForALinkWhileItIsMountedNeverLeavesItsTree() throws Exception {
    Path outside = Files.createDirectory(folder.resolve("outside"));
    Files.writeString(outside.resolve("secret"), "of the host");
    Path source = Files.createDirectory(folder.resolve("shared"));
    Path real = Files.createDirectory(source.resolve("real"));
    Path link = Files.createSymbolicLink(source.resolve("link"), outside);
    Path part = source.resolve("part");
    int mounted = 0;
    int refused = 0;
    try (TaskScope scope = TaskScope.open("swapping")) {
      scope.forkAction(
          () -> {
            while (!Thread.currentThread().isInterrupted()) {
              Files.move(real, part);
              Files.move(part, real);
              Files.move(link, part);
              Files.move(part, link);
            }
          });
      // As long as it takes: on a busy machine the swapping may begin late, or rest for a while.
      while (mounted < 50 || refused < 50 || mounted + refused < 2_000) {
        try (MountedTree inside =
            machine.mounter().mountInside(source, "part", KernelMounter.Access.READ_WRITE)) {
          assertThat(inside.root().resolve("secret")).doesNotExist();
          mounted++;
        } catch (NotFound | WrongState notThereNow) {
          // Neither is wrong: what it names was away, or leads nowhere inside the tree.
          refused++;
        }
      }
    }
  }

  /// CVE-2024-23652: a step could have files of the host removed in place of a mount's empty stub.
  @Test
  void removesNothingOutsideTheRootInPlaceOfAStub() throws IOException {
    Path outside = Files.createDirectory(folder.resolve("outside"));
    Path directory = Files.createDirectory(outside.resolve("m"));
    Path source = Files.createDirectory(folder.resolve("source"));
    ContainerSpec mounted =
        with(container.withMounts(
                List.of(
                    new ContainerMount(
                        "/work/m", List.of(new Mount.Bind(source, false)), "", false))))
            .stubs(MountStubs.REMOVE_RECURSIVELY)
            .spec();

    Ran ran = run(mounted, process("mv /work /moved && ln -s " + outside + " /work"));

    assertThat(ran.exitCode).as(ran.err).isZero();
    assertThat(upper.resolve("work")).isSymbolicLink();
    assertThat(directory).isDirectory();
    assertThat(outside).isDirectory();
  }

  private ContainerSpec selecting(Path source, String selector) {
    return container.withMounts(
        List.of(new ContainerMount("/m", List.of(new Mount.Bind(source, false)), selector, false)));
  }

  @Test
  void keepsTheRootUnwrittenWhenReadOnly() {
    Ran ran = run(with(container).rootReadOnly().spec(), process("echo x > /f || echo refused"));

    assertThat(ran.out).isEqualTo("refused\n");
  }

  @Test
  void cutsTheNetworkWhenAsked() {
    Ran none = run(with(container).network(Network.NONE).spec(), process("ls /sys/class/net"));

    assertThat(none.out.strip()).isEqualTo("lo");
  }

  @Test
  void givesAStepTheDefaultPrivilegesOnly() {
    Ran ran =
        sh(
            "grep -E 'CapEff|CapBnd|Seccomp:|NoNewPrivs' /proc/self/status; mount -t tmpfs x /tmp || echo refused");

    assertThat(ran.out)
        .contains("CapEff:\t00000000a80425fb")
        .contains("CapBnd:\t00000000a80425fb")
        .contains("NoNewPrivs:\t0")
        .contains("Seccomp:\t2")
        .endsWith("refused\n");
  }

  @Test
  void givesAnInsecureStepAllPrivileges() {
    Ran ran =
        run(
            with(container).security(Security.INSECURE).spec(),
            process(
                "grep Seccomp: /proc/self/status; mount -t tmpfs x /tmp && echo mounted; test -e /dev/fuse && echo fuse"));

    assertThat(ran.out).isEqualTo("Seccomp:\t0\nmounted\nfuse\n");
  }

  @Test
  void setsLimits() {
    Ran ran =
        run(
            with(container).limits(List.of(new ResourceLimit("nofile", 123, 456))).spec(),
            process("ulimit -n; ulimit -Hn"));

    assertThat(ran.out).isEqualTo("123\n456\n");
  }

  @Test
  void feedsStandardInput() {
    var out = new ByteArrayOutputStream();
    var in = new ByteArrayInputStream("typed".getBytes(StandardCharsets.UTF_8));

    executor.run(
        container,
        process("cat"),
        new ProcessIo(Optional.of(in), out, out, Optional.empty(), () -> {}));

    assertThat(out).hasToString("typed");
  }

  @Test
  void losesNothingOfALargeOutput() {
    AtomicLong bytes = new AtomicLong();
    OutputStream counting =
        new OutputStream() {
          @Override
          public void write(int each) {
            bytes.incrementAndGet();
          }

          @Override
          public void write(byte[] buffer, int offset, int length) {
            bytes.addAndGet(length);
          }
        };

    executor.run(
        container,
        process("yes 123456789012345 | head -c 67108864"),
        ProcessIo.output(counting, counting));

    assertThat(bytes).hasValue(64 << 20);
  }

  @Test
  void interruptionKillsAtOnceAndLeavesNothing() throws InterruptedException {
    var running = new CountDownLatch(1);
    var ended = new CompletableFuture<Throwable>();
    OutputStream signalling =
        new OutputStream() {
          @Override
          public void write(int each) {
            running.countDown();
          }
        };
    Thread step =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    executor.run(
                        container,
                        process("trap '' TERM INT; echo on; sleep 1000 & sleep 1000"),
                        ProcessIo.output(signalling, signalling));
                  } catch (BuildFailure failure) {
                    ended.complete(failure);
                  }
                });
    running.await();
    long start = System.nanoTime();

    step.interrupt();
    step.join();

    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(30));
    assertThat(ended.getNow(new IllegalStateException("did not fail")))
        .isInstanceOf(Cancelled.class);
  }

  @Test
  void aReceiverThatFailsEndsTheStep() {
    OutputStream broken =
        new OutputStream() {
          @Override
          public void write(int each) throws IOException {
            throw new IOException("gone");
          }
        };

    assertThatThrownBy(
            () ->
                executor.run(
                    container,
                    process("while true; do echo x; done"),
                    ProcessIo.output(broken, broken)))
        .hasMessageContaining("gone");
  }

  @Test
  void deletesContainersThatACrashedDaemonLeft() throws Exception {
    var pid = new ByteArrayOutputStream();
    var started = new CountDownLatch(1);
    OutputStream out =
        new OutputStream() {
          @Override
          public void write(int each) {
            pid.write(each);
            started.countDown();
          }
        };
    try (TaskScope scope = TaskScope.open("crashed")) {
      scope.fork(
          () ->
              executor.run(container, process("echo on; sleep 1000"), ProcessIo.output(out, out)));
      started.await();

      openExecutor();

      try (var left = Files.list(folder.resolve("runtime"))) {
        assertThat(left).isEmpty();
      }
      scope.join();
    }
  }

  @Test
  void givesAProcessATerminalAndResizesIt() {
    var out = new ByteArrayOutputStream();
    var process =
        new ProcessSpec(
            List.of(
                "/bin/sh",
                "-c",
                "test -t 0 && test -t 1 && echo tty; read line; until test \"$(stty size 2>&1)\" = '11 77'; do sleep 0.05; done; echo sized $line"),
            List.of(),
            "/",
            "",
            true);
    var input = new ByteArrayInputStream("typed\n".getBytes(StandardCharsets.UTF_8));
    var io =
        new ProcessIo(
            Optional.of(input),
            out,
            out,
            Optional.of(steering -> steering.resize(11, 77)),
            () -> {});

    Executor.ExitStatus status = executor.run(container, process, io);

    assertThat(status.exitCode()).isZero();
    assertThat(out.toString(StandardCharsets.UTF_8)).contains("tty\r\n", "sized typed\r\n");
  }

  @Test
  void anOpenContainerRunsSeveralProcesses() {
    try (Executor.Container opened = executor.open(container)) {
      assertThat(exec(opened, process("echo one > /f; exit 3")).exitCode).isEqualTo(3);
      assertThat(exec(opened, process("cat /f; echo $A")).out).isEqualTo("one\nb\n");
      assertThat(exec(opened, user("mike")).out).startsWith("uid=1000(mike)");
    }

    assertThat(upper.resolve("f")).hasContent("one");
  }

  @Test
  void closingAnOpenContainerKillsWhatRuns() throws Exception {
    var running = new CountDownLatch(1);
    OutputStream signalling =
        new OutputStream() {
          @Override
          public void write(int each) {
            running.countDown();
          }
        };
    try (TaskScope scope = TaskScope.open("exec")) {
      Executor.Container opened = executor.open(container);
      var ended =
          scope.fork(
              () ->
                  opened.exec(
                      process("echo on; sleep 1000"), ProcessIo.output(signalling, signalling)));
      running.await();

      opened.close();

      assertThat(ended.result().exitCode()).isEqualTo(137);
    }
  }

  private static Ran exec(Executor.Container opened, ProcessSpec process) {
    var out = new ByteArrayOutputStream();
    var err = new ByteArrayOutputStream();
    Executor.ExitStatus status = opened.exec(process, ProcessIo.output(out, err));
    return new Ran(
        status.exitCode(),
        out.toString(StandardCharsets.UTF_8),
        err.toString(StandardCharsets.UTF_8));
  }

  @Test
  void manyStepsRunAtOnce() {
    try (TaskScope scope = TaskScope.open("steps")) {
      for (int i = 0; i < 8; i++) {
        String name = "many" + i;
        scope.fork(
            () -> {
              Path own = Files.createDirectory(folder.resolve(name));
              var root =
                  new Mount.Upper(
                      Files.createDirectory(own.resolve("upper")),
                      Files.createDirectory(own.resolve("work")));
              ContainerSpec spec =
                  with(container)
                      .id(name)
                      .root(List.of(new Mount.Overlay(List.of(base), Optional.of(root))))
                      .spec();
              assertThat(run(spec, process("echo " + name)).out).isEqualTo(name + "\n");
              return name;
            });
      }
      scope.join();
    }
  }

  private record Ran(int exitCode, String out, String err) {}

  private Ran sh(String script) {
    return run(container, process(script));
  }

  private Ran run(ContainerSpec spec, ProcessSpec process) {
    var out = new ByteArrayOutputStream();
    var err = new ByteArrayOutputStream();
    Executor.ExitStatus status = executor.run(spec, process, ProcessIo.output(out, err));
    return new Ran(
        status.exitCode(),
        out.toString(StandardCharsets.UTF_8),
        err.toString(StandardCharsets.UTF_8));
  }

  private static ProcessSpec process(String script) {
    return new ProcessSpec(List.of("/bin/sh", "-c", script), List.of("A=b"), "/", "", false);
  }

  private static ProcessSpec user(String user) {
    return new ProcessSpec(List.of("id"), List.of(), "/", user, false);
  }

  private static Changed with(ContainerSpec spec) {
    return new Changed(spec);
  }

  /// Another container spec, one part at a time.
  private record Changed(ContainerSpec spec) {
    Changed id(String id) {
      return copy(
          id,
          spec.root(),
          spec.rootReadOnly(),
          spec.hostname(),
          spec.extraHosts(),
          spec.network(),
          spec.security(),
          spec.limits(),
          spec.mountStubs());
    }

    Changed root(List<Mount> root) {
      return copy(
          spec.id(),
          root,
          spec.rootReadOnly(),
          spec.hostname(),
          spec.extraHosts(),
          spec.network(),
          spec.security(),
          spec.limits(),
          spec.mountStubs());
    }

    Changed rootReadOnly() {
      return copy(
          spec.id(),
          spec.root(),
          true,
          spec.hostname(),
          spec.extraHosts(),
          spec.network(),
          spec.security(),
          spec.limits(),
          spec.mountStubs());
    }

    Changed hostname(String hostname) {
      return copy(
          spec.id(),
          spec.root(),
          spec.rootReadOnly(),
          hostname,
          spec.extraHosts(),
          spec.network(),
          spec.security(),
          spec.limits(),
          spec.mountStubs());
    }

    Changed extraHosts(List<ExtraHost> hosts) {
      return copy(
          spec.id(),
          spec.root(),
          spec.rootReadOnly(),
          spec.hostname(),
          hosts,
          spec.network(),
          spec.security(),
          spec.limits(),
          spec.mountStubs());
    }

    Changed network(Network network) {
      return copy(
          spec.id(),
          spec.root(),
          spec.rootReadOnly(),
          spec.hostname(),
          spec.extraHosts(),
          network,
          spec.security(),
          spec.limits(),
          spec.mountStubs());
    }

    Changed security(Security security) {
      return copy(
          spec.id(),
          spec.root(),
          spec.rootReadOnly(),
          spec.hostname(),
          spec.extraHosts(),
          spec.network(),
          security,
          spec.limits(),
          spec.mountStubs());
    }

    Changed limits(List<ResourceLimit> limits) {
      return copy(
          spec.id(),
          spec.root(),
          spec.rootReadOnly(),
          spec.hostname(),
          spec.extraHosts(),
          spec.network(),
          spec.security(),
          limits,
          spec.mountStubs());
    }

    Changed stubs(MountStubs stubs) {
      return copy(
          spec.id(),
          spec.root(),
          spec.rootReadOnly(),
          spec.hostname(),
          spec.extraHosts(),
          spec.network(),
          spec.security(),
          spec.limits(),
          stubs);
    }

    private Changed copy(
        String id,
        List<Mount> root,
        boolean readOnly,
        String hostname,
        List<ExtraHost> hosts,
        Network network,
        Security security,
        List<ResourceLimit> limits,
        MountStubs stubs) {
      return new Changed(
          new ContainerSpec(
              id,
              spec.platform(),
              root,
              readOnly,
              spec.mounts(),
              hostname,
              hosts,
              network,
              security,
              limits,
              spec.cgroupParent(),
              spec.resources(),
              spec.devices(),
              stubs));
    }
  }
}
