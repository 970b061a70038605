package dev.slipway.contenthash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.slipway.contenthash.testing.GoldenTrees;
import dev.slipway.contenthash.testing.GoldenTrees.GoldenCase;
import dev.slipway.failure.BuildFailure;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every recorded question, on described trees.
final class GoldenChecksumTest {
  static List<GoldenCase> cases() {
    return GoldenTrees.cases();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void answersAsRecorded(GoldenCase golden) {
    MemoryTree view = new MemoryTree(GoldenTrees.trees().getOrDefault(golden.tree(), List.of()));
    HashedTree tree = new HashedTree(Node.root());

    if (golden.error().isPresent()) {
      BuildFailure failure =
          catchThrowableOfType(
              BuildFailure.class, () -> SelectionDigest.of(tree, golden.selection(), () -> view));
      assertThat(failure).hasMessage(golden.error().get());
    } else {
      assertThat(Optional.of(SelectionDigest.of(tree, golden.selection(), () -> view).toString()))
          .isEqualTo(golden.digest());
    }
  }
}
