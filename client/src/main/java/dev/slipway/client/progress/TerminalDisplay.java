package dev.slipway.client.progress;

import dev.slipway.api.control.StatusResponse;
import dev.slipway.api.control.Vertex;
import dev.slipway.api.control.VertexLog;
import dev.slipway.api.control.VertexStatus;
import java.io.PrintStream;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/// Progress as a picture that is drawn again in place: one line a step with its time, bars for what
/// is pulled and pushed, the last lines of output of the steps that run. Redrawn at most ten times
/// a second.
public final class TerminalDisplay implements ProgressDisplay {
  private static final Duration FRAME = Duration.ofMillis(100);
  private static final int LOG_LINES = 4;
  private static final int BAR = 20;

  private final PrintStream out;
  private final Clock clock;
  private final Size size;
  private final Instant began;
  private final SequencedMap<String, Step> steps = new LinkedHashMap<>();
  private final Map<String, Deque<String>> tails = new HashMap<>();
  private final Map<String, StringBuilder> unfinishedLines = new HashMap<>();
  private Instant drawn = Instant.MIN;
  private int linesOnScreen;

  /// How large the terminal is, asked at each drawing.
  public interface Size {
    int columns();

    int rows();
  }

  public TerminalDisplay(PrintStream out, Clock clock, Size size) {
    this.out = out;
    this.clock = clock;
    this.size = size;
    this.began = clock.instant();
  }

  @Override
  public void show(StatusResponse update) {
    for (Vertex vertex : update.getVertexesList()) {
      steps
          .computeIfAbsent(vertex.getDigest(), _ -> new Step(steps.size() + 1, vertex))
          .update(vertex);
    }
    for (VertexStatus status : update.getStatusesList()) {
      Step step = steps.get(status.getVertex());
      if (step != null) {
        step.items.put(status.getID(), status);
      }
    }
    update.getLogsList().forEach(this::remember);
    Instant now = clock.instant();
    if (drawn.equals(Instant.MIN) || Duration.between(drawn, now).compareTo(FRAME) >= 0) {
      draw(now, false);
    }
  }

  private void remember(VertexLog log) {
    StringBuilder pending =
        unfinishedLines.computeIfAbsent(log.getVertex(), _ -> new StringBuilder());
    pending.append(log.getMsg().toStringUtf8());
    Deque<String> tail = tails.computeIfAbsent(log.getVertex(), _ -> new ArrayDeque<>());
    for (int end = pending.indexOf("\n"); end >= 0; end = pending.indexOf("\n")) {
      tail.addLast(printable(pending.substring(0, end)));
      pending.delete(0, end + 1);
      if (tail.size() > LOG_LINES) {
        tail.removeFirst();
      }
    }
  }

  /// Output of a step must not move the cursor about.
  private static String printable(String line) {
    return line.replaceAll("\\e\\[[0-9;?]*[A-Za-z]", "").replaceAll("\\p{Cntrl}", " ");
  }

  private void draw(Instant now, boolean finished) {
    drawn = now;
    List<String> lines = new ArrayList<>();
    long done = steps.values().stream().filter(Step::completed).count();
    lines.add(
        "[+] Building "
            + Amounts.seconds(Duration.between(began, now))
            + " ("
            + done
            + "/"
            + steps.size()
            + ")"
            + (finished ? " FINISHED" : ""));
    for (Map.Entry<String, Step> entry : steps.entrySet()) {
      if (entry.getValue().started()) {
        addStep(entry.getKey(), entry.getValue(), now, lines);
      }
    }
    int room = Math.max(3, size.rows() - 1);
    if (!finished && lines.size() > room) {
      List<String> last = lines.subList(lines.size() - room + 1, lines.size());
      lines = new ArrayList<>(List.of(lines.getFirst()));
      lines.addAll(last);
    }
    StringBuilder frame = new StringBuilder();
    if (linesOnScreen > 0) {
      frame.append("\033[").append(linesOnScreen).append("A");
    }
    for (String line : lines) {
      frame.append("\r\033[2K").append(line).append('\n');
    }
    frame.append("\033[J");
    linesOnScreen = lines.size();
    out.print(frame);
    out.flush();
  }

  private void addStep(String digest, Step step, Instant now, List<String> lines) {
    String mark =
        step.cached()
            ? "CACHED "
            : step.cancelled() ? "CANCELED " : step.error().isPresent() ? "ERROR " : "";
    lines.add(row(" => " + mark + step.name(), Amounts.seconds(step.took(now))));
    if (step.completed() && step.error().isEmpty()) {
      return;
    }
    for (VertexStatus item : step.items.values()) {
      if (!item.hasCompleted()) {
        lines.add(
            row(
                " => => " + item.getID() + bar(item),
                Amounts.amount(item.getCurrent(), item.getTotal())));
      }
    }
    tails
        .getOrDefault(digest, new ArrayDeque<>())
        .forEach(line -> lines.add(row(" => => # " + line, "")));
  }

  private static String bar(VertexStatus item) {
    if (item.getTotal() <= 0) {
      return "";
    }
    int full = Math.clamp(item.getCurrent() * BAR / item.getTotal(), 0, BAR);
    return " [" + "=".repeat(full) + " ".repeat(BAR - full) + "]";
  }

  /// Text on the left, cut where it must be, and a time or amount on the right.
  private String row(String left, String right) {
    int width = Math.max(20, size.columns() - 1);
    int room = Math.max(1, width - right.length() - 1);
    String text = left.length() > room ? left.substring(0, Math.max(1, room - 1)) + "…" : left;
    return text + " ".repeat(Math.max(1, width - text.length() - right.length())) + right;
  }

  @Override
  public void close() {
    draw(clock.instant(), true);
  }
}
