package dev.slipway.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.slipway.executor.NetworkProxy;
import dev.slipway.failure.Denied;
import dev.slipway.oci.Digest;
import dev.slipway.proxy.Fetches.Fetch;
import dev.slipway.task.Clock;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@SuppressWarnings("NullAway.Init")
@Timeout(60)
class StepProxyTest {
  private final CertificateAuthority authority = CertificateAuthority.create(Clock.system());
  private NetworkPolicy policy = NetworkPolicy.ALLOW_ALL;
  private HttpServer server;
  private HttpClient client;
  private ServerSocketChannel listener;
  private StepProxy proxy;
  private NetworkProxy.Service service;

  @BeforeEach
  void open() throws Exception {
    client = HttpClient.newBuilder().sslContext(trustingClient()).build();
    listener = ServerSocketChannel.open().bind(new InetSocketAddress("127.0.0.1", 0));
    proxy = new StepProxy(client, authority, (method, wanted) -> policy.check(method, wanted));
    service = proxy.serve(listener);
  }

  @AfterEach
  void close() throws IOException {
    service.close();
    listener.close();
    client.shutdownNow();
    server.stop(0);
  }

  @Test
  void passesAnAnswerOnAndTakesNoteOfIt() throws IOException {
    serve(HttpServer.create());

    String answer = ask("GET %s/a HTTP/1.0\r\nX-Mine: yes\r\n\r\n".formatted(base()));

    assertThat(answer)
        .startsWith("HTTP/1.1 200 OK\r\n")
        .contains("Content-Length: 20\r\n")
        .endsWith("\r\n\r\nGET /a, yes, 0 bytes");
    assertThat(proxy.fetches().all())
        .containsExactly(
            new Fetch(
                "GET",
                base() + "/a",
                200,
                Optional.empty(),
                Optional.of(Digest.ofText("GET /a, yes, 0 bytes")),
                Optional.empty()));
    assertThat(proxy.fetches().summary())
        .isEqualTo("proxy network requests:\n- GET " + base() + "/a -> 200\n");
  }

  @Test
  void oneConnectionServesOneRequestAfterTheOtherBodiesIncluded() throws IOException {
    serve(HttpServer.create());

    String answer =
        ask(
            "POST %s/a HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc".formatted(base())
                + "POST %s/b HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n4;x=y\r\nabcd\r\n0\r\n\r\n"
                    .formatted(base())
                + "GET %s/unsized HTTP/1.1\r\nConnection: close\r\n\r\n".formatted(base()));

    assertThat(answer)
        .containsSubsequence(
            "POST /a, none, 3 bytes",
            "POST /b, none, 4 bytes",
            "Transfer-Encoding: chunked",
            "1b\r\nGET /unsized, none, 0 bytes\r\n0\r\n\r\n");
    assertThat(proxy.fetches().all())
        .extracting(Fetch::content)
        .containsExactly(
            Optional.empty(),
            Optional.empty(),
            Optional.of(Digest.ofText("GET /unsized, none, 0 bytes")));
  }

  @Test
  void speaksAsTheServerInATunnel() throws Exception {
    HttpsServer secured = HttpsServer.create();
    secured.setHttpsConfigurator(new HttpsConfigurator(authority.contextFor("127.0.0.1")));
    serve(secured);
    String target = "127.0.0.1:" + server.getAddress().getPort();

    try (Socket plain = connect()) {
      write(plain, "CONNECT " + target + " HTTP/1.1\r\nHost: " + target + "\r\n\r\n");
      byte[] established = plain.getInputStream().readNBytes(39);
      assertThat(new String(established, StandardCharsets.US_ASCII))
          .isEqualTo("HTTP/1.1 200 Connection Established\r\n\r\n");
      SSLSocket tls =
          (SSLSocket)
              trustingClient().getSocketFactory().createSocket(plain, "127.0.0.1", 443, true);
      SSLParameters checked = tls.getSSLParameters();
      checked.setEndpointIdentificationAlgorithm("HTTPS");
      tls.setSSLParameters(checked);
      write(tls, "GET /s HTTP/1.1\r\nHost: " + target + "\r\nConnection: close\r\n\r\n");

      assertThat(text(tls.getInputStream())).endsWith("GET /s, none, 0 bytes");
    }
    assertThat(proxy.fetches().all())
        .extracting(Fetch::url)
        .containsExactly("https://" + target + "/s");
  }

