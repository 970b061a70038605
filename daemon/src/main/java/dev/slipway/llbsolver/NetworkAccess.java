package dev.slipway.llbsolver;

import dev.slipway.llb.Definition;
import dev.slipway.llb.ExecOp;
import dev.slipway.llb.LlbEncoder;
import dev.slipway.llb.Op;

/// How the steps of a build reach the network, where their ops say that they do.
enum NetworkAccess {
  DIRECT,
  /// Through a proxy that asks the build's source policies and notes what is fetched.
  PROXIED;

  static NetworkAccess of(boolean proxied) {
    return proxied ? PROXIED : DIRECT;
  }

  /// What the builds together allow: the narrower of both.
  NetworkAccess and(NetworkAccess other) {
    return this == PROXIED ? this : other;
  }

  /// The definition as it is solved under this access.
  Definition of(Definition definition) {
    return switch (this) {
      case DIRECT -> definition;
      case PROXIED -> LlbEncoder.withProxyNetwork(definition);
    };
  }

  boolean isProxied(Op op) {
    return this == PROXIED
        && op instanceof ExecOp exec
        && exec.network() != ExecOp.NetworkMode.NONE;
  }
}
