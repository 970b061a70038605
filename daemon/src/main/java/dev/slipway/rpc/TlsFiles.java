package dev.slipway.rpc;

import dev.slipway.failure.InvalidRequest;
import io.grpc.netty.GrpcSslContexts;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.nio.file.Path;
import java.util.Optional;
import javax.net.ssl.SSLException;

/// Identity of a TCP listener.
///
/// @param certificate PEM chain
/// @param key PEM, PKCS#8
/// @param authority PEM; present: clients must show a certificate signed by it
public record TlsFiles(Path certificate, Path key, Optional<Path> authority) {
  /// Reads the files.
  ///
  /// @throws InvalidRequest a file is missing or not what it should be
  SslContext context() {
    try {
      SslContextBuilder builder = SslContextBuilder.forServer(certificate.toFile(), key.toFile());
      authority.ifPresent(
          file -> builder.trustManager(file.toFile()).clientAuth(ClientAuth.REQUIRE));
      return GrpcSslContexts.configure(builder, SslProvider.JDK).build();
    } catch (SSLException | IllegalArgumentException wrong) {
      throw new InvalidRequest(
          "cannot use certificate " + certificate + " with key " + key + ": " + wrong.getMessage(),
          wrong);
    }
  }
}
