@NullMarked
package dev.slipway.workernative.cni;

import org.jspecify.annotations.NullMarked;
