/// What tests of layers stand on: a kernel that needs no privileges.
@NullMarked
package dev.slipway.layer.testing;

import org.jspecify.annotations.NullMarked;
