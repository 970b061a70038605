package dev.slipway.metadata;

import java.util.List;

/// Tables of one room.
///
/// @param room whose they are, names the version counter
/// @param tables names of its tables, all with a rowid (salvage reads by it)
/// @param migrations SQL scripts, one a version; the n-th brings version n to n+1. Published ones
///   never change.
public record Schema(String room, List<String> tables, List<String> migrations) {
  public Schema {
    tables = List.copyOf(tables);
    migrations = List.copyOf(migrations);
  }
}
