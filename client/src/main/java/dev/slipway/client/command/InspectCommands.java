package dev.slipway.client.command;

import dev.slipway.api.control.ControlGrpc;
import dev.slipway.api.control.DiskUsageRequest;
import dev.slipway.api.control.InfoRequest;
import dev.slipway.api.control.ListWorkersRequest;
import dev.slipway.api.control.PruneRequest;
import dev.slipway.api.control.UsageRecord;
import dev.slipway.api.ops.Platform;
import dev.slipway.api.worker.BuildkitVersion;
import dev.slipway.api.worker.WorkerRecord;
import dev.slipway.client.connect.DaemonConnection;
import dev.slipway.client.progress.Amounts;
import dev.slipway.failure.InvalidRequest;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/// The commands that ask a daemon about itself: `workers`, `info`, `du`, `prune`.
final class InspectCommands {
  private static final Flags.Table WORKERS =
      new Flags.Table(List.of("filter"), List.of("verbose"), Map.of("f", "filter", "v", "verbose"));
  private static final Flags.Table USAGE =
      new Flags.Table(List.of("filter"), List.of("verbose"), Map.of("f", "filter", "v", "verbose"));
  private static final Flags.Table PRUNE =
      new Flags.Table(
          List.of("filter", "keep-duration", "keep-storage", "keep-storage-min", "free-storage"),
          List.of("all", "verbose", "force"),
          Map.of("f", "filter", "v", "verbose", "a", "all"));

  private InspectCommands() {}

  static int workers(List<String> arguments, DaemonConnection daemon, Terminal terminal) {
    Flags flags = Flags.parse(arguments, WORKERS);
    List<WorkerRecord> workers =
        ControlGrpc.newBlockingStub(daemon.channel())
            .listWorkers(ListWorkersRequest.newBuilder().addAllFilter(flags.all("filter")).build())
            .getRecordList();
    PrintStream out = terminal.out();
    if (!flags.on("verbose")) {
      out.println("ID\t\t\t\tPLATFORMS");
      workers.forEach(worker -> out.println(worker.getID() + "\t" + platforms(worker)));
      return 0;
    }
    for (WorkerRecord worker : workers) {
      out.println("ID:\t\t" + worker.getID());
      out.println("Platforms:\t" + platforms(worker));
      out.println("BuildKit:\t" + version(worker.getBuildkitVersion()));
      out.println("Labels:");
      worker.getLabelsMap().entrySet().stream()
          .sorted(Map.Entry.comparingByKey())
          .forEach(label -> out.println("\t" + label.getKey() + ":\t" + label.getValue()));
      out.println();
    }
    return 0;
  }

  static int info(List<String> arguments, DaemonConnection daemon, Terminal terminal) {
    BuildkitVersion version =
        ControlGrpc.newBlockingStub(daemon.channel())
            .info(InfoRequest.getDefaultInstance())
            .getBuildkitVersion();
    terminal.out().println("BuildKit:\t" + version(version));
    if (!version.getDockerfileVersion().isEmpty()) {
      terminal.out().println("Dockerfile:\t" + version.getDockerfileVersion());
    }
    return 0;
  }

  static int usage(List<String> arguments, DaemonConnection daemon, Terminal terminal) {
    Flags flags = Flags.parse(arguments, USAGE);
    List<UsageRecord> records =
        new ArrayList<>(
            ControlGrpc.newBlockingStub(daemon.channel())
                .diskUsage(DiskUsageRequest.newBuilder().addAllFilter(flags.all("filter")).build())
                .getRecordList());
    records.sort((a, b) -> Long.compare(b.getSize(), a.getSize()));
    printTable(records, terminal.out());
    long shared =
        records.stream().filter(UsageRecord::getShared).mapToLong(UsageRecord::getSize).sum();
    long reclaimable =
        records.stream().filter(record -> !record.getInUse()).mapToLong(UsageRecord::getSize).sum();
    long total = records.stream().mapToLong(UsageRecord::getSize).sum();
    terminal.out().println("Shared:\t\t" + Amounts.bytes(shared));
    terminal.out().println("Private:\t" + Amounts.bytes(total - shared));
    terminal.out().println("Reclaimable:\t" + Amounts.bytes(reclaimable));
    terminal.out().println("Total:\t\t" + Amounts.bytes(total));
    return 0;
  }

