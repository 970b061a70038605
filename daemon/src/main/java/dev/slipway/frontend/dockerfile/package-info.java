/// The built-in frontend `dockerfile.v0`: a Dockerfile and options in, one result a platform out.
///
/// Start at [DockerfileFrontend]. A request goes through [OptionsReader] (what the client said),
/// [MainContext] (where the files are), [DockerfileReader] (the Dockerfile and its ignore file),
/// then `convert` once for every platform, side by side, and comes back as [BuildResults].
/// [ClientContexts] is the world as conversions see it. Everything solved goes through the bridge;
/// nothing here does I/O of its own.
///
/// Rooms: `source` (lines, problems), `shell` (words, variables), `parser` (statements),
/// `instruction` (their meaning), `lint` (advice), `ignore` (ignore files), `graph` (definitions
/// under construction), `convert` (to LLB). They use each other in this order only. What a request
/// made is confined to it; conversions run on virtual threads of their own.
///
/// Behaviour: BuildKit's `frontend/dockerfile/builder` and `frontend/dockerui` (v0.32.2).
@NullMarked
package dev.slipway.frontend.dockerfile;

import org.jspecify.annotations.NullMarked;
