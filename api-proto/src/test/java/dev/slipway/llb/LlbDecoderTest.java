package dev.slipway.llb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.protobuf.ByteString;
import dev.slipway.api.ops.ExecOp;
import dev.slipway.api.ops.FileAction;
import dev.slipway.api.ops.FileActionMkDir;
import dev.slipway.api.ops.Input;
import dev.slipway.api.ops.Meta;
import dev.slipway.api.ops.Mount;
import dev.slipway.api.ops.Op;
import dev.slipway.api.ops.OpMetadata;
import dev.slipway.api.ops.Platform;
import dev.slipway.failure.Fact;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.oci.Digest;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

final class LlbDecoderTest {
  private static final Op IMAGE =
      Op.newBuilder()
          .setSource(
              dev.slipway.api.ops.SourceOp.newBuilder()
                  .setIdentifier("docker-image://docker.io/library/gold:latest"))
          .build();

  @Test
  void refusesBytesThatAreNoOp() {
    assertRefused(
        dev.slipway.api.ops.Definition.newBuilder()
            .addDef(ByteString.copyFromUtf8("garbage"))
            .build(),
        "failed to parse llb proto op");
  }

  @Test
  void refusesADefinitionWithoutAHead() {
    assertRefused(definition(IMAGE), "invalid LLB with 1 vertexes");
    assertRefused(
        definition(IMAGE, Op.getDefaultInstance()), "invalid LLB with no inputs on last vertex");
  }

  @Test
  void refusesAnInputThatIsNotThere() {
    Digest nowhere = Digest.ofText("nowhere");

    assertRefused(
        definition(IMAGE, user(nowhere.toString())), "invalid missing input digest " + nowhere);
    assertRefused(definition(IMAGE, user("nodigest")), "invalid missing input digest nodigest");
    assertRefused(definition(user(nowhere.toString())), "invalid missing input digest " + nowhere);
  }

  @Test
  void refusesANegativeOutputAndNamesTheOp() {
    Op bad =
        exec(e -> e.addInputs(Input.newBuilder().setDigest(digest(IMAGE).toString()).setIndex(-1)));

    InvalidRequest refusal = assertRefused(headed(IMAGE, bad), "invalid input 1 output index -1");

    assertThat(refusal).hasMessageContaining("op 1").hasMessageContaining(digest(bad).toString());
    assertThat(refusal.fact(Fact.AtVertex.class)).contains(new Fact.AtVertex(digest(bad)));
  }

  @Test
  void refusesUnknownOpsAndForms() {
    assertRefused(headed(IMAGE, user(digest(IMAGE).toString())), "unknown op");
    assertRefused(
        headed(IMAGE, exec(e -> e.getExecBuilder().getMountsBuilder(0).setMountTypeValue(99))),
        "mount type 99 not implemented");
    assertRefused(
        headed(IMAGE, exec(e -> e.getExecBuilder().setNetworkValue(7))), "unknown network mode 7");
    assertRefused(headed(IMAGE, file(f -> f.clearMkdir())), "unknown file action");
  }

  @Test
  void refusesIncompleteExecs() {
    assertRefused(
        headed(IMAGE, exec(e -> e.getExecBuilder().clearMeta())), "invalid exec op with no meta");
    assertRefused(
        headed(IMAGE, exec(e -> e.getExecBuilder().getMetaBuilder().clearArgs())),
        "invalid exec op with no args");
    assertRefused(
        headed(IMAGE, exec(e -> e.getExecBuilder().clearMounts())),
        "invalid exec op with no mounts");
    assertRefused(
        headed(IMAGE, exec(e -> e.getExecBuilder().getMountsBuilder(0).setDest("/x"))),
        "invalid exec op with no rootfs");
    assertRefused(
        headed(IMAGE, exec(e -> e.getExecBuilder().getMountsBuilder(0).setInput(5))),
        "invalid mountinput input:5 dest:\"/\"");
  }

  @Test
  void refusesFileActionsThatReachForLaterOnes() {
    assertRefused(headed(IMAGE, file(f -> f.setInput(9))), "invalid input index 9, 1 provided");
    assertRefused(headed(IMAGE, file(f -> f.setInput(1))), "invalid input index 1, 1 provided");
    assertRefused(headed(IMAGE, file(f -> f.setOutput(-1))), "no outputs specified");
  }

