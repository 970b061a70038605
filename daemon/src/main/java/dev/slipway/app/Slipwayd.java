package dev.slipway.app;

import dev.slipway.config.ConfigLoader;
import dev.slipway.config.ConfigLoader.Outcome;
import dev.slipway.config.ConfigMistakes;
import dev.slipway.config.DaemonConfig;
import dev.slipway.failure.BuildFailure;
import java.io.PrintStream;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The daemon's program.
public final class Slipwayd {
  private final String program;
  private final Map<String, String> environment;
  private final PrintStream out;
  private final PrintStream err;

  private Slipwayd(
      String program, Map<String, String> environment, PrintStream out, PrintStream err) {
    this.program = program;
    this.environment = environment;
    this.out = out;
    this.err = err;
  }

  public static void main(String[] arguments) {
    // The launcher of another name (`buildkitd`) says so.
    String program = System.getProperty("slipway.program", "slipwayd");
    Slipwayd slipwayd = new Slipwayd(program, System.getenv(), System.out, System.err);
    System.exit(slipwayd.run(List.of(arguments), Wiring::open));
  }

  /// @return exit code
  private int run(List<String> arguments, DaemonServices.Opener opener) {
    try {
      return switch (ConfigLoader.load(program, arguments, environment)) {
        case Outcome.ShowHelp(String text) -> print(text);
        case Outcome.ShowVersion() -> print(Version.line(program) + "\n");
        case Outcome.ShowConfig(DaemonConfig config) -> print(ConfigPrinter.print(config));
        case Outcome.Run(DaemonConfig config) -> serve(config, opener);
      };
    } catch (ConfigMistakes mistakes) {
      mistakes.mistakes().forEach(line -> err.println(program + ": " + line));
      return 1;
    }
  }

  private int print(String text) {
    out.print(text);
    out.flush();
    return 0;
  }

  private int serve(DaemonConfig config, DaemonServices.Opener opener) {
    Logging.start(config.log());
    Logger log = LoggerFactory.getLogger(Slipwayd.class);
    config.withoutEffect().forEach(log::warn);
    StopSignals signals = StopSignals.listen();
    ServiceNotifier notifier = new ServiceNotifier(environment.getOrDefault("NOTIFY_SOCKET", ""));
    try (Daemon daemon = Daemon.start(config, environment, opener)) {
      log.atInfo()
          .addKeyValue("version", Version.slipway())
          .addKeyValue("addresses", daemon.addresses())
          .log("running server");
      notifier.ready();
      NativeCryptography.load();
      daemon.rehearse(opener);
      String signal = signals.await();
      log.atInfo().addKeyValue("signal", signal).log("stopping");
      notifier.stopping();
      daemon.drain(signals);
      return 0;
    } catch (BuildFailure failure) {
      log.error("cannot run: {}", failure.text());
      log.debug("cannot run", failure);
      return 1;
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return 1;
    }
  }
}
