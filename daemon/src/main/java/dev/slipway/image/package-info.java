/// An image as its documents describe it: from a root descriptor to the manifest, config and layers
/// for one platform, wherever the documents come from.
///
/// Start at [ImageReader]. Uses `oci`, `content` (documents are kept there, so that they need not
/// be fetched again) and `ref` (where layers can be fetched). Blocking; thread-safe.
@NullMarked
package dev.slipway.image;

import org.jspecify.annotations.NullMarked;
