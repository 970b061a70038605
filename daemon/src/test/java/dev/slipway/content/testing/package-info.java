/// Fakes and the contract suite of the content store.
@NullMarked
package dev.slipway.content.testing;

import org.jspecify.annotations.NullMarked;
