package dev.slipway.frontend.dockerfile.lint;

import dev.slipway.frontend.dockerfile.parser.Directive;
import dev.slipway.frontend.dockerfile.parser.DirectiveReader;
import dev.slipway.frontend.dockerfile.source.DockerfileError;
import dev.slipway.frontend.dockerfile.source.LineSpan;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;

/// Passes on findings of the rules that are on. Confined to one conversion.
public final class Linter {
  private final LintOptions options;
  private final Optional<Consumer<LintWarning>> sink;
  private final Set<String> broken;

  private Linter(LintOptions options, Optional<Consumer<LintWarning>> sink, Set<String> broken) {
    this.options = options;
    this.sink = sink;
    this.broken = broken;
  }

  public Linter(LintOptions options, Consumer<LintWarning> sink) {
    this(options, Optional.of(sink), new TreeSet<>());
  }

  /// One that says nothing: for all platforms of a build but the first, whose findings would be the
  /// same.
  public static Linter silent() {
    return new Linter(LintOptions.DEFAULT, Optional.empty(), Collections.emptySet());
  }

  public void warn(LintRule rule, LineSpan place, String message) {
    if (sink.isPresent() && options.isOn(rule)) {
      broken.add(rule.title());
      sink.get().accept(new LintWarning(rule, message, place));
    }
  }

  /// The linter for an instruction, which may carry `# check=skip=…` in the comments above it.
  public Linter within(List<String> comments) {
    for (String comment : comments) {
      Optional<Directive> directive = new DirectiveReader("").read(comment);
      if (directive.isEmpty() || !directive.get().name().equals("check")) {
        continue;
      }
      String value = directive.get().value();
      int space = value.indexOf(' ');
      try {
        return new Linter(
            options.and(LintOptions.parse(space < 0 ? value : value.substring(0, space))),
            sink,
            broken);
      } catch (DockerfileError e) {
        return this; // a comment may say anything
      }
    }
    return this;
  }

  /// Fails if findings were to fail the build and there were any.
  public void requireClean() {
    if (options.warningsFail() && !broken.isEmpty()) {
      throw new DockerfileError("lint violation found for rules: " + String.join(", ", broken));
    }
  }
}
