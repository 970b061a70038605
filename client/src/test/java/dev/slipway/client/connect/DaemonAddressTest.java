package dev.slipway.client.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.failure.InvalidRequest;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class DaemonAddressTest {
  private static final List<Path> PLACES = List.of(DaemonAddress.PACKAGED, DaemonAddress.BUILDKIT);

  @Test
  void theFirstPlaceWithASocketIsTaken() {
    assertThat(usual(DaemonAddress.PACKAGED, DaemonAddress.BUILDKIT))
        .hasToString("unix:///run/slipway/slipwayd.sock");
    assertThat(usual(DaemonAddress.BUILDKIT)).hasToString("unix:///run/buildkit/buildkitd.sock");
  }

  @Test
  void whereThereIsNoneTheFirstIsNamed() {
    assertThat(usual()).hasToString("unix:///run/slipway/slipwayd.sock");
  }

  @Test
  void anAddressNamesItsKind() {
    assertThat(DaemonAddress.parse("tcp://[::1]:1234"))
        .isEqualTo(new DaemonAddress.Tcp("[::1]", 1234));
    assertThatThrownBy(() -> DaemonAddress.parse("localhost:1234"))
        .isInstanceOf(InvalidRequest.class)
        .hasMessageContaining("want unix:///path or tcp://host:port");
  }

  private static DaemonAddress usual(Path... sockets) {
    return DaemonAddress.usual(PLACES, Set.of(sockets)::contains);
  }
}