  @Test
  void whatAnAddressLeadsToIsItsContentToo() throws IOException {
    serve(HttpServer.create());

    ask("GET %s/moved HTTP/1.0\r\n\r\n".formatted(base()));
    ask("GET %s/there HTTP/1.0\r\n\r\n".formatted(base()));
    ask("HEAD %s/there HTTP/1.0\r\n\r\n".formatted(base()));

    Digest content = Digest.ofText("GET /there, none, 0 bytes");
    assertThat(proxy.fetches().contents())
        .containsExactly(
            Map.entry(base() + "/moved", content), Map.entry(base() + "/there", content));
    assertThat(proxy.fetches().all())
        .extracting(Fetch::untold)
        .containsExactly(
            Optional.empty(), Optional.empty(), Optional.of("method_not_materializable"));
  }

  @Test
  void refusesWhatThePolicyDenies() throws IOException {
    serve(HttpServer.create());
    policy =
        (_, wanted) -> {
          throw new Denied(wanted + " is not allowed");
        };

    String answer = ask("GET %s/a HTTP/1.1\r\n\r\n".formatted(base()));

    assertThat(answer).startsWith("HTTP/1.1 403 Forbidden\r\n").endsWith("\r\n\r\nForbidden\n");
    assertThat(proxy.fetches().all()).isEmpty();
  }

  @Test
  void fetchesWhatThePolicyWantsInstead() throws IOException {
    serve(HttpServer.create());
    policy = (_, wanted) -> URI.create(wanted.toString().replace("/a", "/instead"));

    assertThat(ask("GET %s/a HTTP/1.0\r\n\r\n".formatted(base())))
        .endsWith("GET /instead, none, 0 bytes");
  }

  @Test
  void saysThatAServerIsNotThere() throws IOException {
    serve(HttpServer.create());
    String gone = base();
    server.stop(0);

    String answer = ask("GET %s/a HTTP/1.1\r\n\r\n".formatted(gone));

    assertThat(answer).startsWith("HTTP/1.1 502 Bad Gateway\r\n");
    assertThat(proxy.fetches().summary()).contains("- GET " + gone + "/a -> 502\n");
  }

  @Test
  void answersNonsenseWithoutFailing() throws IOException {
    serve(HttpServer.create());

    assertThat(ask("GET nowhere HTTP/1.1\r\n\r\n")).startsWith("HTTP/1.1 400 Bad Request\r\n");
    assertThat(ask("nonsense\r\n\r\n")).isEmpty();
    assertThat(ask("GET %s/a HTTP/1.0\r\n\r\n".formatted(base()))).startsWith("HTTP/1.1 200");
  }

  private void serve(HttpServer made) throws IOException {
    server = made;
    server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          int bytes = exchange.getRequestBody().readAllBytes().length;
          String mine = exchange.getRequestHeaders().getFirst("X-Mine");
          String path = exchange.getRequestURI().getPath();
          byte[] answer =
              "%s %s, %s, %d bytes"
                  .formatted(exchange.getRequestMethod(), path, mine == null ? "none" : mine, bytes)
                  .getBytes(StandardCharsets.UTF_8);
          if (path.equals("/moved")) {
            exchange.getResponseHeaders().add("Location", "/there");
            exchange.sendResponseHeaders(302, -1);
            exchange.close();
            return;
          }
          if (exchange.getRequestMethod().equals("HEAD")) {
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
            return;
          }
          exchange.sendResponseHeaders(200, path.equals("/unsized") ? 0 : answer.length);
          exchange.getResponseBody().write(answer);
          exchange.close();
        });
    server.start();
  }

  private String base() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  private Socket connect() throws IOException {
    return new Socket("127.0.0.1", ((InetSocketAddress) listener.getLocalAddress()).getPort());
  }

  private String ask(String request) throws IOException {
    try (Socket socket = connect()) {
      write(socket, request);
      return text(socket.getInputStream());
    }
  }

  private static void write(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    socket.getOutputStream().flush();
  }

  private static String text(InputStream in) throws IOException {
    return new String(in.readAllBytes(), StandardCharsets.US_ASCII);
  }

  private SSLContext trustingClient() throws Exception {
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    trusted.setCertificateEntry(
        "proxy",
        CertificateFactory.getInstance("X.509")
            .generateCertificate(
                new ByteArrayInputStream(authority.pem().getBytes(StandardCharsets.US_ASCII))));
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(trusted);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, factory.getTrustManagers(), null);
    return context;
  }
}