  @Test
  void refusesAnEndlessChain() {
    dev.slipway.api.ops.Definition.Builder definition =
        dev.slipway.api.ops.Definition.newBuilder().addDef(LlbEncoder.encode(IMAGE));
    Op last = IMAGE;
    for (int i = 0; i <= LlbDecoder.MAX_DEPTH; i++) {
      Op used = last;
      last = file(f -> f.setMkdir(FileActionMkDir.newBuilder().setPath("/x")), used);
      definition.addDef(LlbEncoder.encode(last));
    }
    definition.addDef(LlbEncoder.encode(user(digest(last).toString())));

    assertRefused(definition.build(), "a chain of more than");
  }

  @Test
  void takesOpsInAnyOrderAndLeavesOutWhatIsNotUsed() {
    Op exec = exec(_ -> {});
    Op unused = file(f -> f.setOutput(0), IMAGE);

    Definition definition =
        LlbDecoder.decode(definition(exec, unused, IMAGE, user(digest(exec).toString())));

    assertThat(definition.vertices().keySet()).containsExactly(digest(IMAGE), digest(exec));
  }

  @Test
  void namesOpsByTheirDeterministicEncodingAndKeepsTheirMetadata() {
    ByteString untidy =
        Op.newBuilder()
            .setSource(IMAGE.getSource())
            .setPlatform(Platform.newBuilder().setOS("linux").setArchitecture("amd64"))
            .build()
            .toByteString();
    Digest given = Digest.ofBytes(untidy.toByteArray());
    dev.slipway.api.ops.Definition message =
        dev.slipway.api.ops.Definition.newBuilder()
            .addDef(untidy)
            .addDef(LlbEncoder.encode(user(given.toString())))
            .putMetadata(given.toString(), OpMetadata.newBuilder().setIgnoreCache(true).build())
            .build();

    Definition definition = LlbDecoder.decode(message);

    OpVertex vertex = definition.vertices().firstEntry().getValue();
    assertThat(vertex.digest()).isNotEqualTo(given);
    assertThat(vertex.metadata().ignoreCache()).isTrue();
    assertThat(definition.head().orElseThrow().vertex()).isEqualTo(vertex.digest());
  }

  @Test
  void survivesArbitraryBytes() {
    long seed = Long.getLong("slipway.seed", 20_261_128);
    Random random = new Random(seed);
    byte[] whole = GoldenDefinitions.encoded("mount-all").toByteArray();
    for (int round = 0; round < 2_000; round++) {
      byte[] broken = whole.clone();
      for (int i = 0; i <= random.nextInt(8); i++) {
        broken[random.nextInt(broken.length)] = (byte) random.nextInt();
      }
      try {
        LlbEncoder.encode(LlbDecoder.decode(ByteString.copyFrom(broken)));
      } catch (InvalidRequest _) {
        // the only way to fail
      } catch (RuntimeException e) {
        throw new AssertionError("seed " + seed + ", round " + round, e);
      }
    }
  }

  private static InvalidRequest assertRefused(
      dev.slipway.api.ops.Definition definition, String reason) {
    return assertThatExceptionOfType(InvalidRequest.class)
        .isThrownBy(() -> LlbDecoder.decode(definition))
        .withMessageContaining("failed to load LLB: " + reason)
        .actual();
  }

  private static dev.slipway.api.ops.Definition headed(Op... ops) {
    var definition = definition(ops).toBuilder();
    return definition
        .addDef(LlbEncoder.encode(user(digest(ops[ops.length - 1]).toString())))
        .build();
  }

  private static dev.slipway.api.ops.Definition definition(Op... ops) {
    var definition = dev.slipway.api.ops.Definition.newBuilder();
    for (Op op : ops) {
      definition.addDef(LlbEncoder.encode(op));
    }
    return definition.build();
  }

  private static Op exec(Consumer<Op.Builder> change) {
    Op.Builder op = user(digest(IMAGE).toString()).toBuilder();
    op.setExec(
        ExecOp.newBuilder()
            .setMeta(Meta.newBuilder().addArgs("true").setCwd("/"))
            .addMounts(Mount.newBuilder().setDest("/")));
    change.accept(op);
    return op.build();
  }

  private static Op file(Consumer<FileAction.Builder> change) {
    return file(change, IMAGE);
  }

  private static Op file(Consumer<FileAction.Builder> change, Op used) {
    Op.Builder op = user(digest(used).toString()).toBuilder();
    FileAction.Builder action =
        op.getFileBuilder()
            .addActionsBuilder()
            .setSecondaryInput(-1)
            .setMkdir(FileActionMkDir.newBuilder().setPath("/d"));
    change.accept(action);
    return op.build();
  }

  private static Op user(String input) {
    return Op.newBuilder().addInputs(Input.newBuilder().setDigest(input)).build();
  }

  private static Digest digest(Op op) {
    return LlbEncoder.digest(LlbEncoder.encode(op));
  }
}
