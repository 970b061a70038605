package dev.slipway.client.progress;

import dev.slipway.api.control.StatusResponse;
import dev.slipway.api.control.Vertex;
import dev.slipway.api.control.VertexLog;
import dev.slipway.api.control.VertexStatus;
import dev.slipway.api.control.VertexWarning;
import java.io.PrintStream;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;

/// Progress as lines that stay: `#5 [2/4] RUN …`, its output with the seconds since its start, `#5
/// DONE 1.2s`. For logs and pipes (surface reference 10.3).
public final class PlainDisplay implements ProgressDisplay {
  private final PrintStream out;
  private final Clock clock;
  private final SequencedMap<String, Step> steps = new LinkedHashMap<>();
  private final Map<String, StringBuilder> unfinishedLines = new HashMap<>();
  private final Set<String> ended = new HashSet<>();
  private final Set<String> shownItems = new HashSet<>();
  private Optional<Step> current = Optional.empty();

  public PlainDisplay(PrintStream out, Clock clock) {
    this.out = out;
    this.clock = clock;
  }

  @Override
  public void show(StatusResponse update) {
    for (Vertex vertex : update.getVertexesList()) {
      Step step =
          steps.computeIfAbsent(vertex.getDigest(), _ -> new Step(steps.size() + 1, vertex));
      step.update(vertex);
      if (step.started() && !ended.contains(vertex.getDigest()) && !step.completed()) {
        turnTo(step);
      }
    }
    update.getStatusesList().forEach(this::item);
    update.getLogsList().forEach(this::log);
    update.getWarningsList().forEach(this::warning);
    for (Vertex vertex : update.getVertexesList()) {
      Step step = Objects.requireNonNull(steps.get(vertex.getDigest()));
      if (step.completed() && ended.add(vertex.getDigest())) {
        end(vertex.getDigest(), step);
      } else if (!step.completed()) {
        ended.remove(vertex.getDigest());
      }
    }
    out.flush();
  }

  private void turnTo(Step step) {
    if (current.isPresent() && current.get() == step) {
      return;
    }
    current
        .filter(before -> !before.completed())
        .ifPresent(before -> out.println("#" + before.number + " ...\n"));
    out.println("#" + step.number + " " + step.name());
    current = Optional.of(step);
  }

  private void item(VertexStatus status) {
    Step step = steps.get(status.getVertex());
    if (step == null) {
      return;
    }
    boolean done = status.hasCompleted();
    if (!done && !shownItems.add(status.getVertex() + "\0" + status.getID())) {
      return;
    }
    turnTo(step);
    String amount = Amounts.amount(status.getCurrent(), status.getTotal());
    String took =
        done
            ? " "
                + Amounts.seconds(
                    Duration.between(
                        Step.instant(status.getStarted()), Step.instant(status.getCompleted())))
                + " done"
            : "";
    out.println(
        "#" + step.number + " " + status.getID() + (amount.isEmpty() ? "" : " " + amount) + took);
  }

  private void log(VertexLog log) {
    Step step = steps.get(log.getVertex());
    if (step == null) {
      return;
    }
    turnTo(step);
    StringBuilder pending =
        unfinishedLines.computeIfAbsent(log.getVertex(), _ -> new StringBuilder());
    pending.append(log.getMsg().toStringUtf8());
    String since =
        String.format(
            Locale.ROOT,
            "%.3f",
            Duration.between(step.startedAt(), Step.instant(log.getTimestamp())).toMillis()
                / 1000.0);
    for (int end = pending.indexOf("\n"); end >= 0; end = pending.indexOf("\n")) {
      out.println(
          "#" + step.number + " " + since + " " + pending.substring(0, end).replace("\r", ""));
      pending.delete(0, end + 1);
    }
  }

  private void warning(VertexWarning warning) {
    Step step = steps.get(warning.getVertex());
    if (step != null) {
      turnTo(step);
      out.println("#" + step.number + " WARN: " + warning.getShort().toStringUtf8());
    }
  }

  private void end(String digest, Step step) {
    turnTo(step);
    StringBuilder rest = unfinishedLines.remove(digest);
    if (rest != null && !rest.isEmpty()) {
      out.println("#" + step.number + " " + rest);
    }
    String how =
        step.cancelled()
            ? "CANCELED"
            : step.error()
                .map(text -> "ERROR: " + text)
                .orElse(
                    step.cached()
                        ? "CACHED"
                        : "DONE " + Amounts.seconds(step.took(clock.instant())));
    out.println("#" + step.number + " " + how + "\n");
    current = Optional.empty();
  }

  @Override
  public void close() {
    out.flush();
  }
}
