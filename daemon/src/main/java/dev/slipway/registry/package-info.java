/// Client of the distribution API: names to descriptors, blobs both ways, tokens, mirrors, retries,
/// wire errors.
///
/// Start at [RegistryClient]; it hands out a [Resolver], a [Fetcher], a [Pusher]. Credentials come
/// through [CredentialSource] and are never kept here beyond the tokens bought with them.
///
/// Everything read from a registry is bounded and what has a digest is verified. Blocking;
/// thread-safe; interruption cancels.
///
/// Specification: <https://github.com/opencontainers/distribution-spec/blob/main/spec.md>.
@NullMarked
package dev.slipway.registry;

import org.jspecify.annotations.NullMarked;
