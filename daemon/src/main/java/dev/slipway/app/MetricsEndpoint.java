package dev.slipway.app;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.failure.WrongState;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;

/// Prometheus metrics over HTTP on a port of their own, at `/metrics`. Thread-safe.
final class MetricsEndpoint implements AutoCloseable {
  private final PrometheusMeterRegistry registry;
  private final HttpServer server;

  private MetricsEndpoint(PrometheusMeterRegistry registry, HttpServer server) {
    this.registry = registry;
    this.server = server;
  }

  static PrometheusMeterRegistry newRegistry() {
    PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    new JvmMemoryMetrics().bindTo(registry);
    new ProcessorMetrics().bindTo(registry);
    new UptimeMetrics().bindTo(registry);
    return registry;
  }

  /// Starts it. Caller closes.
  ///
  /// @param address `host:port`, the host may be missing
  static MetricsEndpoint start(String address, PrometheusMeterRegistry registry) {
    int colon = address.lastIndexOf(':');
    String port = address.substring(colon + 1);
    if (colon < 0 || !port.matches("[0-9]{1,5}") || Integer.parseInt(port) > 65535) {
      throw new InvalidRequest("slipway.metricsAddress: want host:port, not \"" + address + "\"");
    }
    String host = address.substring(0, colon).replaceAll("^\\[|]$", "");
    int number = Integer.parseInt(port);
    try {
      HttpServer server =
          HttpServer.create(
              host.isEmpty() ? new InetSocketAddress(number) : new InetSocketAddress(host, number),
              0);
      MetricsEndpoint endpoint = new MetricsEndpoint(registry, server);
      server.createContext("/metrics", endpoint::answer);
      server.start();
      return endpoint;
    } catch (IOException failed) {
      throw new WrongState(
          "cannot serve metrics on " + address + ": " + failed.getMessage(), failed);
    }
  }

  /// Where it listens.
  InetSocketAddress address() {
    return server.getAddress();
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] body = registry.scrape().getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
      exchange.sendResponseHeaders(200, body.length);
      exchange.getResponseBody().write(body);
    }
  }

  @Override
  public void close() {
    server.stop(0);
    registry.close();
  }
}
