package dev.slipway.op;

import dev.slipway.executor.ContainerSpec;
import dev.slipway.executor.ContainerSpec.ExtraHost;
import dev.slipway.executor.ContainerSpec.LinuxResources;
import dev.slipway.executor.ContainerSpec.MountStubs;
import dev.slipway.executor.ContainerSpec.Network;
import dev.slipway.executor.ContainerSpec.ResourceLimit;
import dev.slipway.executor.ContainerSpec.Security;
import dev.slipway.executor.DeviceEdits;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.failure.NotFound;
import dev.slipway.llb.ExecMeta;
import dev.slipway.llb.ExecOp.NetworkMode;
import dev.slipway.llb.ExecOp.SecretEnv;
import dev.slipway.llb.ExecOp.SecurityMode;
import dev.slipway.oci.Platform;
import dev.slipway.session.SessionGroup;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/// What definitions and gateway requests say about a process and its container, in the executor's
/// words.
public final class StepProcess {
  private StepProcess() {}

  /// What a container may do and use.
  public record Isolation(
      Platform platform,
      NetworkMode network,
      SecurityMode security,
      LinuxResources resources,
      DeviceEdits devices) {}

  /// A container of a new name.
  public static ContainerSpec container(Isolation isolation, ExecMounts mounts, ExecMeta meta) {
    return new ContainerSpec(
        randomId(),
        isolation.platform(),
        mounts.root(),
        mounts.rootReadOnly(),
        mounts.mounts(),
        meta.hostname(),
        meta.extraHosts().stream().map(host -> new ExtraHost(host.host(), host.ip())).toList(),
        switch (isolation.network()) {
          case SANDBOX -> Network.SANDBOX;
          case HOST -> Network.HOST;
          case NONE -> Network.NONE;
        },
        switch (isolation.security()) {
          case SANDBOX -> Security.SANDBOX;
          case INSECURE -> Security.INSECURE;
        },
        meta.ulimits().stream()
            .map(limit -> new ResourceLimit(limit.name(), limit.soft(), limit.hard()))
            .toList(),
        Optional.of(meta.cgroupParent()).filter(parent -> !parent.isEmpty()),
        isolation.resources(),
        isolation.devices(),
        meta.removeMountStubsRecursive() ? MountStubs.REMOVE_RECURSIVELY : MountStubs.REMOVE);
  }

  private static String randomId() {
    byte[] random = new byte[12];
    ThreadLocalRandom.current().nextBytes(random);
    return HexFormat.of().formatHex(random);
  }

  /// Environment variables that are secrets of the client; blocks while it is asked.
  ///
  /// @return `NAME=value`; an optional one that the client does not have is empty
  /// @throws NotFound the client lacks one that is required
  public static List<String> secretVariables(
      List<SecretEnv> wanted, ClientMounts client, SessionGroup sessions) {
    List<String> variables = new ArrayList<>();
    for (SecretEnv secret : wanted) {
      if (secret.id().isEmpty()) {
        throw new InvalidRequest(
            "secret ID missing for \"" + secret.name() + "\" environment variable");
      }
      Optional<byte[]> value = client.secretValue(secret.id(), sessions);
      if (value.isEmpty() && !secret.optional()) {
        throw new NotFound("secret " + secret.id() + ": not found");
      }
      String text = value.map(bytes -> new String(bytes, StandardCharsets.UTF_8)).orElse("");
      variables.add(secret.name() + "=" + text);
    }
    return variables;
  }
}
