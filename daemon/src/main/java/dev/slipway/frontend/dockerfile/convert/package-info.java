/// What each instruction does to a stage: its definition and its image configuration.
///
/// Start at [DockerfileConverter]; `convert` is one Dockerfile for one platform. Then [StageBuilds]
/// (which stages there are and which of them count), [BaseImages] (what they start from) and
/// [InstructionConverter] (one instruction after the other). A conversion is confined to one thread
/// but for the base images, which are looked up side by side. It asks the world outside through
/// [BuildContexts] only. May use all other Dockerfile rooms, `oci`, `llb`, `failure`, `task`.
///
/// Behaviour, texts and digests are those of BuildKit's `frontend/dockerfile/dockerfile2llb`
/// (v0.32.2).
@NullMarked
package dev.slipway.frontend.dockerfile.convert;

import org.jspecify.annotations.NullMarked;
