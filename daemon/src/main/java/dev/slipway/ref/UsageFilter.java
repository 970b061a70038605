package dev.slipway.ref;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/// The fields of a record that filters of DiskUsage and Prune can ask for (surface reference 1.9).
public final class UsageFilter {
  private final List<FieldFilter> any;

  private UsageFilter(List<FieldFilter> any) {
    this.any = any;
  }

  /// @param expressions any of which may match; none match everything
  /// @throws dev.slipway.failure.InvalidRequest
  public static UsageFilter parse(List<String> expressions) {
    return new UsageFilter(expressions.stream().map(FieldFilter::parse).toList());
  }

  public boolean matches(RefInfo info) {
    return any.isEmpty()
        || any.stream().anyMatch(filter -> filter.matches(path -> field(info, path)));
  }

  private static Optional<String> field(RefInfo info, List<String> path) {
    return switch (path.isEmpty() ? "" : path.getFirst()) {
      case "id" -> Optional.of(info.id().value());
      case "parents" ->
          Optional.of(info.parents().stream().map(RefId::value).collect(Collectors.joining(";")))
              .filter(text -> !text.isEmpty());
      case "description" -> Optional.of(info.description().text()).filter(text -> !text.isEmpty());
      case "type" -> Optional.of(info.description().type().text());
      case "inuse" -> flag(info.inUse());
      case "mutable" -> flag(info.mutable());
      case "immutable" -> flag(!info.mutable());
      case "shared" -> flag(info.shared());
      case "private" -> flag(!info.shared());
      default -> Optional.empty();
    };
  }

  private static Optional<String> flag(boolean set) {
    return set ? Optional.of("") : Optional.empty();
  }

  /// For lists of other things: labels and the like.
  public static boolean matchesAny(List<String> expressions, Map<String, String> fields) {
    return expressions.isEmpty()
        || expressions.stream()
            .map(FieldFilter::parse)
            .anyMatch(
                filter ->
                    filter.matches(
                        path -> Optional.ofNullable(fields.get(String.join(".", path)))));
  }
}
