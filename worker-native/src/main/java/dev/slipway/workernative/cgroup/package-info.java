/// What the processes of a step use, by the cgroup they are in (cgroup v2,
/// `Documentation/admin-guide/cgroup-v2.rst`).
///
/// Start at [Cgroups]. A step that is measured runs in a cgroup *within* one of its own: the
/// runtime removes the inner one when the process has ended, and the outer one still knows all that
/// was used in it, until it is removed here.
@NullMarked
package dev.slipway.workernative.cgroup;

import org.jspecify.annotations.NullMarked;
