package dev.slipway.workerqemu.emulator;

import dev.slipway.failure.BuildFailure;
import dev.slipway.oci.Platform;
import dev.slipway.task.Interruption;
import dev.slipway.workernative.runtime.ProgramSearch;
import dev.slipway.workerqemu.binfmt.BinfmtEntry;
import dev.slipway.workerqemu.binfmt.BinfmtRegistry;
import dev.slipway.workerqemu.binfmt.ForeignArchitecture;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What runs which foreign architecture on this machine. Looked up again every few seconds, so that
/// an emulator installed or registered while the daemon runs is found. Guarded by its own monitor.
public final class Emulators {
  private static final Logger log = LoggerFactory.getLogger(Emulators.class);
  private static final Duration FRESH = Duration.ofSeconds(20);
  private static final Path BINFMT_DIRECTORY = Path.of("/usr/libexec/qemu-binfmt");
  private static final Pattern VERSION = Pattern.compile("version ([0-9]+)\\.");

  private final BinfmtRegistry registry;
  private final Set<String> nativeArchitectures;
  private final Registering registering;
  private Map<ForeignArchitecture, Emulation> known = Map.of();
  private Instant lookedAt = Instant.MIN;

  public enum Registering {
    /// Installed emulators the kernel does not know are registered.
    ALLOWED,
    FORBIDDEN
  }

  /// @param nativeArchitectures what needs no emulation
  public Emulators(
      BinfmtRegistry registry, Set<String> nativeArchitectures, Registering registering) {
    this.registry = registry;
    this.nativeArchitectures = Set.copyOf(nativeArchitectures);
    this.registering = registering;
  }

  /// In the order in which they are announced.
  public List<Platform> platforms() {
    return refreshed().keySet().stream()
        .flatMap(architecture -> architecture.platforms().stream())
        .toList();
  }

  public Optional<Emulation> find(Platform platform) {
    return ForeignArchitecture.of(platform)
        .flatMap(architecture -> Optional.ofNullable(refreshed().get(architecture)));
  }

  /// What would make the platform run here.
  public Optional<String> advice(Platform platform) {
    if (nativeArchitectures.contains(platform.architecture())) {
      return Optional.empty();
    }
    return ForeignArchitecture.of(platform)
        .map(
            architecture ->
                "install an emulator, qemu-"
                    + architecture.qemuName()
                    + "-static (Debian, Ubuntu: apt-get install qemu-user-static)")
        .or(() -> Optional.of("no emulator for it is known here"));
  }

  private synchronized Map<ForeignArchitecture, Emulation> refreshed() {
    Instant now = Instant.now();
    if (lookedAt.plus(FRESH).isBefore(now)) {
      known = lookUp();
      lookedAt = now;
    }
    return known;
  }

  private Map<ForeignArchitecture, Emulation> lookUp() {
    if (registering == Registering.ALLOWED) {
      registry.mountIfMissing();
    }
    List<BinfmtEntry> entries = registry.available() ? registry.entries() : List.of();
    Map<ForeignArchitecture, Emulation> found = new EnumMap<>(ForeignArchitecture.class);
    for (ForeignArchitecture architecture : ForeignArchitecture.values()) {
      if (!nativeArchitectures.contains(architecture.platforms().getFirst().architecture())) {
        emulation(architecture, entries).ifPresent(emulation -> found.put(architecture, emulation));
      }
    }
    return found;
  }

  private Optional<Emulation> emulation(
      ForeignArchitecture architecture, List<BinfmtEntry> entries) {
    Optional<BinfmtEntry> entry = BinfmtRegistry.find(entries, architecture);
    if (entry.filter(BinfmtEntry::persistent).isPresent()) {
      return Optional.of(new Emulation.ByKernel());
    }
    Optional<Path> installed = installed(architecture);
    if (entry.isEmpty()
        && installed.isPresent()
        && registering == Registering.ALLOWED
        && registry.available()) {
      try {
        registry.register(architecture, installed.get(), flags(installed.get()));
        return Optional.of(new Emulation.ByKernel());
      } catch (BuildFailure refused) {
        log.warn(
            "{}; steps of {} start through the emulator instead",
            refused.text(),
            architecture.platforms().getFirst());
      }
    }
    if (entry.isPresent()) {
      Path interpreter = entry.get().interpreter();
      return Stream.concat(Stream.of(interpreter).filter(Files::isExecutable), installed.stream())
          .findFirst()
          .map(program -> new Emulation.ByKernelWithInterpreter(program, interpreter));
    }
    Optional<Path> buildKits = ProgramSearch.find("buildkit-qemu-" + architecture.qemuName());
    return buildKits
        .<Emulation>map(program -> new Emulation.ByInjection(program, true))
        .or(() -> installed.map(program -> new Emulation.ByInjection(program, false)));
  }

  /// A static emulator, which works in any root. Linked ones would miss their libraries there.
  private static Optional<Path> installed(ForeignArchitecture architecture) {
    List<String> names = new ArrayList<>();
    names.add("qemu-" + architecture.qemuName() + "-static");
    names.add(BINFMT_DIRECTORY.resolve(architecture.qemuName() + "-binfmt-P").toString());
    return names.stream()
        .flatMap(name -> ProgramSearch.find(name).stream())
        .map(Emulators::real)
        .filter(Emulators::isStatic)
        .findFirst();
  }

  private static Path real(Path program) {
    try {
      return program.toRealPath();
    } catch (IOException unresolvable) {
      return program;
    }
  }

  /// True when the file asks for no dynamic loader.
  static boolean isStatic(Path program) {
    try (var in = Files.newInputStream(program)) {
      // The loader's name stands right behind the headers of a linked program.
      String head = new String(in.readNBytes(4096), StandardCharsets.ISO_8859_1);
      return head.startsWith("\u007fELF")
          && !head.contains("/ld-linux")
          && !head.contains("/ld-musl")
          && !head.contains("/ld64.so");
    } catch (IOException unreadable) {
      return false;
    }
  }

  /// QEMU knows from the kernel that argv[0] was kept since version 6.
  private static String flags(Path emulator) {
    try {
      Process process =
          new ProcessBuilder(emulator.toString(), "--version").redirectErrorStream(true).start();
      String said = new String(process.getInputStream().readNBytes(4096), StandardCharsets.UTF_8);
      process.waitFor();
      Matcher version = VERSION.matcher(said);
      return version.find() && Integer.parseInt(version.group(1)) >= 6 ? "POCF" : "OCF";
    } catch (IOException unknown) {
      return "OCF";
    } catch (InterruptedException interrupted) {
      throw Interruption.cancelled(interrupted);
    }
  }
}
