package dev.slipway.history;

import dev.slipway.failure.InvalidRequest;
import dev.slipway.image.GoValues;
import dev.slipway.ref.FieldFilter;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/// Which records are meant: conditions separated by commas, all of which must hold.
///
/// `ref`, `status` (`running`, `completed`, `error`, `canceled`) and `repository` compare as in
/// containerd's filters; `startedAt`, `completedAt` (an RFC 3339 time, or how long ago) and
/// `duration` with `<`, `<=`, `>`, `>=`. Source: BuildKit `solver/llbsolver/history/filter.go`,
/// v0.32.2.
final class RecordFilter implements Predicate<BuildRecord> {
  private static final List<String> COMPARISONS = List.of(">=", "<=", ">", "<");
  private static final Pattern REPOSITORY =
      Pattern.compile("(?:(?:https?|ssh|git)://.+|[a-zA-Z0-9_.~-]+@[^:/]+:.+)");

  private final List<Predicate<BuildRecord>> all;

  private RecordFilter(List<Predicate<BuildRecord>> all) {
    this.all = all;
  }

  /// @param now what "ago" counts from
  static RecordFilter parse(String text, Instant now) {
    List<Predicate<BuildRecord>> conditions = new ArrayList<>();
    List<String> fields = new ArrayList<>();
    for (String condition : split(text)) {
      Optional<Predicate<BuildRecord>> ofTime = ofTime(condition, now);
      if (ofTime.isPresent()) {
        conditions.add(ofTime.get());
      } else {
        fields.add(condition);
      }
    }
    FieldFilter filter = FieldFilter.parse(String.join(",", fields));
    conditions.add(record -> filter.matches(path -> field(record, path)));
    return new RecordFilter(conditions);
  }

  @Override
  public boolean test(BuildRecord record) {
    return all.stream().allMatch(condition -> condition.test(record));
  }

  private static List<String> split(String text) {
    List<String> fields = new ArrayList<>();
    int at = 0;
    while (at <= text.length()) {
      boolean quoted = text.startsWith("\"", at);
      int end = quoted ? closingQuote(text, at + 1) : text.indexOf(',', at);
      if (end < 0) {
        end = text.length();
      }
      fields.add(
          quoted ? text.substring(at + 1, end).replace("\"\"", "\"") : text.substring(at, end));
      at = end + (quoted ? 2 : 1);
    }
    return fields;
  }

  private static int closingQuote(String text, int from) {
    int quote = text.indexOf('"', from);
    while (quote >= 0 && text.startsWith("\"\"", quote)) {
      quote = text.indexOf('"', quote + 2);
    }
    if (quote < 0 || (quote + 1 < text.length() && text.charAt(quote + 1) != ',')) {
      throw new InvalidRequest("failed to parse history filter " + text + ": misplaced quote");
    }
    return quote;
  }

  private static Optional<Predicate<BuildRecord>> ofTime(String condition, Instant now) {
    for (String comparison : COMPARISONS) {
      int at = condition.indexOf(comparison);
      if (at >= 0) {
        String value = condition.substring(at + comparison.length());
        return switch (condition.substring(0, at)) {
          case "startedAt" -> {
            long limit = instant(value, now).getEpochSecond();
            yield Optional.of(
                record -> holds(comparison, record.createdAt().getEpochSecond(), limit));
          }
          case "completedAt" -> {
            long limit = instant(value, now).getEpochSecond();
            yield Optional.of(record -> holds(comparison, completedSecond(record), limit));
          }
          case "duration" -> {
            long limit =
                GoValues.duration(value)
                    .orElseThrow(() -> new InvalidRequest("invalid duration " + value))
                    .toNanos();
            yield Optional.of(record -> holds(comparison, record.duration().toNanos(), limit));
          }
          default -> Optional.empty();
        };
      }
    }
    return Optional.empty();
  }

  private static long completedSecond(BuildRecord record) {
    return record.outcome().map(ended -> ended.completedAt().getEpochSecond()).orElse(0L);
  }

  private static boolean holds(String comparison, long value, long limit) {
    return switch (comparison) {
      case ">=" -> value >= limit;
      case "<=" -> value <= limit;
      case ">" -> value > limit;
      default -> value < limit;
    };
  }

  private static Instant instant(String text, Instant now) {
    Optional<Duration> ago = GoValues.duration(text);
    if (ago.isPresent()) {
      return now.minus(ago.get());
    }
    try {
      return OffsetDateTime.parse(text).toInstant();
    } catch (DateTimeException malformed) {
      throw new InvalidRequest("invalid time " + text, malformed);
    }
  }

  private static Optional<String> field(BuildRecord record, List<String> path) {
    return switch (path.getFirst()) {
      case "ref" -> Optional.of(record.ref());
      case "status" -> Optional.of(status(record));
      case "repository" -> repository(record.asked().options());
      default -> Optional.empty();
    };
  }

  private static String status(BuildRecord record) {
    if (record.outcome().isEmpty()) {
      return "running";
    }
    return record
        .outcome()
        .get()
        .failure()
        .map(failure -> failure.message().contains("context canceled") ? "canceled" : "error")
        .orElse("completed");
  }

  private static Optional<String> repository(java.util.Map<String, String> options) {
    return Optional.ofNullable(options.get("vcs:source"))
        .or(
            () ->
                Optional.ofNullable(options.get("context"))
                    .filter(context -> REPOSITORY.matcher(context).matches())
                    .map(context -> context.replaceFirst("[#?].*$", "")));
  }
}
