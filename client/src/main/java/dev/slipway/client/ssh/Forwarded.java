package dev.slipway.client.ssh;

/// What steps of a build may talk to as if it were their own.
public sealed interface Forwarded permits Agent, RawSocket {}
