/// Long-lived client sessions and what they attach: files, credentials, secrets, ssh, uploads,
/// content.
///
/// A session is a tunnel in which the client is the gRPC server (surface reference 1.5). Start at
/// [Sessions] (who is connected), [Session] (one client), [SessionGroup] (the sessions that may
/// answer for a piece of work).
@NullMarked
package dev.slipway.session;

import org.jspecify.annotations.NullMarked;
