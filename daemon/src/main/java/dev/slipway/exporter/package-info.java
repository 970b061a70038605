/// Where results go. One sub-package a kind: `image` (store and push), `oci` (oci and docker
/// archives), `local`, `tar`.
///
/// Start at [Exporter].
@NullMarked
package dev.slipway.exporter;

import org.jspecify.annotations.NullMarked;
