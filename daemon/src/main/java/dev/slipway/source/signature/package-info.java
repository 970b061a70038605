/// Signatures of sources, verified against public keys that a build or a policy brings.
///
/// Start at [PgpSignature] and [SshSignature]; who asks for them is `source.git` (commits, tags)
/// and `source.http` (downloads). Nothing here knows of trust: a key that was given is trusted, and
/// no key is ever looked for.
///
/// What is accepted follows BuildKit (`util/pgpsign`, `util/gitutil/gitsign`, v0.32.2), its words
/// too, as clients and policies show them. Formats: RFC 9580 (OpenPGP), OpenSSH's
/// `PROTOCOL.sshsig`. OpenPGP is read by Bouncy Castle, whose classes are loaded with the first
/// signature.
///
/// Everything here is immutable or confined to one call.
@NullMarked
package dev.slipway.source.signature;

import org.jspecify.annotations.NullMarked;
