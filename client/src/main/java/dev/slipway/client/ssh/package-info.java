/// Keys that steps of a build may sign with, without seeing them: an ssh agent of this machine, or
/// one in this process that has keys of files.
///
/// Start at [Agent]; [SocketAgent] and [KeyRing] are the two. A [RawSocket] stands beside them:
/// what is spoken there is nobody's matter here. May use values, failures and files; it knows
/// nothing of sessions, which carry what is asked. One thread uses a connection; all else is
/// thread-safe.
///
/// Protocol: draft-ietf-sshm-ssh-agent, RFC 4251 (encoding), RFC 4253, 5656, 8332, 8709 (keys and
/// signatures), OpenSSH's `PROTOCOL.key` (files).
@NullMarked
package dev.slipway.client.ssh;

import org.jspecify.annotations.NullMarked;
