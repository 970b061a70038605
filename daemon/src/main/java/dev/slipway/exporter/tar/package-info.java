/// Results sent to the client as one tar archive. Start at [TarExporter].
@NullMarked
package dev.slipway.exporter.tar;

import org.jspecify.annotations.NullMarked;
