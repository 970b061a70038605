/// References to snapshots: immutable and mutable ones, their laziness, their leases, their records
/// and sizes.
///
/// A ref is a counted hold on a snapshot and on everything below it. An immutable ref may be
/// *lazy*: its layers are known by descriptor and origin, and are fetched and unpacked when
/// something needs files. BuildKit calls the store its "cache manager"; here it is [RefStore], and
/// the word cache is left to keys.
///
/// Start at [RefStore], [ImmutableRef], [MutableRef].
@NullMarked
package dev.slipway.ref;

import org.jspecify.annotations.NullMarked;
