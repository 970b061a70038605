package dev.slipway.frontend.dockerfile.graph;

import dev.slipway.oci.Platform;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// A process that runs on a tree. Output 0 is the tree it leaves.
public final class ExecNode implements Node {
  private final Optional<Output> root;
  private final Command process;
  private final List<Mount> mounts;
  private final List<Secret> secrets;
  private final List<Agent> agents;
  private final Platform platform;
  private final NodeNotes notes;

  public ExecNode(
      Optional<Output> root,
      Command process,
      List<Mount> mounts,
      List<Secret> secrets,
      List<Agent> agents,
      Platform platform,
      NodeNotes notes) {
    this.root = root;
    this.process = process;
    this.mounts = List.copyOf(mounts);
    this.secrets = List.copyOf(secrets);
    this.agents = List.copyOf(agents);
    this.platform = platform;
    this.notes = notes;
  }

  /// What runs and in which surroundings.
  ///
  /// @param env `NAME=value`
  /// @param proxy empty passes none
  /// @param setsDefaultPath whether the daemon provides `PATH` where `env` has none
  public record Command(
      List<String> arguments,
      List<String> env,
      String directory,
      String user,
      String hostname,
      String cgroupParent,
      List<Host> hosts,
      List<Limit> limits,
      Optional<Proxy> proxy,
      NetworkMode network,
      boolean insecure,
      List<Device> devices,
      boolean setsDefaultPath) {
    public Command {
      arguments = List.copyOf(arguments);
      env = List.copyOf(env);
      hosts = List.copyOf(hosts);
      limits = List.copyOf(limits);
      devices = List.copyOf(devices);
    }
  }

  public record Host(String name, String address) {}

  /// An rlimit; -1 means unlimited.
  public record Limit(String name, long soft, long hard) {}

  /// Values of the proxy variables; empty text where none.
  public record Proxy(String http, String https, String ftp, String none, String all) {}

  public record Device(String name, boolean optional) {}

  public enum NetworkMode {
    SANDBOX,
    HOST,
    NONE
  }

  /// A tree seen by the process.
  ///
  /// @param source empty starts with nothing
  /// @param path in the source, empty for its root
  /// @param kind what becomes of changes
  public record Mount(String target, Optional<Output> source, String path, MountKind kind) {}

  /// What a mount is.
  public sealed interface MountKind {}

  /// Cannot be written.
  public record ReadOnly() implements MountKind {}

  /// Can be written; changes are dropped with the process.
  public record Discarded() implements MountKind {}

  /// Can be written; changes make one more output of the step. Only for daemons that know no other
  /// writable mount.
  public record Kept() implements MountKind {}

  /// A directory that outlives the build.
  public record Cache(String id, Sharing sharing, boolean readOnly) implements MountKind {}

  /// Memory.
  ///
  /// @param size in bytes, 0 for no limit
  public record Memory(long size, boolean readOnly) implements MountKind {}

  public enum Sharing {
    SHARED,
    PRIVATE,
    LOCKED
  }

  /// A secret as a file, a variable, or both.
  public record Secret(
      String id,
      Optional<String> target,
      Optional<String> variable,
      boolean optional,
      long uid,
      long gid,
      int mode) {}

  /// A socket of an SSH agent.
  ///
  /// @param id empty for the default agent
  /// @param target empty for a place of the daemon's choice
  public record Agent(String id, String target, boolean optional, long uid, long gid, int mode) {}

  Command process() {
    return process;
  }

  /// All mounts in the order they are made, the root first.
  List<Mount> sortedMounts() {
    List<Mount> sorted = new ArrayList<>(mounts);
    sorted.addFirst(new Mount("/", root, "", new Kept()));
    sorted.sort(Comparator.comparing(Mount::target));
    return sorted;
  }

  List<Secret> secrets() {
    return secrets;
  }

  List<Agent> agents() {
    return agents;
  }

  Platform platform() {
    return platform;
  }

  @Override
  public NodeNotes notes() {
    return notes;
  }
}
