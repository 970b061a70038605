/// The `Frontend` contract, and the bridge through which frontends solve. Frontends make LLB; they
/// never see the solver.
///
/// Start at [Frontend], [FrontendBridge]. Sub-packages: `dockerfile` (built in), `gateway`
/// (frontends that are images).
@NullMarked
package dev.slipway.frontend;

import org.jspecify.annotations.NullMarked;
