package dev.slipway.op;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.slipway.contenthash.ContentHasher.Selection;
import dev.slipway.failure.NotFound;
import dev.slipway.oci.Digest;
import dev.slipway.progress.ProgressSink;
import dev.slipway.progress.VertexProgress;
import dev.slipway.ref.testing.NoSessions;
import dev.slipway.solver.CacheMap.ContentKey;
import dev.slipway.solver.EvaluationContext;
import dev.slipway.solver.JobId;
import dev.slipway.task.Clock;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class InputKeysTest {
  private final InputKeys keys =
      new InputKeys(
          (_, _, _) -> {
            throw new IllegalStateException("an empty tree needs no hashing");
          },
          new JobSessions(new NoSessions()),
          new FailedStates(),
          ByteString.EMPTY);

  @Test
  void anEmptyTreeHasAKeyAsAWholeOnly() {
    assertThat(key("/").compute(context(), RefResult.SCRATCH))
        .isEqualTo(Digest.ofText(Digest.EMPTY.toString()));
    assertThatThrownBy(() -> key("/foo").compute(context(), RefResult.SCRATCH))
        .isInstanceOf(NotFound.class)
        .hasMessage("failed to calculate checksum of ref scratch: /foo: no such file or directory");
  }

  private ContentKey<RefResult> key(String path) {
    return keys.selected(0, Optional.empty(), Optional.of(List.of(Selection.path(path, false))))
        .contentKey()
        .orElseThrow();
  }

  private static EvaluationContext context() {
    return new EvaluationContext() {
      @Override
      public List<JobId> jobs() {
        return List.of();
      }

      @Override
      public VertexProgress progress() {
        return new VertexProgress(Digest.EMPTY, ProgressSink.none(), Clock.system());
      }
    };
  }
}
