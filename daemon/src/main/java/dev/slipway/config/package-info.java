/// The configuration: one tree of records, read once at start.
///
/// Start at [DaemonConfig] (what can be configured, with every default), [ConfigLoader] (file,
/// environment and command line brought together; precedence flag, environment, file, default),
/// [CommandLine] (buildkitd's flags). Keys and flags mean what they mean to buildkitd v0.32.2
/// (surface reference 9.1, 9.2); ours stand in the table `[slipway]`.
///
/// Every mistake is found before any is reported: [ConfigMistakes]. Rooms get their own record,
/// never this tree. The environment and the file are read here and in `app` only.
@NullMarked
package dev.slipway.config;

import org.jspecify.annotations.NullMarked;
