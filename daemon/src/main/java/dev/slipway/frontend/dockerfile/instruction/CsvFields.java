package dev.slipway.frontend.dockerfile.instruction;

import dev.slipway.frontend.dockerfile.source.DockerfileError;
import java.util.ArrayList;
import java.util.List;

/// The fields of one line of comma-separated values, as flags and options hold them. A field with
/// commas is written in double quotes, a double quote in such a field twice.
public final class CsvFields {
  private CsvFields() {}

  /// Fails, with the column, when a quote stands where none may.
  public static List<String> parse(String line) {
    if (line.isEmpty()) {
      throw new DockerfileError("EOF");
    }
    List<String> fields = new ArrayList<>();
    int position = 0;
    while (true) {
      StringBuilder field = new StringBuilder();
      position =
          line.startsWith("\"", position)
              ? quoted(line, position, field)
              : plain(line, position, field);
      fields.add(field.toString());
      if (position == line.length()) {
        return fields;
      }
      position++; // the comma
    }
  }

  private static int plain(String line, int start, StringBuilder field) {
    int comma = line.indexOf(',', start);
    int end = comma < 0 ? line.length() : comma;
    field.append(line, start, end);
    int quote = field.indexOf("\"");
    if (quote >= 0) {
      throw problem(start + quote, "bare \" in non-quoted-field");
    }
    return end;
  }

  private static int quoted(String line, int start, StringBuilder field) {
    int position = start + 1;
    while (true) {
      int quote = line.indexOf('"', position);
      if (quote < 0) {
        throw problem(line.length(), "extraneous or missing \" in quoted-field");
      }
      field.append(line, position, quote);
      position = quote + 1;
      if (line.startsWith("\"", position)) {
        field.append('"');
        position++;
      } else if (position == line.length() || line.charAt(position) == ',') {
        return position;
      } else {
        throw problem(quote, "extraneous or missing \" in quoted-field");
      }
    }
  }

  private static DockerfileError problem(int column, String what) {
    return new DockerfileError("parse error on line 1, column " + (column + 1) + ": " + what);
  }
}
