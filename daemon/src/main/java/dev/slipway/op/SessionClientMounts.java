package dev.slipway.op;

import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.FailureKind;
import dev.slipway.failure.NotFound;
import dev.slipway.failure.WrongState;
import dev.slipway.kernel.Kernel;
import dev.slipway.llb.Mount.FileOptions;
import dev.slipway.session.SecretsClient;
import dev.slipway.session.SessionGroup;
import dev.slipway.session.SshClient;
import dev.slipway.session.SshClient.AgentSocket;
import dev.slipway.session.SshClient.SocketOwner;
import dev.slipway.snapshot.Mount;
import dev.slipway.snapshot.Mounter;
import dev.slipway.snapshot.Mounter.MountedTree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;

/// Secrets and ssh agents as the client's session gives them. A secret's bytes are held in memory
/// only: in a tmpfs of their own that goes with the mount. Thread-safe.
public final class SessionClientMounts implements ClientMounts {
  private static final long ROOM_FOR_A_SECRET = 1 << 20;

  private final Mounter mounter;
  private final Kernel kernel;
  private final Path sockets;

  /// @param sockets existing directory for the sockets of ssh agents
  public SessionClientMounts(Mounter mounter, Kernel kernel, Path sockets) {
    this.mounter = mounter;
    this.kernel = kernel;
    this.sockets = sockets;
  }

  @Override
  public Optional<ClientMount> secret(FileOptions options, SessionGroup sessions) {
    Optional<byte[]> value = secretValue(options.id(), sessions);
    if (value.isEmpty()) {
      if (options.optional()) {
        return Optional.empty();
      }
      throw new NotFound("secret " + options.id() + ": not found");
    }
    MountedTree tree = mounter.mount(List.of(new Mount.Tmpfs(ROOM_FOR_A_SECRET, 0700, false)));
    try {
      Path file = tree.root().resolve("secret");
      Files.write(file, value.get(), StandardOpenOption.CREATE_NEW);
      kernel.setOwner(file, (int) options.uid(), (int) options.gid());
      kernel.setMode(file, options.mode() & 0777);
      return Optional.of(new InMemory(tree, file));
    } catch (IOException failure) {
      tree.close();
      throw new WrongState(
          "cannot hold the secret " + options.id() + ": " + failure.getMessage(), failure);
    } catch (RuntimeException failure) {
      tree.close();
      throw failure;
    }
  }

  @Override
  public Optional<ClientMount> ssh(FileOptions options, SessionGroup sessions) {
    try {
      return Optional.of(
          sessions.any(
              session -> {
                SshClient.check(session, options.id());
                SocketOwner owner =
                    new SocketOwner(
                        (int) options.uid(), (int) options.gid(), options.mode() & 0777);
                return new Agent(SshClient.open(session, options.id(), sockets, owner));
              }));
    } catch (BuildFailure failure) {
      boolean missing =
          failure.kind() == FailureKind.NOT_FOUND || failure.kind() == FailureKind.UNSUPPORTED;
      if (missing && options.optional()) {
        return Optional.empty();
      }
      if (failure.kind() == FailureKind.UNSUPPORTED) {
        throw new NotFound(
            "no SSH key \"" + options.id() + "\" forwarded from the client", failure);
      }
      throw failure;
    }
  }

  @Override
  public Optional<byte[]> secretValue(String id, SessionGroup sessions) {
    return sessions.ids().isEmpty() ? Optional.empty() : SecretsClient.find(sessions, id);
  }

  private record InMemory(MountedTree tree, Path file) implements ClientMount {
    @Override
    public List<Mount> source() {
      return List.of(new Mount.Bind(file, true));
    }

    @Override
    public void close() {
      tree.close();
    }
  }

  private record Agent(AgentSocket socket) implements ClientMount {
    @Override
    public List<Mount> source() {
      return List.of(new Mount.Bind(socket.path(), false));
    }

    @Override
    public void close() {
      socket.close();
    }
  }
}
