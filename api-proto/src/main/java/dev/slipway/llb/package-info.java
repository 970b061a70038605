/// The typed build definition.
@NullMarked
package dev.slipway.llb;

import org.jspecify.annotations.NullMarked;
