/// Addresses of daemons and connections to them. Start at [DaemonConnection].
@NullMarked
package dev.slipway.client.connect;

import org.jspecify.annotations.NullMarked;
