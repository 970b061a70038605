package dev.slipway.solver;

/// One client's solve, named by the client (BuildKit's build ref).
public record JobId(String value) {
  @Override
  public String toString() {
    return value;
  }
}
