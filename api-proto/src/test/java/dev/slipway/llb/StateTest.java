package dev.slipway.llb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.llb.Constraints.SourceFile;
import dev.slipway.llb.ExecSpec.MountSpec;
import dev.slipway.llb.ExecSpec.SecretSpec;
import dev.slipway.llb.ExecSpec.SshSpec;
import dev.slipway.llb.State.Execution;
import dev.slipway.oci.Digest;
import dev.slipway.oci.Platform;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class StateTest {
  private static final Constraints DEFAULTS =
      Constraints.NONE.withPlatform(Platform.LINUX_AMD64).withLocalUniqueId("gold-local-unique-id");

  /// Made with parts of the client library that [State] does not have: a copy out of an unfinished
  /// chain of file actions, a second output of a passthrough.
  private static final Set<String> BEYOND =
      Set.of("file-copy-from-action", "file-copy-from-action-chain", "passthrough-second");

  static Stream<String> golden() {
    return GoldenDefinitions.names().filter(name -> !BEYOND.contains(name));
  }

  @ParameterizedTest
  @MethodSource("golden")
  void buildsTheBytesOfTheReferenceClient(String name) {
    Definition golden = LlbDecoder.decode(GoldenDefinitions.encoded(name));

    Definition built = new Rebuilder(golden).rebuild();

    assertThat(built).isEqualTo(golden);
    assertThat(LlbEncoder.encodeBytes(built)).isEqualTo(GoldenDefinitions.encoded(name));
  }

  @Test
  void aDeepChainNeedsNoDeepStack() {
    State state = State.scratch();
    for (int i = 0; i < 9_000; i++) {
      state =
          state.file(
              List.of(
                  new FileChange.Mkdir(
                      "d" + i, 0755, false, Optional.empty(), OptionalLong.empty())),
              Constraints.NONE);
    }

    Definition definition = state.define(DEFAULTS);

    assertThat(LlbDecoder.decode(LlbEncoder.encode(definition)).vertices()).hasSize(9_000);
  }

  @Test
  void nothingOfAReadonlyOrTemporaryMountCanBeUsed() {
    State base = image("docker.io/library/gold:latest");
    Execution run =
        base.run(
            ExecSpec.of(ExecMeta.of(List.of("true"), List.of(), "/"))
                .withReadonlyRoot()
                .withMount(MountSpec.tmpfs("/tmp", 0)),
            Constraints.NONE);

    assertThat(run.root().define(DEFAULTS)).isEqualTo(base.define(DEFAULTS));
    assertThatThrownBy(() -> run.mount("/tmp")).isInstanceOf(InvalidRequest.class);
    assertThatThrownBy(() -> run.mount("/nowhere")).isInstanceOf(InvalidRequest.class);
  }

  @Test
  void anOldDaemonIsToldTheSearchPath() {
    State state =
        image("docker.io/library/gold:latest")
            .run(ExecSpec.of(ExecMeta.of(List.of("true"), List.of(), "/")), Constraints.NONE)
            .root();

    Definition definition = state.define(DEFAULTS.withDaemonCaps(Set.of()));

    assertThat(((ExecOp) definition.vertices().lastEntry().getValue().op()).meta().env())
        .containsExactly("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
  }

  @Test
  void listsInAttributesAreWrittenAsGoDoes() {
    SourceOp op =
        SourceOps.local(
            "context",
            new SourceOps.LocalOptions(
                Optional.of("s"),
                List.of("a&b", "\"q\""),
                List.of(),
                List.of("\u00e9"),
                Optional.empty(),
                Optional.of("none")));

    assertThat(op.attributes())
        .containsEntry("local.includepattern", "[\"a\\u0026b\",\"\\\"q\\\"\"]")
        .containsEntry("local.followpaths", "[\"\u00e9\"]")
        .containsEntry("local.session", "s")
        .doesNotContainKey("local.excludepatterns");
  }

  private static State image(String reference) {
    return State.source(SourceOps.image(reference, SourceOps.ImageOptions.NONE), Constraints.NONE);
  }

  /// Makes the calls that would lead to a definition.
  private static final class Rebuilder {
    private final Definition golden;
    private final Map<Input, State> states = new HashMap<>();

    Rebuilder(Definition golden) {
      this.golden = golden;
    }

    Definition rebuild() {
      return head()
          .define(
              golden.caps().contains(Caps.EXEC_SETS_DEFAULT_PATH)
                  ? DEFAULTS.withDaemonCaps(Caps.LLB)
                  : DEFAULTS);
    }

    State head() {
      golden.vertices().values().forEach(this::add);
      return golden.head().map(states::get).orElse(State.scratch());
    }

    private void add(OpVertex vertex) {
      Constraints constraints = constraints(vertex);
      switch (vertex.op()) {
        case SourceOp source -> put(vertex, 0, State.source(source, constraints));
        case MergeOp _ ->
            put(
                vertex,
                0,
                State.merge(vertex.inputs().stream().map(states::get).toList(), constraints));
        case DiffOp(OptionalInt lower, OptionalInt upper) ->
            put(vertex, 0, State.diff(at(vertex, lower), at(vertex, upper), constraints));
        case BuildOp build ->
            put(
                vertex,
                0,
                states
                    .get(vertex.inputs().getFirst())
                    .build(build.attributes().getOrDefault(BuildOp.FILENAME, ""), constraints));
        case PassthroughOp(String id, _) ->
            put(
                vertex,
                0,
                State.passthrough(
                    id, vertex.inputs().stream().map(states::get).toList(), constraints));
        case FileOp file -> put(vertex, 0, file(vertex, file, constraints));
        case ExecOp exec -> exec(vertex, exec, constraints);
      }
    }

    private void put(OpVertex vertex, int output, State state) {
      states.put(new Input(vertex.digest(), output), state);
    }

    private State at(OpVertex vertex, OptionalInt input) {
      return input.isPresent()
          ? states.get(vertex.inputs().get(input.getAsInt()))
          : State.scratch();
    }

    private Constraints constraints(OpVertex vertex) {
      OpMetadata metadata = vertex.metadata();
      Set<String> kept = new TreeSet<>(metadata.caps());
      kept.retainAll(Set.of(Caps.LOCAL_DIFFER));
      OpMetadata own =
          new OpMetadata(
              metadata.ignoreCache(),
              metadata.description(),
              metadata.exportCache(),
              new TreeSet<>(kept),
              metadata.progressGroup(),
              metadata.linuxResources());
      Constraints constraints = Constraints.NONE.withMetadata(own);
      if (vertex.platform().isPresent()) {
        constraints = constraints.withPlatform(vertex.platform().get());
      }
      for (String filter : vertex.workerFilters()) {
        constraints = constraints.withWorkerFilter(filter);
      }
      SourceMaps maps = golden.sources().orElseThrow();
      for (SourceMaps.Location place : locations(maps, vertex.digest())) {
        SourceMaps.SourceInfo info = maps.infos().get(place.sourceIndex());
        SourceFile file =
            new SourceFile(
                info.filename(),
                info.language(),
                info.data(),
                info.definition().map(nested -> new Rebuilder(LlbDecoder.decode(nested)).head()));
        constraints = constraints.withOrigin(file, place.ranges());
      }
      return constraints;
    }

    private static List<SourceMaps.Location> locations(SourceMaps maps, Digest vertex) {
      return maps.locations().getOrDefault(vertex, List.of());
    }

    private State file(OpVertex vertex, FileOp file, Constraints constraints) {
      List<FileChange> changes = new ArrayList<>();
      for (FileAction action : file.actions()) {
        changes.add(
            switch (action) {
              case FileAction.Copy copy ->
                  new FileChange.Copy(
                      at(vertex, copy.at().secondaryInput()),
                      copy.source(),
                      copy.destination(),
                      copy.owner(),
                      copy.mode(),
                      copy.modeText(),
                      copy.options(),
                      copy.timestamp(),
                      copy.includePatterns(),
                      copy.excludePatterns(),
                      copy.requiredPaths());
              case FileAction.Mkfile f ->
                  new FileChange.Mkfile(f.path(), f.mode(), f.data(), f.owner(), f.timestamp());
              case FileAction.Mkdir d ->
                  new FileChange.Mkdir(
                      d.path(), d.mode(), d.makeParents(), d.owner(), d.timestamp());
              case FileAction.Rm rm ->
                  new FileChange.Rm(rm.path(), rm.allowNotFound(), rm.allowWildcard());
              case FileAction.Symlink l ->
                  new FileChange.Symlink(l.target(), l.path(), l.owner(), l.timestamp());
            });
      }
      return at(vertex, file.actions().getFirst().at().input()).file(changes, constraints);
    }

    private void exec(OpVertex vertex, ExecOp exec, Constraints constraints) {
      ExecSpec spec =
          ExecSpec.of(exec.meta()).withNetwork(exec.network()).withSecurity(exec.security());
      State base = State.scratch();
      for (Mount mount : exec.mounts()) {
        if (mount.isRoot()) {
          base = at(vertex, mount.input());
          spec = mount.readonly() ? spec.withReadonlyRoot() : spec;
        } else {
          spec = withMount(spec, vertex, mount);
        }
      }
      for (ExecOp.SecretEnv env : exec.secretEnv()) {
        spec =
            spec.withSecret(
                new SecretSpec(
                    Optional.empty(),
                    Optional.of(env.name()),
                    new Mount.FileOptions(env.id(), 0, 0, 0, env.optional())));
      }
      for (ExecOp.CdiDevice device : exec.cdiDevices()) {
        spec = spec.withDevice(device);
      }
      Execution run = base.run(spec, constraints);
      for (Mount mount : exec.mounts()) {
        if (mount instanceof Mount.Bind && mount.output().isPresent()) {
          put(
              vertex,
              mount.output().getAsInt(),
              mount.isRoot() ? run.root() : run.mount(mount.destination()));
        }
      }
    }

    private ExecSpec withMount(ExecSpec spec, OpVertex vertex, Mount mount) {
      Mount.Place at = mount.at();
      return switch (mount) {
        case Mount.Secret secret ->
            spec.withSecret(
                new SecretSpec(
                    Optional.of(at.destination()),
                    Optional.empty(),
                    secret.options().orElseThrow()));
        case Mount.Ssh ssh ->
            spec.withSsh(new SshSpec(Optional.of(at.destination()), ssh.options().orElseThrow()));
        case Mount.Bind _ ->
            spec.withMount(mountSpec(at, vertex, Optional.empty(), Optional.empty()));
        case Mount.Cache cache ->
            spec.withMount(mountSpec(at, vertex, cache.options(), Optional.empty()));
        case Mount.Tmpfs tmpfs ->
            spec.withMount(mountSpec(at, vertex, Optional.empty(), tmpfs.options()));
      };
    }

    private MountSpec mountSpec(
        Mount.Place at,
        OpVertex vertex,
        Optional<Mount.CacheOptions> cache,
        Optional<Mount.TmpfsOptions> tmpfs) {
      boolean plain = cache.isEmpty() && tmpfs.isEmpty();
      return new MountSpec(
          at.destination(),
          at(vertex, at.input()),
          at.readonly(),
          at.selector(),
          cache,
          tmpfs,
          plain && !at.readonly() && at.output().isEmpty(),
          at.contentCache());
    }
  }

  @Test
  void equalFilesOfOriginAreOneSourceMap() {
    SourceFile one =
        new SourceFile("Dockerfile", "Dockerfile", ByteString.copyFromUtf8("x"), Optional.empty());
    SourceFile same =
        new SourceFile("Dockerfile", "Dockerfile", ByteString.copyFromUtf8("x"), Optional.empty());
    State first =
        State.scratch().file(List.of(mkdir("/a")), Constraints.NONE.withOrigin(one, List.of()));
    State second = first.file(List.of(mkdir("/b")), Constraints.NONE.withOrigin(same, List.of()));

    SourceMaps maps = second.define(DEFAULTS).sources().orElseThrow();

    assertThat(maps.infos()).hasSize(1);
    assertThat(maps.locations()).hasSize(2);
  }

  private static FileChange mkdir(String path) {
    return new FileChange.Mkdir(path, 0755, false, Optional.empty(), OptionalLong.empty());
  }
}
