package dev.slipway.workerqemu.accounting;

import dev.slipway.executor.ContainerSpec;
import dev.slipway.executor.Executor;
import dev.slipway.executor.ProcessIo;
import dev.slipway.executor.ProcessSpec;
import dev.slipway.oci.Platform;
import java.time.Duration;

/// Enters the time of every process into the account, however it ends. Thread-safe.
public final class AccountedExecutor implements Executor {
  private final Executor executor;
  private final EmulationAccount account;

  public AccountedExecutor(Executor executor, EmulationAccount account) {
    this.executor = executor;
    this.account = account;
  }

  @Override
  public ExitStatus run(ContainerSpec container, ProcessSpec process, ProcessIo io) {
    long start = System.nanoTime();
    try {
      return executor.run(container, process, io);
    } finally {
      account.add(container.platform(), Duration.ofNanos(System.nanoTime() - start));
    }
  }

  @Override
  public Container open(ContainerSpec container) {
    return new AccountedContainer(executor.open(container), container.platform());
  }

  private final class AccountedContainer implements Container {
    private final Container container;
    private final Platform platform;

    AccountedContainer(Container container, Platform platform) {
      this.container = container;
      this.platform = platform;
    }

    @Override
    public String id() {
      return container.id();
    }

    @Override
    public ExitStatus exec(ProcessSpec process, ProcessIo io) {
      long start = System.nanoTime();
      try {
        return container.exec(process, io);
      } finally {
        account.add(platform, Duration.ofNanos(System.nanoTime() - start));
      }
    }

    @Override
    public void close() {
      container.close();
    }
  }
}
