package dev.slipway.registry;

import dev.slipway.registry.testing.DistributionContract;
import dev.slipway.registry.testing.InProcessRegistry;
import java.io.IOException;
import java.net.URI;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

class InProcessRegistryTest extends DistributionContract {
  private InProcessRegistry registry;

  @BeforeEach
  void start() throws IOException {
    registry = InProcessRegistry.start();
  }

  @AfterEach
  void stop() {
    registry.close();
  }

  @Override
  protected URI base() {
    return URI.create("http://" + registry.host());
  }
}