  static int prune(List<String> arguments, DaemonConnection daemon, Terminal terminal) {
    Flags flags = Flags.parse(arguments, PRUNE);
    PruneRequest request =
        PruneRequest.newBuilder()
            .addAllFilter(flags.all("filter"))
            .setAll(flags.on("all"))
            .setKeepDuration(
                flags
                    .last("keep-duration")
                    .map(InspectCommands::duration)
                    .orElse(Duration.ZERO)
                    .toNanos())
            .setMaxUsedSpace(flags.last("keep-storage").map(InspectCommands::megabytes).orElse(0L))
            .setReservedSpace(
                flags.last("keep-storage-min").map(InspectCommands::megabytes).orElse(0L))
            .setMinFreeSpace(flags.last("free-storage").map(InspectCommands::megabytes).orElse(0L))
            .build();
    long total = 0;
    List<UsageRecord> removed = new ArrayList<>();
    Iterator<UsageRecord> records = ControlGrpc.newBlockingStub(daemon.channel()).prune(request);
    while (records.hasNext()) {
      UsageRecord record = records.next();
      removed.add(record);
      total += record.getSize();
    }
    printTable(removed, terminal.out());
    terminal.out().println("Total:\t" + Amounts.bytes(total));
    return 0;
  }

  private static void printTable(List<UsageRecord> records, PrintStream out) {
    out.println("ID\t\t\t\t\t\tRECLAIMABLE\tSIZE\t\tLAST ACCESSED");
    for (UsageRecord record : records) {
      String id = record.getID() + (record.getMutable() ? "*" : "");
      String used =
          record.hasLastUsedAt()
              ? Amounts.seconds(
                      Duration.between(
                          Instant.ofEpochSecond(record.getLastUsedAt().getSeconds()),
                          Instant.now()))
                  + " ago"
              : "";
      out.println(
          String.format(
                  Locale.ROOT,
                  "%-40s\t%-5b\t\t%-10s\t%s",
                  id,
                  !record.getInUse(),
                  Amounts.bytes(record.getSize()),
                  used)
              .stripTrailing());
    }
  }

  private static String platforms(WorkerRecord worker) {
    return worker.getPlatformsList().stream()
        .map(InspectCommands::platform)
        .collect(Collectors.joining(","));
  }

  private static String platform(Platform platform) {
    return platform.getOS()
        + "/"
        + platform.getArchitecture()
        + (platform.getVariant().isEmpty() ? "" : "/" + platform.getVariant());
  }

  private static String version(BuildkitVersion version) {
    return String.join(" ", version.getPackage(), version.getVersion(), version.getRevision())
        .strip();
  }

  /// Go's duration text, as far as people write it here: `24h`, `90m`, `30s`, or seconds.
  private static Duration duration(String text) {
    if (text.matches("[0-9]+")) {
      return Duration.ofSeconds(Long.parseLong(text));
    }
    if (text.matches("([0-9]+h)?([0-9]+m)?([0-9]+s)?") && !text.isEmpty()) {
      return Duration.parse("PT" + text.toUpperCase(Locale.ROOT));
    }
    throw new InvalidRequest("invalid duration \"" + text + "\": want for example 24h");
  }

  private static long megabytes(String text) {
    if (!text.matches("[0-9]{1,9}(\\.[0-9]+)?")) {
      throw new InvalidRequest("invalid size \"" + text + "\": want megabytes");
    }
    return (long) (Double.parseDouble(text) * 1_000_000);
  }
}
