package dev.slipway.source.git;

import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.FailureKind;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.failure.WrongState;
import dev.slipway.ref.FetchContext;
import dev.slipway.session.SecretsClient;
import dev.slipway.session.Session;
import dev.slipway.session.SshClient;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What lets git reach one remote for one build: credentials of the client, its ssh agent, known
/// hosts. Confined to one thread; closing takes sockets and files away.
final class GitAccess implements AutoCloseable {
  private static final int OWNER_ONLY = 0700;

  private final GitCommand command;
  private final Optional<SshClient.AgentSocket> agent;
  private final Optional<Path> knownHosts;

  private GitAccess(
      GitCommand command, Optional<SshClient.AgentSocket> agent, Optional<Path> knownHosts) {
    this.command = command;
    this.agent = agent;
    this.knownHosts = knownHosts;
  }

  /// Caller closes.
  ///
  /// @param inherited what git inherits of the daemon's environment
  /// @param scratch directory for sockets and files
  static GitAccess open(
      GitIdentifier identifier, Map<String, String> inherited, Path scratch, FetchContext context) {
    Optional<SshClient.AgentSocket> agent =
        identifier.sshAgent().isEmpty()
            ? Optional.empty()
            : Optional.of(agent(identifier.sshAgent(), scratch, context));
    Optional<Path> knownHosts = Optional.empty();
    try {
      knownHosts =
          identifier.knownHosts().isEmpty()
              ? Optional.empty()
              : Optional.of(write(identifier.knownHosts(), scratch));
      Map<String, String> environment = new HashMap<>(inherited);
      environment.put("GIT_SSH_COMMAND", sshCommand(knownHosts));
      agent.ifPresent(socket -> environment.put("SSH_AUTH_SOCK", socket.path().toString()));
      GitCommand command =
          new GitCommand(
              environment,
              settings(identifier, context),
              Optional.empty(),
              Optional.empty(),
              context.progress());
      return new GitAccess(command, agent, knownHosts);
    } catch (BuildFailure failure) {
      new GitAccess(
              new GitCommand(
                  Map.of(), Map.of(), Optional.empty(), Optional.empty(), context.progress()),
              agent,
              knownHosts)
          .close();
      throw failure;
    }
  }

  GitCommand command() {
    return command;
  }

  private static String sshCommand(Optional<Path> knownHosts) {
    return "ssh -F /dev/null "
        + knownHosts
            .map(file -> "-o UserKnownHostsFile=" + file)
            .orElse("-o StrictHostKeyChecking=no");
  }

  private static SshClient.AgentSocket agent(String id, Path scratch, FetchContext context) {
    Session session =
        context
            .sessions()
            .any(
                candidate -> {
                  check(candidate, id);
                  return candidate;
                });
    return SshClient.open(session, id, scratch, new SshClient.SocketOwner(0, 0, OWNER_ONLY));
  }

  private static void check(Session session, String id) {
    try {
      SshClient.check(session, id);
    } catch (BuildFailure failure) {
      if (failure.kind() == FailureKind.UNSUPPORTED) {
        throw new InvalidRequest("no SSH key \"" + id + "\" forwarded from the client", failure);
      }
      throw failure;
    }
  }

  private static Path write(String text, Path scratch) {
    try {
      Path file = Files.createTempFile(scratch, "known", ".hosts");
      Files.writeString(file, text);
      return file;
    } catch (IOException failed) {
      throw new WrongState("cannot write known hosts: " + failed.getMessage(), failed);
    }
  }

  /// The header for the remote; all of github.com shares one, as its submodules mostly live there
  /// too.
  private static Map<String, String> settings(GitIdentifier identifier, FetchContext context) {
    return authorization(identifier, context)
        .map(
            header ->
                Map.of(
                    "http." + scope(identifier.remote()) + ".extraheader",
                    "Authorization: " + header))
        .orElse(Map.of());
  }

  private static String scope(String remote) {
    for (String prefix : List.of("https://github.com/", "https://www.github.com/")) {
      if (remote.startsWith(prefix)) {
        return prefix;
      }
    }
    return remote;
  }

  /// Secrets for the host come before general ones, headers before tokens.
  private static Optional<String> authorization(GitIdentifier identifier, FetchContext context) {
    if (context.sessions().ids().isEmpty() || !identifier.remote().startsWith("http")) {
      return Optional.empty();
    }
    String suffix = identifier.host().map(host -> "." + host).orElse("");
    return secret(identifier.authHeaderSecret(), suffix, context)
        .or(() -> secret(identifier.authTokenSecret(), suffix, context).map(GitAccess::basic))
        .or(() -> secret(identifier.authHeaderSecret(), "", context))
        .or(() -> secret(identifier.authTokenSecret(), "", context).map(GitAccess::basic));
  }

  private static Optional<String> secret(String name, String suffix, FetchContext context) {
    return name.isEmpty()
        ? Optional.empty()
        : SecretsClient.find(context.sessions(), name + suffix)
            .map(bytes -> new String(bytes, StandardCharsets.UTF_8).strip());
  }

  private static String basic(String token) {
    return "basic "
        + Base64.getEncoder()
            .encodeToString(("x-access-token:" + token).getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public void close() {
    agent.ifPresent(SshClient.AgentSocket::close);
    if (knownHosts.isPresent()) {
      try {
        Files.deleteIfExists(knownHosts.get());
      } catch (IOException failed) {
        throw new WrongState("cannot remove " + knownHosts.get(), failed);
      }
    }
  }
}
