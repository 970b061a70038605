/// Images into the content store and to registries: `image`.
///
/// Start at [ImageExporter].
@NullMarked
package dev.slipway.exporter.image;

import org.jspecify.annotations.NullMarked;
