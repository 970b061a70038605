/// Results sent to a directory of the client. Start at [LocalExporter].
@NullMarked
package dev.slipway.exporter.local;

import org.jspecify.annotations.NullMarked;
