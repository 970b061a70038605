/// Runs one build from here: session, request, progress, result. Start at [ClientBuild].
@NullMarked
package dev.slipway.client.build;

import org.jspecify.annotations.NullMarked;
