/// The graph of cache keys in a SQLite file.
///
/// Start at [SqliteCacheKeyStore]. Everything else here is how: [Database] is the connection and
/// its transactions, [Schema] the tables, [Salvage] what is done with a damaged file. May use
/// `java.nio.file` and JDBC; nothing else in the solver does.
@NullMarked
package dev.slipway.solver.cachekey.sqlite;

import org.jspecify.annotations.NullMarked;
