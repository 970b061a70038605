package dev.slipway.session;

import io.grpc.MethodDescriptor;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;

/// Serves `Control.Session` on bytes instead of protobuf objects: stands in for that one method of
/// the generated service.
public final class SessionService {
  /// Full name of the method.
  public static final String METHOD = "moby.buildkit.v1.Control/Session";

  private static final TunnelMessages MESSAGES = new TunnelMessages();

  private final ConnectedSessions sessions;

  public SessionService(ConnectedSessions sessions) {
    this.sessions = sessions;
  }

  /// The same service with this tunnel as its `Session` method.
  ///
  /// @param control the generated `Control` service, bound
  public ServerServiceDefinition bindInto(ServerServiceDefinition control) {
    List<ServerMethodDefinition<?, ?>> methods = new ArrayList<>();
    for (ServerMethodDefinition<?, ?> method : control.getMethods()) {
      boolean session = method.getMethodDescriptor().getFullMethodName().equals(METHOD);
      methods.add(session ? tunnel(method.getMethodDescriptor()) : method);
    }
    ServiceDescriptor.Builder descriptor =
        ServiceDescriptor.newBuilder(control.getServiceDescriptor().getName())
            .setSchemaDescriptor(control.getServiceDescriptor().getSchemaDescriptor());
    methods.forEach(method -> descriptor.addMethod(method.getMethodDescriptor()));
    ServerServiceDefinition.Builder service = ServerServiceDefinition.builder(descriptor.build());
    methods.forEach(service::addMethod);
    return service.build();
  }

  private ServerMethodDefinition<ByteBuf, ByteBuf> tunnel(MethodDescriptor<?, ?> generated) {
    return ServerMethodDefinition.create(
        generated.toBuilder(MESSAGES, MESSAGES).build(), sessions::connect);
  }
}
