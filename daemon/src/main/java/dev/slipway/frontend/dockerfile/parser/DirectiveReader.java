package dev.slipway.frontend.dockerfile.parser;

import dev.slipway.frontend.dockerfile.source.Blanks;
import dev.slipway.frontend.dockerfile.source.DockerfileError;
import dev.slipway.frontend.dockerfile.source.LineSpan;
import java.util.HashSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Reads directives from line after line until the first line that is none. Confined to one
/// reading.
public final class DirectiveReader {
  private static final Set<String> KNOWN = Set.of("syntax", "escape", "check");
  private static final Pattern FORM = Pattern.compile("([a-zA-Z][a-zA-Z0-9]*)\\s*=\\s*(.+?)\\s*");

  private final String marker;
  private final Set<String> seen = new HashSet<>();
  private int line;
  private boolean done;

  /// @param marker what a directive line begins with: `#`, `//`, or nothing where the caller has
  ///   removed it
  public DirectiveReader(String marker) {
    this(marker, 0);
  }

  DirectiveReader(String marker, int linesBefore) {
    this.marker = marker;
    this.line = linesBefore;
  }

  /// The directive in `text`, a line without its end. Fails when its name came before.
  public Optional<Directive> read(String text) {
    line++;
    if (done) {
      return Optional.empty();
    }
    Matcher matcher =
        FORM.matcher(
            text.startsWith(marker) ? Blanks.trimStart(text.substring(marker.length())) : "");
    String name = matcher.matches() ? matcher.group(1).toLowerCase(Locale.ROOT) : "";
    if (!KNOWN.contains(name)) {
      done = true;
      return Optional.empty();
    }
    if (!seen.add(name)) {
      throw new DockerfileError("only one " + name + " parser directive can be used");
    }
    return Optional.of(new Directive(name, matcher.group(2), LineSpan.line(line)));
  }
}
