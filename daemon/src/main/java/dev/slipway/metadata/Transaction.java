package dev.slipway.metadata;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Statements within one unit of work. Valid only while that unit runs; confined to its thread.
public final class Transaction {
  private final Connection connection;
  private final Map<String, PreparedStatement> prepared = new HashMap<>();

  Transaction(Connection connection) {
    this.connection = connection;
  }

  /// Runs a statement.
  ///
  /// @param values text, numbers, byte arrays, or [Optional]s of them (empty is NULL)
  /// @return rows changed
  public int execute(String sql, Object... values) throws SQLException {
    PreparedStatement statement = prepare(sql, values);
    return statement.executeUpdate();
  }

  /// Runs a query and reads each row.
  public <T> List<T> query(String sql, RowReader<T> reader, Object... values) throws SQLException {
    List<T> read = new ArrayList<>();
    try (ResultSet rows = prepare(sql, values).executeQuery()) {
      Row row = new Row(rows);
      while (rows.next()) {
        read.add(reader.read(row));
      }
    }
    return read;
  }

  private PreparedStatement prepare(String sql, Object... values) throws SQLException {
    PreparedStatement statement = prepared.get(sql);
    if (statement == null) {
      statement = connection.prepareStatement(sql);
      prepared.put(sql, statement);
    }
    for (int i = 0; i < values.length; i++) {
      if (values[i] instanceof Optional<?> optional) {
        if (optional.isPresent()) {
          statement.setObject(i + 1, optional.get());
        } else {
          statement.setNull(i + 1, java.sql.Types.NULL);
        }
      } else {
        statement.setObject(i + 1, values[i]);
      }
    }
    return statement;
  }

  void closeStatements() throws SQLException {
    List<PreparedStatement> open = List.copyOf(prepared.values());
    prepared.clear();
    for (PreparedStatement statement : open) {
      statement.close();
    }
  }

  /// Makes a value of one row.
  @FunctionalInterface
  public interface RowReader<T> {
    T read(Row row) throws SQLException;
  }

  /// The row a query is at. Columns count from 1.
  public static final class Row {
    private final ResultSet rows;

    private Row(ResultSet rows) {
      this.rows = rows;
    }

    /// Text that is never NULL in this column; a NULL (a damaged row) reads as empty.
    public String text(int column) throws SQLException {
      return optionalText(column).orElse("");
    }

    public Optional<String> optionalText(int column) throws SQLException {
      return Optional.ofNullable(rows.getString(column));
    }

    public long number(int column) throws SQLException {
      return rows.getLong(column);
    }

    public Optional<Long> optionalNumber(int column) throws SQLException {
      long value = rows.getLong(column);
      return rows.wasNull() ? Optional.empty() : Optional.of(value);
    }

    public byte[] bytes(int column) throws SQLException {
      byte[] value = rows.getBytes(column);
      return value == null ? new byte[0] : value;
    }
  }
}
