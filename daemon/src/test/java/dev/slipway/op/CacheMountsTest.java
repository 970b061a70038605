package dev.slipway.op;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.llb.Mount.Sharing;
import dev.slipway.ref.testing.RefStoreFixture;
import dev.slipway.snapshot.Mount;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CacheMountsTest {
  @TempDir Path folder;
  private RefStoreFixture stores;
  private CacheMounts mounts;

  @BeforeEach
  void start() throws Exception {
    stores = new RefStoreFixture(Files.createDirectory(folder.resolve("state")));
    mounts = new CacheMounts(stores.store);
  }

  @AfterEach
  void stop() {
    assertThat(stores.store.openHolds()).isZero();
    stores.close();
  }

  @Test
  void usersOfASharedDirectoryGetTheSameMount() {
    try (CacheMounts.Hold one = open(Sharing.SHARED)) {
      Path root = root(one);
      try (CacheMounts.Hold other = open(Sharing.SHARED)) {
        assertThat(other.mounts()).isEqualTo(one.mounts());
      }
      assertThat(root).exists();
    }
  }

  @Test
  void aSharedDirectoryIsKeptForTheNextUser() throws Exception {
    try (CacheMounts.Hold one = open(Sharing.SHARED)) {
      Files.writeString(root(one).resolve("kept"), "x");
    }

    try (CacheMounts.Hold next = open(Sharing.SHARED)) {
      assertThat(root(next).resolve("kept")).hasContent("x");
    }
  }

  private static Path root(CacheMounts.Hold hold) {
    return ((Mount.Bind) hold.mounts().getFirst()).source();
  }

  private CacheMounts.Hold open(Sharing sharing) {
    return mounts.open(
        new CacheMounts.Wanted("tag", sharing, Optional.empty(), RefStoreFixture.STEP),
        stores.context());
  }
}
