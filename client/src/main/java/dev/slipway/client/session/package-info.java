/// What a client attaches to its session: directories to read, sinks to write, registry
/// credentials, secrets, ssh agents. Start at [ClientSession].
@NullMarked
package dev.slipway.client.session;

import org.jspecify.annotations.NullMarked;
