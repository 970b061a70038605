package dev.slipway.frontend.dockerfile;

import java.util.ArrayList;
import java.util.List;

/// Rows of text with aligned columns, as people read them in a terminal. The last column is not
/// padded. Confined to one answer.
final class TextTable {
  private final int padding;
  private final List<List<String>> rows = new ArrayList<>();

  /// @param padding blanks between columns, at least
  TextTable(int padding) {
    this.padding = padding;
  }

  TextTable row(String... cells) {
    rows.add(List.of(cells));
    return this;
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    for (List<String> row : rows) {
      for (int column = 0; column < row.size(); column++) {
        String cell = row.get(column);
        text.append(cell);
        if (column + 1 < row.size()) {
          text.append(" ".repeat(width(column) + padding - cell.length()));
        }
      }
      text.append('\n');
    }
    return text.toString();
  }

  private int width(int column) {
    return rows.stream()
        .filter(row -> row.size() > column + 1)
        .mapToInt(row -> row.get(column).length())
        .max()
        .orElse(0);
  }
}
