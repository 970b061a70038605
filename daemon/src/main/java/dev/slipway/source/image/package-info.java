/// Images from registries: `docker-image`.
///
/// Start at [ImageSource]; [RegistryLayerFetcher] brings lazy layers when they are needed,
/// [ImageMetadataResolver] answers frontends.
@NullMarked
package dev.slipway.source.image;

import org.jspecify.annotations.NullMarked;
