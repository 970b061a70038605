package dev.slipway.executor;

import dev.slipway.failure.InvalidRequest;
import java.util.List;

/// One process.
///
/// @param args the program and its arguments, at least one
/// @param env `NAME=value`, in order; `PATH` is added by the executor when absent
/// @param workingDirectory absolute in the root filesystem; made when absent
/// @param user as in a Dockerfile: empty (root), name, uid, `name:group`, `uid:gid`
/// @param terminal runs on a pseudo terminal
public record ProcessSpec(
    List<String> args, List<String> env, String workingDirectory, String user, boolean terminal) {
  public ProcessSpec {
    args = List.copyOf(args);
    if (args.isEmpty()) {
      throw new InvalidRequest("process has no arguments");
    }
    env = List.copyOf(env);
  }

  public ProcessSpec withEnv(List<String> other) {
    return new ProcessSpec(args, other, workingDirectory, user, terminal);
  }
}
